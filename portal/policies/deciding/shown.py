"""Drafts that wait for a decision, as the templates take them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.core.clock import from_ms
from portal.policies.deciding import rules, words
from portal.policies.deciding.models import AgreementClause, PolicyDecision, PolicySignature
from portal.policies.deciding.queries import Signers
from portal.policies.drafts.queries import policy_of
from portal.policies.models import DraftState, PolicyDraft
from portal.policies.rules import AT_ONCE, Gate, written
from wire import difference, documents, dsse
from wire.difference import Line
from wire.documents import TrustedKey
from wire.policy import Policy, widens

SHORT = 16


@dataclass(frozen=True)
class Change:
    """One thing that differs: effect more, less or same."""

    effect: str
    text: str


@dataclass(frozen=True)
class Signed:
    """A signature that arrived."""

    by: str
    key: str
    at: datetime


@dataclass(frozen=True)
class Draft:
    """One draft on its page. `missing`: role → how many signatures are still needed; `until`: last moment to sign.

    `site`: whose own council decides, '' for the central one.
    `rings`: in which steps it goes out, in percent of the people; '' for everybody at once.
    """

    number: int
    title: str
    version: int
    replaces: int | None
    state: DraftState
    wider: bool
    changes: list[Change]
    hash: str
    begins: datetime
    ends: datetime
    submitted: datetime
    closed: datetime | None
    signed: list[Signed]
    missing: dict[str, int]
    site: str
    until: datetime
    late: bool
    overtaken: bool
    rings: str
    gate: Gate


def changes(lines: tuple[Line, ...], language: str) -> list[Change]:
    """Lines of a difference in words."""
    return [Change(line.effect.value, difference.text(line, language)) for line in lines]


@dataclass(frozen=True)
class Known:
    """What a page of drafts is drawn from."""

    published: tuple[Policy, ...]
    now: datetime
    signers: Signers
    notice: timedelta
    language: str


def draft(row: PolicyDraft, signatures: list[PolicySignature], known: Known) -> Draft:
    """A submitted draft, compared anew with the policy that it names."""
    policy = policy_of(row.content)
    old = next((one for one in known.published if one.version == row.replaces_version), None)
    needed = rules.needed(old, policy, known.signers.now)
    missing = needed.missing(known.signers.now, [one.key_id for one in signatures])
    until = from_ms(rules.latest_signing(old, policy, known.notice))
    newest = max((one.version for one in known.published), default=0)
    waits = row.state is DraftState.SUBMITTED
    return Draft(
        number=row.number,
        title=row.title,
        version=policy.version,
        replaces=row.replaces_version,
        state=row.state,
        wider=widens(old, policy),
        changes=changes(difference.lines(old, policy), known.language),
        hash=documents.document_hash(policy),
        begins=from_ms(policy.not_before),
        ends=from_ms(policy.expires),
        submitted=row.submitted_at or row.created_at,
        closed=row.closed_at,
        signed=[Signed(_by(one, known.signers), one.key_id[:SHORT], one.signed_at) for one in signatures],
        missing={signer.value: count for signer, count in missing.items()},
        site=needed.site or "",
        until=until,
        late=waits and until <= known.now,
        overtaken=waits and policy.version <= newest,
        rings="" if tuple(row.rings) == AT_ONCE else written(row.rings),
        gate=Gate(row.most_failed, row.least_applied),
    )


def covered(policy: Policy, clauses: list[AgreementClause], language: str) -> list[dict[str, Any]]:
    """Each rule of the policy with the clauses of the works agreement that cover it; none is flagged by the page."""
    return [
        {
            "kind": rule.kind.value,
            "clauses": [
                (clause.number, clause.text_de if language == "de" else clause.text_en)
                for clause in clauses
                if rule.kind.value in clause.kinds
            ],
        }
        for rule in policy.rules
    ]


def _by(row: PolicySignature | PolicyDecision, signers: Signers) -> str:
    key = signers.ever.get(row.key_id or "")
    return words.whose(row.signer, key.site if key else None)


def decisions(rows: list[PolicyDecision], signers: Signers) -> list[dict[str, Any]]:
    """Decisions in words."""
    return [
        {
            "by": _by(row, signers),
            "outcome": str(words.OUTCOMES[row.outcome]),
            "kind": row.outcome.value,
            "version": row.version,
            "title": row.title,
            "key": row.key_id[:SHORT] if row.key_id else "",
            "reasons": row.reasons,
            "minutes": row.minutes,
            "at": row.decided_at,
        }
        for row in rows
    ]


def signed_by(envelope: bytes, keys: dict[str, TrustedKey]) -> list[tuple[str, str]]:
    """For whom each key signed, and its id, checked; old policies by the keys of their time. Empty when it is wrong."""
    try:
        found = dsse.verify(envelope, Policy.TYPE, {name: key.public_key for name, key in keys.items()}).signers
    except dsse.SignatureError:
        return []
    order = list(words.SIGNERS)
    said = sorted((order.index(keys[name].signer), keys[name].site or "", name) for name in found)
    return [(words.whose(keys[name].signer, keys[name].site), name[:SHORT]) for *_, name in said]
