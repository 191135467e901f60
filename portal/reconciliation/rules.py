"""Whether what was sent, stored, permitted and shown agree: pure decisions about one person's day."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.capture.rules import Facts, Refusal, decide
from portal.pauses.rules import known_zone
from wire.segment import Header
from wire.tally import Tally, ids_hash

Slot = tuple[str, str]
ANY: Slot = ("", "")
"""Where kind and context are not known any more: what was erased keeps neither."""
FAMILIES = ("linux", "windows", "macos", "other")
ENOUGH = 10
"""The fewest people the council is told a number of, unless it signed a higher k."""


class What(StrEnum):
    """What does not agree."""

    LOST = "lost"
    UNSENT = "unsent"
    DIFFERS = "differs"
    OUTSIDE_LEASE = "outside_lease"
    IN_PAUSE = "in_pause"
    IN_STOP = "in_stop"
    UNANNOUNCED = "unannounced"
    OUTSIDE_POLICY = "outside_policy"
    NOT_SHOWN = "not_shown"
    VIEW_CHANGED = "view_changed"
    UNDECLARED_STORE = "undeclared_store"
    TALLY_FORGED = "tally_forged"
    TALLY_TWICE = "tally_twice"


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name, UTC for one that is unknown."""
    try:
        return known_zone(name)
    except ValueError:
        return ZoneInfo("UTC")


def tellable(measure: str, counts: Mapping[str, int], k: int) -> bool:
    """Whether a day's number may be told: k people; of what does not agree, all red ones or k fewer."""
    people = counts[measure]
    others = counts.get("red", 0) - people if measure in list(What) else 0
    return people >= k and not 0 < others < k


@dataclass(frozen=True)
class Mismatch:
    """`items` of one kind and context that do not agree; `ids` where it is known which. `place`: a dataset."""

    what: What
    items: int
    device: UUID | None = None
    kind: str = ""
    context: str = ""
    ids: tuple[UUID, ...] = ()
    place: str = ""


@dataclass(frozen=True)
class Known:
    """An id of which the server knows what became of it: stored, refused or erased. The erased keep no kind."""

    id: UUID
    seq: int
    outcome: str
    kind: str | None
    context: str | None

    @property
    def slot(self) -> Slot:
        """Kind and context, ANY where they are gone."""
        return (self.kind, self.context) if self.kind is not None and self.context is not None else ANY


@dataclass(frozen=True)
class Item:
    """A stored item as its row says: `header` None when no header can be made of it. `known`: it has an upload."""

    id: UUID
    device: UUID
    kind: str
    context: str
    known: bool
    header: Header | None
    facts: Facts | None


@dataclass
class Figures:
    """The rows of the page: kind and context → how many of each. Plain values, since they are kept as JSON."""

    sent: dict[Slot, dict[str, int]] = field(default_factory=dict)
    held: dict[Slot, dict[str, int]] = field(default_factory=dict)


def sent(device: UUID, tally: Tally, known: Sequence[Known], strays: Sequence[Known] = ()) -> list[Mismatch]:
    """Every id of the tally is known, and nothing else is.

    `known`: what the server knows of the tally's numbers. `strays`: stored beside every tally.
    """
    mine = [one for one in known if one.id not in set(tally.unsure)]
    here: dict[Slot, list[UUID]] = defaultdict(list)
    for one in mine:
        here[one.slot].append(one.id)
    spare = len(here.pop(ANY, []))
    found: list[Mismatch] = []
    said = {(part.kind.value, part.context): part for part in tally.sent}
    for slot in sorted(said.keys() | here.keys()):
        count, ids = (said[slot].n, said[slot].ids) if slot in said else (0, ids_hash(()))
        gone = count - len(here[slot])
        covered = min(max(gone, 0), spare)
        spare -= covered
        if gone > covered:
            found.append(Mismatch(What.LOST, gone - covered, device, *slot))
        elif gone < 0:
            found.append(Mismatch(What.UNSENT, -gone, device, *slot))
        elif gone == 0 and ids_hash(here[slot]) != ids:
            found.append(Mismatch(What.DIFFERS, count, device, *slot))
    if spare:
        found.append(Mismatch(What.UNSENT, spare, device))
    if not found and ids_hash(one.id for one in mine) != tally.ids:
        found.append(Mismatch(What.DIFFERS, tally.n, device))
    return found + _gathered((What.UNSENT, device, one.slot, one.id) for one in strays)


def unfit(header: Header, facts: Facts) -> What | None:
    """What stands against a stored item by what held then: policy, lease, pauses, stops. None: nothing."""
    reason = decide(header, facts)
    if reason is None:
        return None
    if reason is Refusal.PAUSED:
        return What.IN_PAUSE
    if reason is Refusal.STOPPED_FOR_ALL:
        return What.IN_STOP
    if facts.policy is not None and header.context not in facts.policy.permitted().get(header.kind, ()):
        return What.UNANNOUNCED
    return What.OUTSIDE_POLICY if reason is Refusal.NOT_IN_POLICY else What.OUTSIDE_LEASE


def permitted(items: Iterable[Item]) -> list[Mismatch]:
    """Every stored item was sent by a device, and lies inside what was permitted then."""
    found = []
    for one in items:
        slot = one.kind, one.context
        if not one.known:
            found.append((What.UNSENT, one.device, slot, one.id))
        if one.header is None or one.facts is None:
            found.append((What.UNANNOUNCED, one.device, slot, one.id))
        elif (what := unfit(one.header, one.facts)) is not None:
            found.append((what, one.device, slot, one.id))
    return _gathered(found)


def lost(device_of: Mapping[UUID, tuple[UUID, Slot]], stored: Collection[UUID]) -> list[Mismatch]:
    """Uploads that count as stored, id → device and slot, and are not there."""
    gone = sorted(device_of.keys() - set(stored))
    return _gathered((What.LOST, *device_of[one], one) for one in gone)


def shown(stored: Mapping[UUID, tuple[UUID, Slot]], still: Collection[UUID], pages: Collection[UUID]) -> list[Mismatch]:
    """What the page shows is what is stored. `still`: what is stored after the page was asked: deleting goes on."""
    steady = stored.keys() & set(still)
    hidden = sorted(steady - set(pages))
    foreign = set(pages) - stored.keys() - set(still)
    found = _gathered((What.NOT_SHOWN, *stored[one], one) for one in hidden)
    return found + ([Mismatch(What.UNSENT, len(foreign))] if foreign else [])


def unlisted(counted: Mapping[Slot, int], listed: Mapping[Slot, int]) -> list[Mismatch]:
    """Items that the day's rollup counts, by slot, and that are not among those that were found on it."""
    missing = {slot: items - listed.get(slot, 0) for slot, items in counted.items()}
    return [Mismatch(What.NOT_SHOWN, items, None, *slot) for slot, items in sorted(missing.items()) if items > 0]


def _gathered(found: Iterable[tuple[What, UUID, Slot, UUID]]) -> list[Mismatch]:
    groups: dict[tuple[What, UUID, Slot], list[UUID]] = defaultdict(list)
    for what, device, slot, one in found:
        groups[what, device, slot].append(one)
    return [
        Mismatch(what, len(ids), device, *slot, ids=tuple(sorted(ids)))
        for (what, device, slot), ids in sorted(groups.items())
    ]


def device_class(platform: str) -> str:
    """The family of a platform; never which machine."""
    name = platform.lower()
    beginnings = {"linux": "linux", "win": "windows", "darwin": "macos", "mac": "macos"}
    return next((family for word, family in beginnings.items() if name.startswith(word)), "other")


GONE = "gone"
"""An amber day for which nothing is awaited any more: the device was removed before it said what it sent."""


def told(state: str, missing: int) -> str:
    """The state as it is shown and counted: amber for ever is told apart from amber until a device says."""
    return GONE if state == "amber" and not missing else state


def state(findings: int, missing: int) -> str:
    """Red when anything does not agree; amber when a device has not said what it sent; green only otherwise."""
    return "red" if findings else "amber" if missing else "green"
