"""Reads of the officer's login: what the worker saw, and what it can see for itself."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from sqlalchemy import and_, exists, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, load_only

from portal.core.clock import from_ms, to_ms
from portal.deletion.claims import OPEN
from portal.deletion.models import RetentionStep
from portal.identity.models import Installation
from portal.petitions.models import Petition
from portal.policies.deciding.models import PolicySignature
from portal.policies.drafts.rules import SOON, unfollowed
from portal.policies.models import DraftState, PolicyDraft
from portal.policies.queries import every_policy, trusted
from portal.reconciliation.settling.queries import waiting
from portal.signing import build
from portal.watch.looking import ENDED, amiss
from portal.watch.models import Watch
from portal.watch.rules import Look, Seen, Watched
from wire.documents import Kind, Signer

MOST_INCIDENTS: Final = 100_000
"""As many of the newest are counted: those that wait come first."""
_RAISED_AND_STOPPED = text(
    "SELECT 'incidents' AS name, count(*) AS found, min(raised_at) AS since FROM incidents_raised(:most, 0) "
    "WHERE answered_at IS NULL AND withdrawn_at IS NULL UNION ALL "
    "SELECT 'stops', coalesce(sum(e.unreached), 0)::bigint, min(s.asked_at) FILTER (WHERE e.unreached > 0) "
    "FROM stop s CROSS JOIN LATERAL stop_effect(s.id) e WHERE s.resumed_at IS NULL"
).bindparams(most=MOST_INCIDENTS)
"""Two in one question: the officer's first page has twelve."""


def looks(session: Session, now: datetime) -> dict[Watched, Look]:
    """Everything that is watched."""
    both = {name: Seen(found, since) for name, found, since in session.execute(_RAISED_AND_STOPPED)}
    live = {
        Watched.INCIDENTS: both["incidents"],
        Watched.MISMATCHES: mismatches(session),
        Watched.STOPS: both["stops"],
        Watched.SIGNING_FILE: signing_file(session),
        Watched.PETITIONS: petitions(session, now),
        Watched.DRAFTS: drafts(session),
        Watched.ENDING: ending(session, now),
    }
    kept = {row.name: Look(Seen(row.found, row.since), row.looked_at) for row in session.scalars(select(Watch))}
    return kept | {name: Look(seen, now) for name, seen in live.items()}


def mismatches(session: Session) -> Seen:
    """Mismatches of the daily check that nobody has answered, or whose answer somebody disputed, however old."""
    count, first = waiting(session)
    return Seen(count, _begin(first))


def signing_file(session: Session) -> Seen:
    """Whether the signing file that this process offers is another one than the trust document in force names."""
    known = trusted(session)
    return Seen(int(known is not None and known.signing_file not in {None, build.sha256()}))


def petitions(session: Session, now: datetime) -> Seen:
    """Petitions that the employer should have answered by now."""
    owed = and_(Petition.ended_on.is_(None), Petition.employer_on.is_not(None), Petition.answered_on.is_(None))
    found = select(func.count(), func.min(Petition.answer_due)).where(owed, Petition.answer_due < now.date())
    count, first = session.execute(found).one()
    return Seen(count, _begin(first))


def drafts(session: Session) -> Seen:
    """Submitted drafts without the officer's signature."""
    signed = exists().where(PolicySignature.draft_id == PolicyDraft.id, PolicySignature.signer == Signer.OFFICER)
    found = select(func.count(), func.min(PolicyDraft.submitted_at))
    return _seen(session, found.where(PolicyDraft.state == DraftState.SUBMITTED, ~signed))


def ending(session: Session, now: datetime) -> Seen:
    """Policies that ended lately or end soon, and that no newer one for the same people follows."""
    found = unfollowed(every_policy(session), to_ms(now))
    return Seen(len(found), min((from_ms(one.expires) - SOON for one in found), default=None))


@dataclass(frozen=True)
class Aged:
    """Deleting by age, for one kind: the last step that ended, since when one fails, since when that is amiss."""

    kind: Kind
    last: RetentionStep | None
    pending: datetime | None
    amiss: datetime | None


_ENDED = load_only(
    *(RetentionStep.until, RetentionStep.state, RetentionStep.told, RetentionStep.remaining),
    *(RetentionStep.physical_on, RetentionStep.read_back_at, RetentionStep.entry_id, RetentionStep.kind),
)


def aged(session: Session, now: datetime) -> list[Aged]:
    """Every kind. What holds and freezes keep, and numbers of few people, the officer's login cannot read."""
    newest = select(RetentionStep).options(_ENDED).where(RetentionStep.state.in_(ENDED))
    steps = session.scalars(
        newest.ext(distinct_on(RetentionStep.kind)).order_by(RetentionStep.kind, RetentionStep.until.desc())
    )
    last = {step.kind: step for step in steps}
    fails = select(RetentionStep.kind, RetentionStep.pending_since).where(RetentionStep.state.in_(OPEN))
    pending = {row.kind: row.pending_since for row in session.execute(fails)}
    begun = session.scalars(select(Installation.created_at)).one()
    return [Aged(kind, last.get(kind), pending.get(kind), amiss(last.get(kind), begun, now)) for kind in Kind]


def _begin(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


def _seen(session: Session, statement: Any) -> Seen:
    found, since = session.execute(statement).one()
    return Seen(int(found), since if found else None)
