"""Drafts that wait for a decision, as the templates take them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from portal.core.clock import from_ms
from portal.policies.deciding import rules, words
from portal.policies.deciding.beyond import beyond
from portal.policies.deciding.models import AgreementClause, Outcome, PolicyDecision, PolicySignature
from portal.policies.deciding.queries import Signers
from portal.policies.deciding.rules import Seats
from portal.policies.drafts.queries import policy_of
from portal.policies.drafts.rules import begins_at_once
from portal.policies.models import DraftState, PolicyDraft
from portal.policies.rules import AT_ONCE, Gate, written
from portal.policies.shown import moments, whole
from portal.signing import build
from wire import difference, documents, dsse
from wire.difference import Line
from wire.documents import TrustedKey
from wire.policy import Policy
from wire.precedence import change

SHORT = 16


@dataclass(frozen=True)
class Change:
    """One thing that differs: effect more, less or same. Beside its text, which is signed: see policies.shown."""

    effect: str
    text: str
    moments: list[datetime] = field(default_factory=list)
    whole: bool = False


@dataclass(frozen=True)
class Signed:
    """A signature that arrived."""

    by: str
    key: str
    at: datetime


@dataclass(frozen=True)
class Unpermitted:
    """What policy `version` permits at a site beyond what its own council has. `decided`: see decisions, or none.

    `own`: the site's own policy; `until`, `first`: see beyond.Beyond; `more`: sentences.
    """

    version: int
    site: str
    decided: dict[str, Any] | None
    own: int | None
    until: datetime | None
    first: bool
    more: list[str]


@dataclass(frozen=True)
class Draft:
    """One draft on its page. `missing`: role → how many signatures are still needed; `until`: last moment to sign.

    `at_once`: it begins with the last signature, not on a date of its own.
    `site`: whose own council decides, '' for the central one; `mine`: whether who reads it speaks for that council.
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
    at_once: bool
    ends: datetime
    submitted: datetime
    closed: datetime | None
    signed: list[Signed]
    missing: dict[str, int]
    site: str
    mine: bool
    until: datetime
    late: bool
    overtaken: bool
    rings: str
    gate: Gate
    unpermitted: list[Unpermitted]


def changes(lines: tuple[Line, ...], language: str) -> list[Change]:
    """Lines of a difference in words."""
    return [Change(line.effect.value, difference.text(line, language), moments(line), whole(line)) for line in lines]


@dataclass(frozen=True)
class Known:
    """What a page of drafts is drawn from."""

    published: tuple[Policy, ...]
    now: datetime
    signers: Signers
    notice: timedelta
    language: str
    seats: Seats = field(default_factory=Seats)
    of_sites: Mapping[str, PolicyDecision] = field(default_factory=dict)


def draft(row: PolicyDraft, signatures: list[PolicySignature], known: Known) -> Draft:
    """A submitted draft, compared anew with the policy that it names."""
    policy = policy_of(row.content)
    old = next((one for one in known.published if one.version == row.replaces_version), None)
    step = change(known.published, policy)._replace(old=old)
    needed = rules.needed(step, known.signers.now)
    missing = needed.missing(known.signers.now, [one.key_id for one in signatures])
    until = from_ms(rules.latest_signing(step, known.notice))
    newest = max((one.version for one in known.published), default=0)
    waits = row.state is DraftState.SUBMITTED
    return Draft(
        number=row.number,
        title=row.title,
        version=policy.version,
        replaces=row.replaces_version,
        state=row.state,
        wider=step.wider,
        changes=changes(difference.lines(*step), known.language),
        hash=documents.document_hash(policy),
        begins=from_ms(policy.not_before),
        at_once=waits and begins_at_once(policy),
        ends=from_ms(policy.expires),
        submitted=row.submitted_at or row.created_at,
        closed=row.closed_at,
        signed=[Signed(_by(one, known.signers), one.key_id[:SHORT], one.signed_at) for one in signatures],
        missing={signer.value: count for signer, count in missing.items()},
        site=needed.site or "",
        mine=known.seats.speak(needed.site),
        until=until,
        late=waits and until <= known.now,
        overtaken=waits and policy.version <= newest,
        rings="" if tuple(row.rings) == AT_ONCE else written(row.rings),
        gate=Gate(row.most_failed, row.least_applied),
        unpermitted=unpermitted(policy, known),
    )


def unpermitted(policy: Policy, known: Known) -> list[Unpermitted]:
    """At which sites with a council of their own the policy permits more than that council has."""
    return [
        Unpermitted(
            version=policy.version,
            site=one.site,
            decided=decisions([known.of_sites[one.site]], known.signers)[0] if one.site in known.of_sites else None,
            own=one.own.version if one.own else None,
            until=from_ms(one.until) if one.until is not None else None,
            first=one.first,
            more=[difference.text(line, known.language) for line in one.lines],
        )
        for one in beyond(policy, known.published, known.signers.now)
    ]


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
    council = row.council if isinstance(row, PolicyDecision) else None
    return words.whose(row.signer, key.site if key else council or None)


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


def conditions(rows: list[PolicyDecision], draft: PolicyDraft, signers: Signers) -> list[dict[str, Any]]:
    """Of these decisions the conditions under which the draft that this one began with was approved, in words."""
    own = [row for row in rows if row.draft_id == draft.parent_id and row.outcome is Outcome.CONDITIONS]
    return decisions(own, signers)


def signing_file(signers: Signers) -> dict[str, str]:
    """SHA-256 of the signing file that is offered here, and of the one that the trust document names, '' for none."""
    return {"offered": build.sha256(), "named": signers.now.signing_file or ""}


def signed_by(envelope: bytes, keys: dict[str, TrustedKey]) -> list[tuple[str, str]]:
    """For whom each key signed, and its id, checked; old policies by the keys of their time. Empty when it is wrong."""
    try:
        found = dsse.verify(envelope, Policy.TYPE, {name: key.public_key for name, key in keys.items()}).signers
    except dsse.SignatureError:
        return []
    order = list(words.SIGNERS)
    said = sorted((order.index(keys[name].signer), keys[name].site or "", name) for name in found)
    return [(words.whose(keys[name].signer, keys[name].site), name[:SHORT]) for *_, name in said]
