"""Whose signatures a policy needs, and which ones count: pure.

Silence is not consent: nothing here knows a moment after which a missing signature would count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from wire import dsse
from wire.documents import Kind, Signer, Trust
from wire.dsse import SignatureError
from wire.policy import Policy, widens

HOUR_MS = 3_600_000


class Why(StrEnum):
    """Why a signature or a decision does not count; put into words by the desk."""

    OTHER_DOCUMENT = "other_document"
    NOT_AN_ENVELOPE = "not_an_envelope"
    UNKNOWN_KEY = "unknown_key"
    WRONG_SIGNATURE = "wrong_signature"
    OTHER_ROLE = "other_role"
    SIGNED_BEFORE = "signed_before"
    NOT_OPEN = "not_open"
    EXPIRED = "expired"
    NO_NOTICE = "no_notice"
    OVERTAKEN = "overtaken"
    NO_TRUST = "no_trust"
    NO_REASONS = "no_reasons"


class RefusedError(Exception):
    """Nothing was changed, for this reason."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Needed:
    """How many signatures by different keys of each a policy needs."""

    officer: int
    council: int

    def met(self, signed: Iterable[tuple[Signer, str]]) -> bool:
        """Whether these signers, each with the id of the key, are enough."""
        keys = {(signer, key) for signer, key in signed}
        count = {one: sum(signer is one for signer, _ in keys) for one in (Signer.OFFICER, Signer.COUNCIL)}
        return count[Signer.OFFICER] >= self.officer and count[Signer.COUNCIL] >= self.council


def needed(old: Policy | None, new: Policy, quorum: int) -> Needed:
    """Narrowing: the officer. Widening: the officer and `quorum` different keys of the council, at least one."""
    return Needed(1, max(quorum, 1) if widens(old, new) else 0)


def checked(envelope: bytes, content: str, trust: Trust, role: Signer) -> frozenset[str]:
    """The keys of `role` that signed exactly `content`. Raises RefusedError: one signature that fails refuses all."""
    try:
        payload = dsse.payload_of(envelope)
    except SignatureError as error:
        raise RefusedError(Why.NOT_AN_ENVELOPE) from error
    if payload != content.encode():
        raise RefusedError(Why.OTHER_DOCUMENT)
    keys = trust.keys_of(Signer.OFFICER) | trust.keys_of(Signer.COUNCIL)
    try:
        signers = dsse.verify(envelope, Policy.TYPE, keys).signers
    except SignatureError as error:
        unknown = "unknown key" in str(error)
        raise RefusedError(Why.UNKNOWN_KEY if unknown else Why.WRONG_SIGNATURE) from error
    mine = signers & trust.keys_of(role).keys()
    if not mine:
        raise RefusedError(Why.OTHER_ROLE)
    return mine


def timely(old: Policy | None, new: Policy, now: int, notice: timedelta) -> None:
    """Raise RefusedError for a policy that is over, and for a wider one that begins before people can be told."""
    if new.expires <= now:
        raise RefusedError(Why.EXPIRED)
    if notice and widens(old, new) and new.not_before < now + notice // timedelta(milliseconds=1):
        raise RefusedError(Why.NO_NOTICE)


def latest_signing(old: Policy | None, new: Policy, notice: timedelta) -> int:
    """Until when (Unix ms) the last signature can arrive."""
    if not notice or not widens(old, new):
        return new.expires
    return min(new.expires, new.not_before - notice // timedelta(milliseconds=1))


def uncovered(policy: Policy, covered: Iterable[Iterable[str]]) -> tuple[Kind, ...]:
    """The kinds with a rule that no clause of the works agreement covers."""
    known = {kind for kinds in covered for kind in kinds}
    return tuple(rule.kind for rule in policy.rules if rule.kind.value not in known)
