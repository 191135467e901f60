"""Reads of signed policies. What is read here was signed by officer and council; agents check that themselves."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.core.clock import from_ms, to_ms
from portal.core.db import lock
from portal.identity.models import Employee
from portal.notifications.models import Notification
from portal.policies import rules
from portal.policies.models import PolicyRow, TrustDocument
from portal.policies.rules import MOVE_NOTICE_MS, Move, Workplace
from wire import documents, dsse
from wire.documents import Trust
from wire.policy import Policy

PUBLISHING: Final = "policy published"
"""Of two that publish at one moment the second sees what the first did. Taken before TRUST_TURN, never after it."""
TRUST_TURN: Final = UUID("b0a0c1de-3f0b-4e0d-8f3e-6a5f0c9e7d21")
"""Who publishes a trust document takes turns with who has to know that none comes before they are done."""

DEFAULT_WINDOW = timedelta(hours=24)
KEPT: Final = 256
"""Policies kept read: each is the organisation's, never a person's, and its text is all it depends on."""

_MINE = (
    select(PolicyRow, Employee.site, Employee.department, Employee.country)
    .join(Employee, Employee.id == bindparam("person"))
    .order_by(PolicyRow.version)
)


_MOVES = (
    select(Notification.params["from"], Notification.created_at)
    .where(Notification.employee_id == bindparam("person"), Notification.kind == "moved")
    .where(Notification.params.has_key("from"), Notification.created_at > bindparam("since"))
    .order_by(Notification.created_at)
)


@dataclass(frozen=True)
class Offered:
    """A published policy as portal.policies.rules takes it."""

    policy: Policy
    hash: str
    reached: int


@dataclass(frozen=True)
class Policies:
    """Every published policy, oldest first, as one person meets them."""

    rows: tuple[PolicyRow, ...]
    all: tuple[Policy, ...]
    workplace: Workplace
    person: UUID
    moves: tuple[Move, ...] = ()

    def in_force(self, now: datetime) -> Policy | None:
        """The policy for this person at `now`: see portal.policies.rules."""
        found = rules.holding(self._offered(), self.workplace, self.moves, self.person, to_ms(now))
        return found.policy if found else None

    def after_move(self, now: datetime) -> tuple[Policy, datetime] | None:
        """The wider policy of the place to which they moved, which waits, and until when; None where none waits."""
        found, moment = rules.in_force(self._offered(), self.workplace, self.person, to_ms(now)), to_ms(now)
        ends = [move.until for move in self.moves if move.until > moment]
        waits = found is not None and found.policy != self.in_force(now)
        return (found.policy, from_ms(max(ends))) if found and waits and ends else None

    def held_back(self, now: datetime) -> int | None:
        """The version that holds for others at `now`, but has not reached this person."""
        everywhere = [replace(one, reached=rules.ALL) for one in self._offered()]
        mine, theirs = self.in_force(now), rules.in_force(everywhere, self.workplace, self.person, to_ms(now))
        return None if theirs is None or theirs.policy == mine else theirs.policy.version

    def _offered(self) -> list[Offered]:
        return [Offered(one, row.hash, row.reached) for row, one in zip(self.rows, self.all, strict=True)]

    def labels(self) -> dict[str, str]:
        """Context id → name; the newest name wins."""
        return {context.id: context.name for policy in self.all for context in policy.contexts}

    def version(self, version: int) -> Policy | None:
        """The policy with this version."""
        return next((policy for policy in self.all if policy.version == version), None)

    def self_service_since(self, now: datetime) -> datetime:
        """The start of the stretch that the person may delete from without asking anybody."""
        policy = self.in_force(now)
        return now - (timedelta(hours=policy.self_service_hours) if policy else DEFAULT_WINDOW)


def policies(session: Session, person: UUID) -> Policies:
    """All policies with the person's workplace: one query, kept for the length of the transaction."""
    known = session.info.get("policies")
    if not isinstance(known, Policies):
        found = session.execute(_MINE, {"person": person}).all()
        rows = tuple(row[0] for row in found)
        place = Workplace(*found[0][1:]) if found else Workplace(None, None, None)
        known = session.info["policies"] = Policies(rows, tuple(read(row) for row in rows), place, person)
    return known


def own_policies(session: Session, person: UUID, now: datetime) -> Policies:
    """The same as the person meets them who moved lately: see rules.holding. For the person's own login."""
    since = now - timedelta(milliseconds=MOVE_NOTICE_MS)
    told = session.execute(_MOVES, {"person": person, "since": since}).all()
    moves = tuple(Move(Workplace(*place), to_ms(at) + MOVE_NOTICE_MS) for place, at in told)
    return replace(policies(session, person), moves=moves)


def every_policy(session: Session) -> tuple[Policy, ...]:
    """Every published policy, oldest version first, also those that are over."""
    return tuple(read(row) for row in session.scalars(select(PolicyRow).order_by(PolicyRow.version)))


def read(row: PolicyRow) -> Policy:
    """The policy in a row, without checking its signatures."""
    return opened(row.envelope)


@lru_cache(KEPT)
def opened(envelope: str) -> Policy:
    """The policy in an envelope of ours, without checking its signatures."""
    return documents.read(Policy, dsse.payload_of(envelope.encode()))


def trust(session: Session, *, hold: bool = False) -> TrustDocument | None:
    """The newest trust document. `hold`: no other one comes until this transaction ends."""
    if hold:
        lock(session, TRUST_TURN)
    return session.scalars(select(TrustDocument).order_by(TrustDocument.version.desc()).limit(1)).one_or_none()


def trusted(session: Session, *, hold: bool = False) -> Trust | None:
    """Which keys may sign what, as that document says."""
    row = trust(session, hold=hold)
    return None if row is None else documents.read(Trust, dsse.payload_of(row.envelope.encode()))
