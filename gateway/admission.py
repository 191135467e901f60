"""Uploads into the database, many in one transaction: each segment id of a device has one outcome, for ever.

`admit` is the one way in. The HTTP path gives it the real clock; demo data gives it the moment it plays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from gateway import canaries, rows
from gateway import facts as known
from gateway.bounds import Bounds, Line, What
from gateway.database import Connection
from gateway.facts import Known
from gateway.items import Item, Key
from gateway.rows import Verdict
from portal.capture import rules, volumes
from portal.capture.models import Outcome
from portal.capture.rules import Refusal, local_day
from portal.core.clock import from_ms
from wire.segment import Header

Decided = tuple[Item, Verdict]
MAX_AGE_S = 86_400
ROUNDS = 4


class Seen(StrEnum):
    """The answer to a canary, whatever it showed."""

    CANARY = "canary"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one item: the same for each repetition."""

    id: UUID
    outcome: Outcome | Seen
    reason: Refusal | None = None


class UnsettledError(Exception):
    """Others kept changing the same rows; nothing was stored."""


async def admit(
    connection: Connection,
    items: Sequence[Item],
    now: int,
    max_age_s: int = MAX_AGE_S,
    bounds: Bounds | None = None,
) -> list[Result]:
    """One result per item, in order, written in the caller's transaction. `now`: Unix ms; `bounds`: as kept so far.

    Acknowledge only after commit. Raises UnsettledError when other transactions keep interfering.
    """
    await canaries.see(connection, [one for one in items if one.canary is not None], now, max_age_s)
    settled: dict[Key, tuple[bytes, Result]] = {}
    counted = Bounds() if bounds is None else bounds
    first = {one.key: one for one in reversed(items) if one.canary is None}
    for _ in range(ROUNDS):
        waiting = sorted((one for key, one in first.items() if key not in settled), key=lambda one: one.key)
        if not waiting:
            return [_answer(one, settled) for one in items]
        await _round(connection, waiting, now, max_age_s, settled, counted)
    raise UnsettledError


async def _round(
    connection: Connection,
    waiting: Sequence[Item],
    now: int,
    max_age_s: int,
    settled: dict[Key, tuple[bytes, Result]],
    bounds: Bounds,
) -> None:
    """Settle what is known already and what could be inserted; the rest was taken by another transaction meanwhile.

    Of what no line is written any more nothing is inserted.
    """
    for key, (digest, outcome, reason) in (await rows.known_uploads(connection, [one.key for one in waiting])).items():
        settled[key] = digest, Result(key[1], Outcome(outcome), Refusal(reason) if reason else None)
    new = [one for one in waiting if one.key not in settled]
    facts = await known.load(connection, new, now, max_age_s * 1000, bounds)
    listed, unlisted = _lines(_decide_in_order(new, facts, bounds), bounds, now)
    written = await rows.write(connection, [(one, reason, facts.zone(one)) for one, reason in listed], now)
    for one, reason in [*unlisted, *(decided for decided in listed if decided[0].key in written)]:
        settled[one.key] = one.content_hash, _result(one, reason)


def _lines(decided: Sequence[Decided], bounds: Bounds, now: int) -> tuple[list[Decided], list[Decided]]:
    """What a row is written about, and what not any more; the last line of refusals says that there are others."""
    listed: list[Decided] = []
    unlisted: list[Decided] = []
    today = from_ms(now).date()
    for one, verdict in decided:
        if verdict is None:
            listed.append((one, verdict))
            continue
        erased = verdict is Outcome.ERASED
        line = bounds.line(one.employee, What.ERASED if erased else What.REFUSED, today)
        told = verdict if erased or line is Line.WRITTEN else Refusal.NOT_LISTED
        (unlisted if line is Line.NOT_WRITTEN else listed).append((one, told))
    return listed, unlisted


def _decide_in_order(new: Sequence[Item], facts: Known, bounds: Bounds) -> list[Decided]:
    """The decision for each item; of two with the same sequence number or place the first is stored."""
    taken_numbers: set[tuple[UUID, int]] = set()
    taken_places: set[tuple[UUID, int, UUID]] = set()
    decided: list[Decided] = []
    for one in new:
        reason: Verdict = _decide(one, facts)
        number = (one.device, one.header.seq if one.header else rows.NO_SEQUENCE)
        if one.header is not None and number not in taken_numbers and facts.buried(one, one.header):
            taken_numbers.add(number)
            reason = Outcome.ERASED
        elif reason is None and one.header is not None:
            place = (one.employee, one.header.start, one.id)
            if number in taken_numbers:
                reason = Refusal.SEQUENCE_USED
            elif place in taken_places or place in facts.places:
                reason = Refusal.CONFLICT
            elif not _fits(one, one.header, facts, bounds):
                reason = Refusal.TOO_MUCH
            else:
                taken_numbers.add(number)
                taken_places.add(place)
        decided.append((one, reason))
    return decided


def _fits(one: Item, header: Header, facts: Known, bounds: Bounds) -> bool:
    """Whether the person's day has room for it; counted if so."""
    own, policy = facts.leases[one.employee, header.lease], facts.policies[header.policy]
    most = volumes.of_day(header.kind, policy, len(own.devices))
    day = local_day(header.start, facts.zone(one))
    return bounds.store(one.employee, header.kind, day, volumes.charged(header.size), most)


def _result(one: Item, verdict: Verdict) -> Result:
    if verdict is Outcome.ERASED:
        return Result(one.id, Outcome.ERASED)
    return Result(one.id, Outcome.REFUSED if verdict else Outcome.STORED, verdict)


def _decide(one: Item, facts: Known) -> Refusal | None:
    if one.header is None:
        return Refusal.BAD_HEADER
    return rules.decide(one.header, facts.of(one, one.header))


def _answer(one: Item, settled: Mapping[Key, tuple[bytes, Result]]) -> Result:
    """The outcome of this id; other content under the same id is a conflict and changes nothing."""
    if one.canary is not None:
        return Result(one.id, Seen.CANARY)
    digest, result = settled[one.key]
    return result if digest == one.content_hash else Result(one.id, Outcome.REFUSED, Refusal.CONFLICT)
