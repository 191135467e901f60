"""What becomes of policies by themselves: people are told of one that is over and that none of its own follows."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Text, bindparam, select, text
from sqlalchemy.orm import Session

from portal.core.clock import to_ms
from portal.identity.models import Employee
from portal.policies.models import PolicyRow
from portal.policies.queries import Offered, read
from portal.policies.rules import Workplace, in_force

LATEST: Final = timedelta(days=1)
"""So long after its end it is still told: a worker that was down is up again by then."""


_TELL: Final = text(
    "INSERT INTO notification (id, employee_id, kind, reference, params) "
    "SELECT gen_random_uuid(), id, 'policy_ended', :reference, "
    "jsonb_build_object('version', CAST(:version AS bigint), 'follows', CAST(:follows AS bigint)) FROM employee "
    "WHERE left_at IS NULL AND site IS NOT DISTINCT FROM :site AND department IS NOT DISTINCT FROM :department "
    "AND country IS NOT DISTINCT FROM :country ON CONFLICT DO NOTHING"
).bindparams(*(bindparam(name, type_=Text) for name in ("site", "department", "country")))


def tell_ended(session: Session, now: datetime) -> None:
    """Tell everybody whose policy has ended with nothing published in its place, and which one holds for them now."""
    over = (PolicyRow.expires_at <= now, PolicyRow.expires_at > now - LATEST)
    ended = session.scalars(select(PolicyRow).where(*over).order_by(PolicyRow.version)).all()
    if not ended:
        return
    known = [Offered(read(row), row.hash, row.reached) for row in session.scalars(select(PolicyRow))]
    where = (Employee.site, Employee.department, Employee.country)
    places = session.execute(select(*where).where(Employee.left_at.is_(None)).distinct()).all()
    for row in ended:
        for place in places:
            workplace = Workplace(*place)
            before = in_force(known, workplace, None, to_ms(row.expires_at) - 1)
            after = in_force(known, workplace, None, to_ms(now))
            announced = after is not None and after.policy.not_before >= to_ms(row.expires_at)
            if before is not None and before.hash == row.hash and not announced:
                _tell(session, row, place, after.policy.version if after else None)


def _tell(session: Session, row: PolicyRow, place: tuple[str | None, ...], follows: int | None) -> None:
    told = {"reference": f"policy_ended:{row.version}", "version": row.version, "follows": follows}
    session.execute(_TELL, told | dict(zip(("site", "department", "country"), place, strict=True)))
