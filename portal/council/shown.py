"""What the pages of a release show, made from its figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from flask_babel import format_number, gettext

from portal.council import charts, rules, words
from portal.council.queries import Cells, Told
from portal.council.rules import Change
from portal.releases import items
from portal.releases.models import Release
from portal.releases.places import COMPANY, Level, Place

COMPARED: Final = (items.PEOPLE, *items.SHARES, items.HOURS, items.ITEMS)
MAPPED: Final = ("share.paused", "share.captured", "share.opted_out", items.ITEMS, items.HOURS)
"""What trends and maps can show; the first unless another is asked for."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as text; `fill` is its fraction of the greatest beside it, None where it is hidden."""

    text: str
    hidden: bool
    fill: float | None = None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place beside others: its figures in the order of `COMPARED`, the one compared, and its squares."""

    place: Place
    name: str
    chosen: Cell
    cells: tuple[Cell, ...]
    href: str = ""
    squares: tuple[charts.Square, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A list of figures under a heading."""

    title: str
    rows: tuple[tuple[str, Cell], ...]


@dataclass
class News:
    """What changed, in a headline and three sentences."""

    headline: str
    sentences: list[str] = field(default_factory=list)


def cell(name: str, told: Told | None, k: int, most: int = 0) -> Cell:
    """A figure as text."""
    if told is None:
        return Cell(gettext("not counted"), hidden=True)
    if told.value is None:
        return Cell(words.hidden(told, k), hidden=True)
    fill = (height(told) or 0) / most if most else None
    return Cell(words.value(name, told.value, told.step), hidden=False, fill=fill)


def height(told: Told | None) -> int | None:
    """How high a picture draws it: the middle of a step, since nobody is told more."""
    return None if told is None or told.value is None else told.value + (told.step or 0) // 2


def compared(
    names: Sequence[Place],
    here: Cells,
    series: Mapping[UUID, Cells],
    shown: Sequence[Release],
    item: str,
    address: Callable[[Place], str],
) -> list[PlaceRow]:
    """The places beside each other, as `here` has them in the newest of `shown` (oldest first), with their weeks."""
    newest = shown[-1]
    scale = [height(told) or 0 for place in names if (told := here.get(place, {}).get(item))]
    most = 100 if item.startswith("share.") else max(scale, default=0)
    hottest = max((height(told) or 0 for cells in series.values() for place in names
                   if (told := cells.get(place, {}).get(item))), default=0)  # fmt: skip
    several = len({place.site for place in names}) > 1
    rows = []
    for place in names:
        found = here.get(place, {})
        told = found.get(item) or found.get(items.PEOPLE)
        rows.append(
            PlaceRow(
                place,
                words.full(place) if several else words.place(place),
                cell(item, told, newest.k, most),
                tuple(cell(name, found.get(name) or found.get(items.PEOPLE), newest.k) for name in COMPARED),
                "" if cell(item, found.get(items.PEOPLE), newest.k).hidden else address(place),
                tuple(charts.squares(_weeks(place, series, shown, item), hottest)),
            )
        )
    return rows


def trend(place: Place, series: Mapping[UUID, Cells], shown: Sequence[Release], item: str) -> list[charts.Column]:
    """One place over time, oldest first."""
    values = []
    for release in shown:
        told = _told(series, release, place, item)
        text = f"{words.title(release)}: {cell(item, told, release.k).text}"
        top = "" if told is None or told.value is None else words.brief(item, told.value, told.step)
        values.append((height(told), words.short(release), top, text))
    most = max((value or 0 for value, *_ in values), default=0)
    return charts.columns(values, most)


def _weeks(
    place: Place, series: Mapping[UUID, Cells], shown: Sequence[Release], item: str
) -> list[tuple[int | None, str]]:
    return [
        (height(told), f"{words.short(release)}: {cell(item, told, release.k).text}")
        for release in shown
        for told in [_told(series, release, place, item)]
    ]


def _told(series: Mapping[UUID, Cells], release: Release, place: Place, item: str) -> Told | None:
    """The figure, or why the whole place shows none."""
    found = series.get(release.id, {}).get(place, {})
    return found.get(item) or found.get(items.PEOPLE)


def groups(figures: Mapping[str, Told], contexts: dict[str, str], k: int) -> list[Group]:
    """Every figure of a place: totals first, then each way of splitting."""
    lists = [(gettext("In all"), [name for name in words.ITEMS if name in figures])]
    for start, heading in words.WAYS.items():
        lists.append((str(heading), [name for name in _order(figures) if name.startswith(f"{start}.")]))
    return [
        Group(heading, tuple((words.item(name, contexts), cell(name, figures[name], k)) for name in names))
        for heading, names in lists
        if names
    ]


def _order(figures: Mapping[str, Told]) -> list[str]:
    """Parts known beforehand in their own order, apps by name, what has no name last."""
    known = [f"{start}.{part}" for start, parts in items.FIXED.items() for part in parts if part != items.OTHER]
    last = [f"{start}.{items.OTHER}" for start in items.FIXED]
    named = sorted(name for name in figures if name not in known and name not in last)
    return [name for name in [*known, *named, *last] if name in figures]


def news(
    now: Mapping[str, Told], before: Mapping[str, Told] | None, most: tuple[str, str] | None, hidden: int, k: int
) -> News:
    """Three sentences on what changed since the release before, None for the first one. `k`: the release's."""
    earlier = before or {}
    captured, paused = (_moved(now.get(name), earlier.get(name)) for name in items.SHARES[:2])
    headline = words.HEADLINES.get((captured, paused))
    people = now.get(items.PEOPLE)
    if people is None or people.value is None:
        return News(gettext("Nothing can be shown here."), [words.hidden(people, k) if people else ""])
    if headline is None and before is not None:
        headline = gettext("%(people)s people are counted here.", people=format_number(people.value))
    return News(
        str(headline) if headline else gettext("This is the first time that people here are counted."),
        [_captured(now, earlier, people.value), _paused(now, earlier, most), _amount(now, earlier, hidden)],
    )


def _moved(now: Told | None, before: Told | None) -> Change:
    """Where a share went, as far as its step tells; two in the same step may still lie a whole step apart."""
    if now is None or before is None or now.step != before.step:
        return Change.UNKNOWN
    return rules.change(now.value, before.value)


def _share(told: Told | None) -> str:
    """A share in a sentence."""
    if told is None or told.value is None:
        return str(gettext("hidden"))
    return words.share(told.value, told.step)


def _captured(now: Mapping[str, Told], earlier: Mapping[str, Told], people: int) -> str:
    told = {"share": _share(now.get("share.captured")), "people": format_number(people)}
    told["last"] = _share(earlier.get("share.captured"))
    match (_number(now, "share.captured") is not None, _number(earlier, "share.captured") is not None):
        case (True, True):
            return str(gettext("Captured at least once: %(share)s of %(people)s people (before: %(last)s).", **told))
        case (True, False):
            return str(gettext("Captured at least once: %(share)s of %(people)s people.", **told))
        case (False, True):
            return str(
                gettext("How many of the %(people)s people were captured is hidden here (before: %(last)s).", **told)
            )
    return str(gettext("How many of the %(people)s people were captured is hidden here.", **told))


def _paused(now: Mapping[str, Told], earlier: Mapping[str, Told], leading: tuple[str, str] | None) -> str:
    told = {"share": _share(now.get("share.paused")), "out": _share(now.get("share.opted_out"))}
    last = _number(earlier, "share.paused")
    told["last"] = _share(earlier.get("share.paused"))
    if leading is not None:
        told |= {"place": leading[0], "most": leading[1]}
    match (last is not None, leading is not None):
        case (True, True):
            return str(gettext(
                "Paused at least once: %(share)s (before: %(last)s), most of all in %(place)s with %(most)s; "
                "opted out altogether: %(out)s.", **told
            ))  # fmt: skip
        case (True, False):
            return str(
                gettext("Paused at least once: %(share)s (before: %(last)s); opted out altogether: %(out)s.", **told)
            )
        case (False, True):
            return str(gettext(
                "Paused at least once: %(share)s, most of all in %(place)s with %(most)s; "
                "opted out altogether: %(out)s.", **told
            ))  # fmt: skip
    return str(gettext("Paused at least once: %(share)s; opted out altogether: %(out)s.", **told))


def leading(rows: Sequence[Place], figures: Cells) -> tuple[str, str] | None:
    """The one place where the largest share paused, and which: its step lies above those of all others."""
    found = {place: figures.get(place, {}).get("share.paused") for place in rows}
    told = {place: one for place, one in found.items() if one and one.value is not None}
    for first, most in told.items() if len(told) > 1 else ():
        if all(
            (one.value or 0) + (one.step or 1) <= (most.value or 0) for place, one in told.items() if place != first
        ):
            return words.full(first), _share(most)
    return None


def _amount(now: Mapping[str, Told], earlier: Mapping[str, Told], hidden: int) -> str:
    total = now.get(items.ITEMS)
    closing = words.reader(hidden)
    if total is None or total.value is None:
        return str(gettext("How many items were captured is hidden here; %(hidden)s.", hidden=closing))
    last, number = _number(earlier, items.ITEMS), format_number(total.value)
    match rules.change(total.value, last):
        case Change.MORE | Change.FEWER if last is not None and rules.far(total.value, last):
            said = gettext("%(items)s items (before: %(last)s); %(hidden)s.",
                           items=number, last=format_number(last), hidden=closing)  # fmt: skip
        case Change.MORE if last:
            share = rules.percent(total.value, last)
            said = gettext("%(items)s items, %(share)s %% more than before; %(hidden)s.",
                           items=number, share=share, hidden=closing)  # fmt: skip
        case Change.FEWER if last:
            share = rules.percent(total.value, last)
            said = gettext("%(items)s items, %(share)s %% fewer than before; %(hidden)s.",
                           items=number, share=share, hidden=closing)  # fmt: skip
        case Change.SAME:
            said = gettext("%(items)s items, about as many as before; %(hidden)s.", items=number, hidden=closing)
        case _:
            said = gettext("%(items)s items; %(hidden)s.", items=number, hidden=closing)
    return str(said)


def _number(figures: Mapping[str, Told], name: str) -> int | None:
    told = figures.get(name)
    return told.value if told else None


def above(place: Place) -> list[Place]:
    """The way down to a place, from the company on."""
    if place.level is Level.COMPANY:
        return []
    return [COMPANY, *([Place(Level.SITE, site=place.site)] if place.level is Level.DEPARTMENT else [])]
