"""Reads of drafts, and of how many people an audience holds."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, func, select, text
from sqlalchemy.orm import Session

from portal.policies.models import DraftState, PolicyDraft
from wire import canonical, codec
from wire.policy import Audience, Policy

LISTED = 50


def drafts(session: Session) -> list[PolicyDraft]:
    """The newest drafts, whatever became of them; open ones first."""
    open_first = PolicyDraft.closed_at.is_not(None)
    return list(session.scalars(select(PolicyDraft).order_by(open_first, PolicyDraft.number.desc()).limit(LISTED)))


def draft(session: Session, draft_id: UUID) -> PolicyDraft | None:
    """The draft with this id, as far as the login sees it."""
    return session.get(PolicyDraft, draft_id)


def content(row: PolicyDraft) -> Policy:
    """The policy in a draft."""
    return policy_of(row.content)


def policy_of(text_of_it: str) -> Policy:
    """The policy of canonical text. Raises DocumentError, CanonicalError."""
    return codec.from_value(Policy, canonical.decode(text_of_it.encode()))


def text_of(policy: Policy) -> str:
    """The canonical text of a policy."""
    return canonical.encode(codec.to_value(policy)).decode()


def submitted(session: Session, without: UUID | None = None) -> list[Policy]:
    """The policies that wait for signatures, but not that of the draft `without`."""
    rows = session.scalars(
        select(PolicyDraft).where(PolicyDraft.state == DraftState.SUBMITTED).order_by(PolicyDraft.number)
    )
    return [content(row) for row in rows if row.id != without]


_AXES = tuple(bindparam(name, type_=ARRAY(Text)) for name in ("sites", "departments", "countries"))
_SIZE = select(func.audience_size(*_AXES))
_PLACES = text("SELECT axis, place FROM audience_places()")


def audience_size(session: Session, audience: Audience) -> int:
    """How many people work here now whom the audience holds. For the officer's login."""
    return int(session.execute(_SIZE, _values(audience)).scalar_one())


def _values(audience: Audience) -> dict[str, list[str] | None]:
    axes: Iterable[tuple[str, tuple[str, ...] | None]] = (
        ("sites", audience.sites),
        ("departments", audience.departments),
        ("countries", audience.countries),
    )
    return {name: None if values is None else list(values) for name, values in axes}


def places(session: Session) -> dict[str, list[str]]:
    """Axis → names of places where at least ten people work. For the officer's and the council's logins."""
    found: dict[str, list[str]] = {"sites": [], "departments": [], "countries": []}
    for axis, place in session.execute(_PLACES):
        found[axis].append(place)
    return found
