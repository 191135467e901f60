"""Reads of what is decided and signed. Everything here is the organisation's; no login sees a person through it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.policies.deciding.models import AgreementClause, PolicyDecision, PolicySignature
from portal.policies.deciding.rules import Seats
from portal.policies.models import DraftState, PolicyDraft, PolicyRow, TrustDocument
from portal.policies.queries import read
from portal.signing import bundle
from wire import documents, dsse, succession
from wire.documents import Signer, Trust, TrustedKey
from wire.policy import Policy, widens
from wire.precedence import change

LISTED = 50
_SEATS = text("SELECT mine, held, draft_people(:draft) AS people FROM council_seats()").bindparams(
    bindparam("draft", None, Uuid())
)


@dataclass(frozen=True)
class Signers:
    """`now`: the trust document in force, of no key before the first; `fingerprint`: its own, '' then.

    `ever`: key id → key of officers and councils of every trust document: old policies were signed by old keys.
    """

    now: Trust
    ever: dict[str, TrustedKey]
    fingerprint: str


def waiting_and_over(session: Session) -> tuple[list[PolicyDraft], list[PolicyDraft]]:
    """Drafts that wait for signatures, longest waiting first; those decided or withdrawn, newest first. One query."""
    closed = select(PolicyDraft.id).where(PolicyDraft.closed_at.is_not(None), PolicyDraft.submitted_at.is_not(None))
    newest = closed.order_by(PolicyDraft.closed_at.desc()).limit(LISTED)
    either = or_(PolicyDraft.state == DraftState.SUBMITTED, PolicyDraft.id.in_(newest))
    in_order = (PolicyDraft.closed_at.desc().nulls_first(), PolicyDraft.submitted_at)
    rows = session.scalars(select(PolicyDraft).where(either).order_by(*in_order)).all()
    return [row for row in rows if row.closed_at is None], [row for row in rows if row.closed_at is not None]


def signatures(session: Session, *drafts: UUID) -> dict[UUID, list[PolicySignature]]:
    """Draft → the signatures that arrived, in order."""
    rows = session.scalars(
        select(PolicySignature).where(PolicySignature.draft_id.in_(drafts)).order_by(PolicySignature.signed_at)
    )
    found: dict[UUID, list[PolicySignature]] = {draft: [] for draft in drafts}
    for row in rows:
        found[row.draft_id].append(row)
    return found


def decisions(session: Session, *drafts: UUID) -> list[PolicyDecision]:
    """The decisions about these drafts, oldest first; all of them where none is named."""
    found = select(PolicyDecision).order_by(PolicyDecision.decided_at, PolicyDecision.id)
    return list(session.scalars(found.where(PolicyDecision.draft_id.in_(drafts)) if drafts else found))


def decided(session: Session, *drafts: UUID) -> tuple[list[PolicyDecision], dict[str, PolicyDecision]]:
    """The decisions about these drafts, oldest first, and by site the newest of its own works council: one query."""
    of_a_site = select(PolicyDecision.id).where(PolicyDecision.council != "").ext(distinct_on(PolicyDecision.council))
    newest = of_a_site.order_by(PolicyDecision.council, PolicyDecision.decided_at.desc(), PolicyDecision.id.desc())
    either = or_(PolicyDecision.draft_id.in_(drafts), PolicyDecision.id.in_(newest))
    found = select(PolicyDecision).where(either).order_by(PolicyDecision.decided_at, PolicyDecision.id)
    rows = list(session.scalars(found))
    return [row for row in rows if row.draft_id in drafts], of_sites(rows)


def of_sites(oldest_first: Iterable[PolicyDecision]) -> dict[str, PolicyDecision]:
    """Site → the last of these decisions of its own works council."""
    return {row.council: row for row in oldest_first if row.council}


def of_version(session: Session, version: int) -> list[PolicyDecision]:
    """The decisions about drafts of this version, oldest first."""
    found = select(PolicyDecision).where(PolicyDecision.version == version)
    return list(session.scalars(found.order_by(PolicyDecision.decided_at, PolicyDecision.id)))


def clauses(session: Session) -> list[AgreementClause]:
    """The clauses in force, by number."""
    found = select(AgreementClause).where(AgreementClause.ended_at.is_(None))
    return list(session.scalars(found.order_by(AgreementClause.number, AgreementClause.id)))


def clause(session: Session, clause_id: UUID) -> AgreementClause | None:
    """A clause in force."""
    found = select(AgreementClause).where(AgreementClause.id == clause_id, AgreementClause.ended_at.is_(None))
    return session.scalars(found).one_or_none()


def seats(session: Session, draft: UUID | None = None) -> tuple[Seats, int | None]:
    """On which councils the person sits for whom the council's login acts, and on which anybody does.

    And how many people a submitted draft touches, in whole tens; None for fewer.
    """
    row = session.execute(_SEATS, {"draft": draft}).one()
    return Seats(frozenset(row.mine), frozenset(row.held)), row.people


def newest_version(session: Session) -> int:
    """The highest version that was published; 0 before the first."""
    return session.scalars(select(func.max(PolicyRow.version))).one() or 0


def draft(session: Session, number: int) -> PolicyDraft | None:
    """The draft with this number, once it was submitted."""
    found = select(PolicyDraft).where(PolicyDraft.number == number, PolicyDraft.submitted_at.is_not(None))
    return session.scalars(found).one_or_none()


def linked(session: Session, row: PolicyDraft) -> dict[str, PolicyDraft | None]:
    """The draft whose `conditions` this one has to answer, and the one that `answers` its own; None for none seen."""
    if row.answers_id is None and row.state is not DraftState.CONDITIONS:
        return {"conditions": None, "answers": None}
    found = select(PolicyDraft).where(or_(PolicyDraft.id == row.answers_id, PolicyDraft.answers_id == row.id))
    known = {"conditions" if one.id == row.answers_id else "answers": one for one in session.scalars(found)}
    return {name: known.get(name) for name in ("conditions", "answers")}


def envelope_of_version(session: Session, version: int) -> str | None:
    """The signed policy with this version."""
    return session.scalars(select(PolicyRow.envelope).where(PolicyRow.version == version)).one_or_none()


def to_sign(session: Session, content: str, trust: str, replaces: str | None = None) -> str:
    """The file from which a policy is signed: with all that it is compared with, and what that is a part of.

    `trust`: envelope of the trust document. `replaces`: hash of the policy that it was drafted against, '' for none;
    None: the one that it replaces.
    """
    rows = {read(row): row for row in session.scalars(select(PolicyRow).order_by(PolicyRow.version))}
    new = documents.read(Policy, content.encode())
    step = change(rows, new)
    if replaces is not None:
        step = step._replace(old=next((one for one, row in rows.items() if row.hash == replaces), None))
    old = rows[step.old].envelope if step.old else None
    known = documents.read(Trust, dsse.payload_of(trust.encode()))
    bases = (row.envelope for one, row in rows.items() if step.old and _is_base(one, row, step.old, known))
    later = {"bases": [*bases][-1:], "beside": [rows[one].envelope for one in step.beside]}
    return bundle.written(Policy.TYPE, content.encode(), old, trust, **later)


def _is_base(one: Policy, row: PolicyRow, old: Policy, trust: Trust) -> bool:
    """Whether a council signed it, and the old one, which the officer alone may have signed, is a part of it."""
    signers = dsse.signers_of(row.envelope.encode())
    agreed = signers & trust.keys_of(Signer.COUNCIL).keys() and signers <= succession.holders(trust).keys()
    return bool(agreed) and one.version < old.version and not widens(one, old)


def signers(session: Session) -> Signers:
    """Who may sign, and who ever might: one read of every trust document there was."""
    now, ever, fingerprint = Trust(0, 0, ()), dict[str, TrustedKey](), ""
    for row in session.scalars(select(TrustDocument).order_by(TrustDocument.version)):
        now, fingerprint = documents.read(Trust, dsse.payload_of(row.envelope.encode())), row.fingerprint
        holders = succession.holders(now).values()
        ever |= {dsse.key_id(key.public_key): key for key in now.keys if key.public_key in holders}
    return Signers(now, ever, fingerprint)
