"""A stop for all, decided and drawn from plain values: whom it covers, who has signed its end, its curve."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from wire import canonical, codec, councils, documents, dsse, succession
from wire.documents import Signer, Stop, Trust
from wire.policy import Audience
from wire.stopping import Resume, resume_of

LONGEST_REASON = 500
PERCENTS = (50, 95)
WIDTH, HEIGHT = 600, 180
"""Of the curve, in the drawing's own units."""

SHORTEST_AXIS_MS = 2_000


class Refused(StrEnum):
    """Why signatures for the end of a stop were not taken."""

    NOT_THIS = "not_this"
    NOT_SIGNED = "not_signed"
    NOT_TRUSTED = "not_trusted"
    OTHER_COUNCIL = "other_council"
    OVER = "over"


class SignaturesRefusedError(ValueError):
    """The signatures are not taken, for the reason `why`."""

    def __init__(self, why: Refused) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Effect:
    """How far a stop has got. A number is None where fewer than ten devices could be told from it.

    `steps`: for 1 to 100 percent of the devices, milliseconds until so many had stopped, None where that is not so yet
    or is not to be known. `later`: devices that had no permit and were told when they came.
    """

    devices: int | None
    stopped: int | None
    unreached: int | None
    running: int | None
    later: int | None
    last_ms: int | None
    steps: tuple[int | None, ...]

    def percent(self, share: int) -> int | None:
        """Milliseconds until `share` percent of the devices had stopped."""
        return self.steps[share - 1] if self.steps else None

    @property
    def pending(self) -> bool:
        """Whether a device may still be recording: then the page goes on asking."""
        return self.running is None or self.running > 0


@dataclass(frozen=True)
class Curve:
    """The share of devices stopped over the seconds, as one path; `ticks`: (x, seconds)."""

    path: str
    area: str
    ticks: tuple[tuple[float, float], ...]
    marks: tuple[tuple[float, float, int], ...]
    """Where 50 and 95 percent were reached: x, y, percent."""


@dataclass(frozen=True)
class Halt:
    """A stop in force as the person meets it. `whom`: the places it names, "" for everybody.

    `answered`: those of the person's devices that have said they stopped.
    """

    number: int
    by: str
    reason: str
    whom: str
    since: datetime
    answered: frozenset[UUID]


def covers(halted: Audience, asked: Audience) -> bool:
    """Whether a stop for `halted` already stops all of `asked`."""
    axes = zip(vars(halted).values(), vars(asked).values(), strict=True)
    return all(places is None or (wanted is not None and set(wanted) <= set(places)) for places, wanted in axes)


def document(stop: UUID, number: int, stopped: int, audience: Audience) -> Resume:
    """The document that ends the stop."""
    return resume_of(Stop(stop, number, stopped, audience.sites, audience.departments, audience.countries))


def gathered(resume: Resume, known: bytes | None, given: bytes, trust: Trust) -> tuple[bytes, frozenset[Signer]]:
    """The signatures known so far with those given, and for whom they speak. Raises SignaturesRefusedError.

    Each is checked: officer and council sign apart, often with days between.
    """
    keys = succession.holders(trust)
    try:
        if dsse.payload_of(given) != canonical.encode(codec.to_value(resume)):
            raise SignaturesRefusedError(Refused.NOT_THIS)
        if not canonical.decode(given)["signatures"]:
            raise SignaturesRefusedError(Refused.NOT_SIGNED)
        signers = documents.open_signed(Resume, given, keys)[1]
    except canonical.CanonicalError as error:
        raise SignaturesRefusedError(Refused.NOT_THIS) from error
    except dsse.SignatureError as error:
        readable = _readable(given)
        raise SignaturesRefusedError(Refused.NOT_TRUSTED if readable else Refused.NOT_THIS) from error
    if not signers & _asked(resume, trust):
        raise SignaturesRefusedError(Refused.OTHER_COUNCIL)
    # A key that was taken away meanwhile signs no more.
    whole = councils.gathered(trust, resume.sites, [given if known is None else known, given])
    return whole, _speaking(resume, documents.open_signed(Resume, whole, keys)[1], trust)


def _asked(resume: Resume, trust: Trust) -> set[str]:
    """The keys whose signatures the end of this stop takes."""
    council = trust.council(councils.deciding(trust, resume.sites))
    return {*trust.keys_of(Signer.OFFICER), *council}


def _speaking(resume: Resume, signers: Collection[str], trust: Trust) -> frozenset[Signer]:
    officer = bool(trust.keys_of(Signer.OFFICER).keys() & signers)
    spoken = ((Signer.OFFICER, officer), (Signer.COUNCIL, councils.consents(trust, resume.sites, signers)))
    return frozenset(role for role, has in spoken if has)


def signed_by(envelope: bytes | None, keys: Collection[str]) -> int:
    """How many of these keys have signed the end of a stop so far."""
    return 0 if envelope is None else len(dsse.signers_of(envelope) & set(keys))


def curve(effect: Effect) -> Curve | None:
    """The curve, None while no point of it is known."""
    points = [(share, ms) for share, ms in enumerate(effect.steps, 1) if ms is not None]
    if not points:
        return None
    longest = max(SHORTEST_AXIS_MS, points[-1][1])

    def x(ms: float) -> float:
        return round(WIDTH * ms / longest, 1)

    def y(share: int) -> float:
        return round(HEIGHT * (1 - share / 100), 1)

    path, height = [f"M0 {HEIGHT}"], float(HEIGHT)
    for share, ms in points:
        path.append(f"L{x(ms)} {height}L{x(ms)} {y(share)}")
        height = y(share)
    line = "".join(path)
    ticks = tuple((x(part * longest / 4), part * longest / 4000) for part in range(5))
    marks = tuple((x(ms), y(share), share) for share, ms in points if share in PERCENTS)
    return Curve(line, f"{line}L{x(points[-1][1])} {HEIGHT}Z", ticks, marks)


def _readable(envelope: bytes) -> bool:
    try:
        dsse.payload_of(envelope)
    except dsse.SignatureError:
        return False
    return True
