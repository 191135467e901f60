"""Whose signatures a policy needs, and which ones count: pure.

Silence is not consent: nothing here knows a moment after which a missing signature would count.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from wire import councils, dsse, succession
from wire.documents import Kind, Signer, Trust
from wire.dsse import SignatureError
from wire.policy import Policy
from wire.precedence import Change

HOUR_MS = 3_600_000


class Why(StrEnum):
    """Why a signature or a decision does not count; put into words by the desk."""

    OTHER_DOCUMENT = "other_document"
    NOT_AN_ENVELOPE = "not_an_envelope"
    UNKNOWN_KEY = "unknown_key"
    WRONG_SIGNATURE = "wrong_signature"
    OTHER_ROLE = "other_role"
    OTHER_COUNCIL = "other_council"
    OTHER_SEAT = "other_seat"
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
class Seats:
    """The councils on which somebody sits, and those on which anybody does: sites, "" for the central one."""

    mine: frozenset[str] = frozenset({""})
    held: frozenset[str] = frozenset({""})

    def speak(self, site: str | None) -> bool:
        """Whether they may say no for the council that decides: the site's own, the central one without a site.

        Where nobody is known to sit on it each member may, as before anybody was seated: saying no is safe.
        """
        council = site or ""
        return council in self.mine or council not in self.held


@dataclass(frozen=True)
class Needed:
    """How many signatures by different keys of each a policy needs. `site`: whose council's; None: the central one."""

    officer: int
    council: int
    site: str | None = None

    def missing(self, trust: Trust, signed: Collection[str]) -> dict[Signer, int]:
        """How many of each are missing when keys with these ids have signed."""
        officers, council = trust.keys_of(Signer.OFFICER).keys(), trust.council(self.site).keys()
        wanted = {Signer.OFFICER: (self.officer, officers), Signer.COUNCIL: (self.council, council)}
        return {signer: max(0, count - len(keys & set(signed))) for signer, (count, keys) in wanted.items()}

    def met(self, trust: Trust, signed: Collection[str]) -> bool:
        """Whether they are enough."""
        return not any(self.missing(trust, signed).values())


def needed(change: Change, trust: Trust) -> Needed:
    """Narrowing: the officer. Widening: the officer and so many keys of the council that decides as devices ask for."""
    site = councils.deciding(trust, change.new.audience.sites)
    return Needed(1, councils.quorum(trust) if change.wider else 0, site)


def checked(envelope: bytes, content: str, trust: Trust, role: Signer, site: str | None = None) -> frozenset[str]:
    """The keys of `role` that signed exactly `content`. Raises RefusedError: one signature that fails refuses all.

    `site`: whose council decides; None: the central one.
    """
    try:
        payload = dsse.payload_of(envelope)
    except SignatureError as error:
        raise RefusedError(Why.NOT_AN_ENVELOPE) from error
    if payload != content.encode():
        raise RefusedError(Why.OTHER_DOCUMENT)
    try:
        signers = dsse.verify(envelope, Policy.TYPE, succession.holders(trust)).signers
    except SignatureError as error:
        unknown = "unknown key" in str(error)
        raise RefusedError(Why.UNKNOWN_KEY if unknown else Why.WRONG_SIGNATURE) from error
    mine = signers & (trust.council(site) if role is Signer.COUNCIL else trust.keys_of(role)).keys()
    if not mine:
        raise RefusedError(Why.OTHER_COUNCIL if signers & trust.keys_of(role).keys() else Why.OTHER_ROLE)
    return mine


def timely(change: Change, now: int, notice: timedelta) -> None:
    """Raise RefusedError for a policy that is over, and for a wider one that begins before people can be told."""
    new = change.new
    if new.expires <= now:
        raise RefusedError(Why.EXPIRED)
    if notice and change.wider and new.not_before < now + notice // timedelta(milliseconds=1):
        raise RefusedError(Why.NO_NOTICE)


def latest_signing(change: Change, notice: timedelta) -> int:
    """Until when (Unix ms) the last signature can arrive."""
    new = change.new
    if not notice or not change.wider:
        return new.expires
    return min(new.expires, new.not_before - notice // timedelta(milliseconds=1))


def uncovered(policy: Policy, covered: Iterable[Iterable[str]]) -> tuple[Kind, ...]:
    """The kinds with a rule that no clause of the works agreement covers."""
    known = {kind for kinds in covered for kind in kinds}
    return tuple(rule.kind for rule in policy.rules if rule.kind.value not in known)
