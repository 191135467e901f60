"""The worker publishes once a month how many people of each grade are exempt: each day would tell of newcomers."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.core.clock import to_ms
from portal.policies.exemptions import queries, rules
from portal.policies.exemptions.models import Exemption
from portal.policies.queries import every_policy


def exemption_counter(smallest_group: Callable[[Session, date], int]) -> Callable[[Session, datetime], bool]:
    """The job; `smallest_group`: how many people stand behind a number of that day at least."""

    def count_exemptions(session: Session, now: datetime) -> bool:
        """Publish this month's numbers, unless they are there."""
        month = now.date().replace(day=1)
        if queries.published(session, month):
            return False
        k = smallest_group(session, month)
        counts = rules.counted(queries.groups(session), every_policy(session), to_ms(now))
        rows = [
            {"month": month, "grade": one.grade, "people": one.people, "exempt": one.exempt, "k": k}
            for one in rules.publishable(counts, k)
        ]
        if rows:
            session.execute(insert(Exemption).values(rows).on_conflict_do_nothing())
        return False

    return count_exemptions
