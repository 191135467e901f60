"""Sign, reject, ask for conditions, as web_officer or web_council. Never commits.

The last signature needed publishes, in the same transaction, and tells everybody whom the policy is for.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.core.clock import from_ms, to_ms
from portal.core.db import lock
from portal.core.notify import notify
from portal.policies.deciding import queries, rules
from portal.policies.deciding.models import AgreementClause, Outcome, PolicyDecision, PolicySignature
from portal.policies.deciding.rules import RefusedError, Why
from portal.policies.drafts.queries import policy_of, text_of
from portal.policies.drafts.rules import whole_minutes
from portal.policies.models import DraftState, PolicyDraft, PolicyRow
from portal.policies.queries import PUBLISHING, every_policy, read, trusted
from portal.policies.rollouts import actions as rollouts
from portal.policies.rules import ALL, AT_ONCE, Gate
from wire import codec, councils, difference, documents, dsse, succession
from wire.documents import Signer, Trust
from wire.policy import Policy, accept
from wire.precedence import AXES, Change, change, closer, until

LONGEST = 8000
ROLES = {Signer.OFFICER: "privacy_officer", Signer.COUNCIL: "works_council"}


@dataclass(frozen=True)
class Hand:
    """Who acts, as which of the two, when. `notice`: see rules."""

    by: UUID
    role: Signer
    now: datetime
    notice: timedelta = timedelta()


def sign(session: Session, hand: Hand, draft_id: UUID, envelope: bytes, minutes: str = "") -> bool:
    """Take a signature made on the signer's own disk; whether the policy is published with it. Raises RefusedError."""
    draft = _open_draft(session, draft_id)
    published, policy = every_policy(session), policy_of(draft.content)
    keys = _trust(session)
    site = councils.deciding(keys, policy.audience.sites)
    mine = rules.checked(envelope.strip(), draft.content, keys, hand.role, site)
    before = queries.signatures(session, draft_id)[draft_id]
    if mine <= {row.key_id for row in before}:
        raise RefusedError(Why.SIGNED_BEFORE)
    step = _change(session, published, policy)
    rules.timely(step, to_ms(hand.now), hand.notice)
    for key in sorted(mine - {row.key_id for row in before}):
        _keep(session, hand, draft, policy, (key, dsse.only(envelope.strip(), {key}).decode(), minutes[:LONGEST]))
    # A key that was taken away meanwhile signs no more.
    holders = succession.holders(keys)
    rows = [row for row in queries.signatures(session, draft_id)[draft_id] if row.key_id in holders]
    if not rules.needed(step, keys).met(keys, [row.key_id for row in rows]):
        return False
    signed = councils.gathered(keys, policy.audience.sites, [row.envelope.encode() for row in rows])
    _publish(session, hand, draft, step, signed)
    rollouts.overtake(session, published, policy)
    return True


def reject(session: Session, hand: Hand, draft_id: UUID, reasons: str, minutes: str) -> None:
    """Close the draft without a policy, with the reasons that everybody reads. Raises RefusedError."""
    draft = _open_draft(session, draft_id)
    _speaks(session, hand, draft)
    _decide(session, hand, draft, Outcome.REJECTED, reasons, minutes)
    _close(session, hand, draft, DraftState.REJECTED)


def ask_for_conditions(session: Session, hand: Hand, draft_id: UUID, conditions: str, minutes: str) -> UUID:
    """Approve with conditions: the draft is over, unpublished; a new one of the officer has its content. Its id."""
    draft = _open_draft(session, draft_id)
    _speaks(session, hand, draft)
    _decide(session, hand, draft, Outcome.CONDITIONS, conditions, minutes)
    _close(session, hand, draft, DraftState.CONDITIONS)
    content = text_of(whole_minutes(policy_of(draft.content)))
    statement = select(func.policy_draft_follow(draft_id, uuid4(), content))
    return UUID(str(session.execute(statement).scalar_one()))


def add_clause(session: Session, hand: Hand, number: str, words: tuple[str, str], kinds: list[str]) -> UUID:
    """A clause of the works agreement (text in English and German) with the kinds it covers."""
    clause = AgreementClause(id=uuid4(), number=number, text_en=words[0], text_de=words[1], kinds=kinds)
    session.add(clause)
    session.flush()
    record(session, "agreement_clause.added", actor=hand.by, employee=hand.by, role=ROLES[hand.role], about=clause.id)
    return clause.id


def end_clause(session: Session, hand: Hand, clause: AgreementClause) -> None:
    """The clause counts no more."""
    clause.ended_at = hand.now
    session.flush()
    record(session, "agreement_clause.ended", actor=hand.by, employee=hand.by, role=ROLES[hand.role], about=clause.id)


def _open_draft(session: Session, draft_id: UUID) -> PolicyDraft:
    """The submitted draft, held until the end of the transaction. LookupError where the login sees none."""
    lock(session, PUBLISHING)
    draft = session.get(PolicyDraft, draft_id, populate_existing=True)
    if draft is None:
        raise LookupError
    if draft.state is not DraftState.SUBMITTED:
        raise RefusedError(Why.NOT_OPEN)
    return draft


def _speaks(session: Session, hand: Hand, draft: PolicyDraft) -> None:
    """Refused where another works council than the member's decides about the draft; so does the database."""
    trust = trusted(session, hold=True) or Trust(0, 0, ())
    site = councils.deciding(trust, policy_of(draft.content).audience.sites)
    if hand.role is Signer.COUNCIL and not queries.seats(session)[0].speak(site):
        raise RefusedError(Why.OTHER_SEAT)


def _trust(session: Session) -> Trust:
    """The keys that count, until this transaction ends: no trust document comes between the check and the policy."""
    known = trusted(session, hold=True)
    if known is None:
        raise RefusedError(Why.NO_TRUST)
    return known


def _change(session: Session, published: tuple[Policy, ...], policy: Policy) -> Change:
    """What the policy changes. Refused where that is not what its signers were shown, or a newer one is out."""
    step = change(published, policy)
    if policy.version <= queries.newest_version(session) or policy.difference != difference.digest(*step):
        raise RefusedError(Why.OVERTAKEN)
    return step


def _keep(session: Session, hand: Hand, draft: PolicyDraft, policy: Policy, signed: tuple[str, str, str]) -> None:
    key, envelope, minutes = signed
    session.execute(
        insert(PolicySignature).values(
            id=uuid4(), draft_id=draft.id, signer=hand.role, key_id=key, envelope=envelope, signed_at=hand.now
        )
    )
    _write(session, hand, draft, policy.version, (Outcome.APPROVED, "", minutes, key))
    _log(session, hand, "policy_draft.signed", draft, key=key, version=policy.version)


def _publish(session: Session, hand: Hand, draft: PolicyDraft, step: Change, envelope: bytes) -> None:
    """Keep the policy as devices that obey the old one will accept it when it begins; tell people and gateways."""
    policy = step.new
    begins = max(to_ms(hand.now), policy.not_before)
    try:
        accept(envelope, _trust(session), step.old, begins)
    except (dsse.SignatureError, codec.DocumentError) as error:
        raise RefusedError(Why.WRONG_SIGNATURE) from error
    row: dict[str, Any] = {
        "id": uuid4(),
        "version": policy.version,
        "hash": documents.document_hash(policy),
        "envelope": envelope.decode(),
        "not_before": from_ms(policy.not_before),
        "expires_at": from_ms(policy.expires),
    }
    session.execute(insert(PolicyRow).inline().values(row))
    if tuple(draft.rings) != AT_ONCE and step.wider:
        rollouts.begin(session, row["id"], draft.rings, Gate(draft.most_failed, draft.least_applied))
    _close(session, hand, draft, DraftState.PUBLISHED)
    _tell(session, step, row["id"])
    _log(session, hand, "policy.published", draft, version=policy.version, policy=row["hash"])
    notify(session, "policy", row["id"])


def _tell(session: Session, step: Change, policy_id: UUID) -> None:
    """Tell whom it is for. Who has a closer policy is told of more, and from when that one is over: see policy_tell."""
    new = step.new
    reached = select(PolicyRow).where(PolicyRow.reached >= ALL, PolicyRow.version < new.version)
    known = [read(row) for row in session.scalars(reached)]
    others = []
    for one in closer(known, new):
        ends = until(one, known)
        begins = from_ms(ends).isoformat() if step.wider and ends < new.expires else None
        others.append({axis: getattr(one.audience, axis) for axis in AXES} | {"begins": begins})
    tell = text("SELECT policy_tell(:policy, :wider, :sites, :departments, :countries, CAST(:others AS jsonb))")
    places = {axis: _list(getattr(new.audience, axis)) for axis in AXES}
    session.execute(tell, {"policy": policy_id, "wider": step.wider, "others": json.dumps(others)} | places)


def _list(axis: tuple[str, ...] | None) -> list[str] | None:
    return None if axis is None else list(axis)


def _decide(session: Session, hand: Hand, draft: PolicyDraft, outcome: Outcome, reasons: str, minutes: str) -> None:
    if not reasons.strip():
        raise RefusedError(Why.NO_REASONS)
    version = policy_of(draft.content).version
    _write(session, hand, draft, version, (outcome, reasons.strip()[:LONGEST], minutes.strip()[:LONGEST], None))


def _write(
    session: Session, hand: Hand, draft: PolicyDraft, version: int, said: tuple[Outcome, str, str, str | None]
) -> None:
    outcome, reasons, minutes, key = said
    session.execute(
        insert(PolicyDecision).values(
            id=uuid4(),
            draft_id=draft.id,
            version=version,
            title=draft.title,
            signer=hand.role,
            outcome=outcome,
            key_id=key,
            reasons=reasons,
            minutes=minutes,
            decided_at=hand.now,
        )
    )


def _close(session: Session, hand: Hand, draft: PolicyDraft, state: DraftState) -> None:
    session.execute(
        update(PolicyDraft)
        .where(PolicyDraft.id == draft.id, PolicyDraft.state == DraftState.SUBMITTED)
        .values(state=state, closed_at=hand.now, changed_at=hand.now)
        .execution_options(synchronize_session=False)
    )
    session.expire(draft)
    if state is not DraftState.PUBLISHED:
        _log(session, hand, f"policy_draft.{state.value}", draft)


def _log(session: Session, hand: Hand, action: str, draft: PolicyDraft, **detail: object) -> None:
    record(session, action, actor=hand.by, employee=hand.by, role=ROLES[hand.role], about=draft.id, **detail)
