"""The pages of a release: the newest one first, any other by its id, each place by its names; for all readers alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, get_timezone
from markupsafe import Markup

from portal.core import clock
from portal.core.web.guard import requires
from portal.core.web.state import db
from portal.council import files, looking, queries, report_pdf, shown, words
from portal.council.desk import READERS, Readers, here, own
from portal.council.kept import Kept
from portal.council.models import What
from portal.council.queries import Cells
from portal.releases import items
from portal.releases.models import Release
from portal.releases.periods import Span
from portal.releases.places import COMPANY, Level, Place

MOST_COLUMNS = 13
MOST_LISTED = 27
DRAWN = Kept[Markup](16_000_000)
"""Pages without their frame, in characters."""
BELOW = {Level.COMPANY: (Level.SITE, Level.DEPARTMENT, Level.COUNTRY), Level.SITE: (Level.DEPARTMENT,)}


def add(readers: Readers) -> None:
    """Give these readers their pages."""
    rules: dict[str, tuple[str, Callable[..., ResponseReturnValue]]] = {
        "front": ("", front),
        "one": ("/releases/<uuid:release>", one),
        "report": ("/releases/<uuid:release>/report.<any(csv, xlsx, pdf):form>", report),
    }
    for endpoint, (path, view) in rules.items():
        readers.blueprint.add_url_rule(path, endpoint, _guarded(readers, view), methods=["GET"])


def _guarded(readers: Readers, view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    def shown_to_them(**arguments: Any) -> ResponseReturnValue:
        return view(**arguments)

    return requires(readers.permission)(shown_to_them)


def front() -> ResponseReturnValue:
    """The newest week, or the newest month; before the first release, when it will come."""
    found = queries.releases(db())
    wanted = Span.MONTH if request.args.get("span") == Span.MONTH else Span.WEEK
    newest = queries.newest_of(found, wanted) or (found[0] if found else None)
    if newest is None:
        return render_template("council/empty.html", seats=_seats())
    return _page(Reading(newest, found))


def one(release: UUID) -> ResponseReturnValue:
    """One release."""
    found = queries.releases(db())
    listed = next((told for told in found if told.id == release), None)
    return _page(Reading(listed or _or_404(release), found))


def report(release: UUID, form: str) -> ResponseReturnValue:
    """A whole release as a file to keep, with everything hidden that is hidden on the page."""
    told = _or_404(release)
    looking.note(What.FILE, told.id)
    cells, contexts = queries.whole(db(), told.id), queries.contexts(db())
    makers: dict[str, Callable[[], bytes]] = {
        "csv": lambda: files.csv_of(told, cells, contexts),
        "xlsx": lambda: files.xlsx_of(told, cells, contexts),
        "pdf": lambda: report_pdf.draw(told, cells, contexts, str(get_locale())),
    }
    disposition = f'attachment; filename="daylight-{told.span}-{told.starts_on}.{form}"'
    return Response(makers[form](), mimetype=files.TYPES[form], headers={"Content-Disposition": disposition})


def _or_404(release: UUID) -> Release:
    found = queries.release(db(), release)
    if found is None:
        abort(404)
    return found


@dataclass(frozen=True)
class Reading:
    """A release that is read, and what was asked to be seen of it."""

    release: Release
    all: Any

    @cached_property
    def place(self) -> Place:
        """The place in the address; what does not fit the hierarchy is the company."""
        given = {name: request.args.get(name, "") for name in ("country", "site", "department")}
        if "department" in request.args and "site" in request.args:
            return Place(Level.DEPARTMENT, site=given["site"], department=given["department"])
        if "site" in request.args:
            return Place(Level.SITE, site=given["site"])
        return Place(Level.COUNTRY, country=given["country"]) if "country" in request.args else COMPANY

    @cached_property
    def by(self) -> Level | None:
        """What the place is compared by; None where nothing lies inside it."""
        possible = BELOW.get(self.place.level, ())
        asked = next((level for level in possible if level == request.args.get("by")), None)
        return asked or (possible[0] if possible else None)

    @cached_property
    def item(self) -> str:
        """What is compared."""
        return request.args.get("show", "") if request.args.get("show") in shown.MAPPED else shown.MAPPED[0]

    @cached_property
    def line(self) -> list[Release]:
        """Releases of the same length up to this one, oldest first."""
        same = [one for one in self.all if one.span == self.release.span and one.ends_on <= self.release.ends_on]
        return same[MOST_COLUMNS - 1 :: -1] if same else [self.release]

    def address(self, place: Place | None = None, **changed: str) -> str:
        """This page, of another place, or otherwise changed."""
        where = place or self.place
        named = {name: getattr(where, name) for name in ("country", "site", "department")}
        keep = {Level.COUNTRY: ("country",), Level.SITE: ("site",), Level.DEPARTMENT: ("site", "department")}
        query = {name: named[name] for name in keep.get(where.level, ())}
        more: dict[str, Any] = {"show": self.item, "by": self.by or ""} | changed
        if place is not None and place != self.place:
            more.pop("by")
        return url_for(f"{here()}.one", release=self.release.id, **query, **{k: v for k, v in more.items() if v})


def _page(reading: Reading) -> str:
    ids = [one.id for one in reading.line]
    figures = queries.cells(db(), ids, reading.place, (items.PEOPLE, reading.item))
    if reading.place not in figures.get(reading.release.id, {}):
        abort(404)
    looking.note(What.RELEASE, reading.release.id)
    title = words.title(reading.release)
    return render_template("council/report.html", title=title, body=_drawn(reading, figures))


def _drawn(reading: Reading, figures: dict[UUID, Cells]) -> Markup:
    """The page without its frame: the same for everybody at this desk in this language, so it is drawn once."""
    seats, contexts = tuple(_seats()), queries.contexts(db())
    listed = tuple(one.id for one in reading.all[:MOST_LISTED])
    view = (reading.place, reading.by, reading.item, seats, frozenset(contexts.items()))
    key = (reading.release.id, listed, tuple(figures), here(), str(get_locale()), str(get_timezone()), view)
    drawn = DRAWN.get(key)
    if drawn is None:
        # Not render_template: that would hand the page's person to a text that is kept for others.
        template = current_app.jinja_env.get_template("council/_report.html")
        drawn = Markup(template.render(seats=seats, **_told(reading, figures, contexts)))  # noqa: S704 - a template's
        DRAWN.put(key, drawn, len(drawn))
    return drawn


def _told(reading: Reading, figures: dict[UUID, Cells], contexts: dict[str, str]) -> dict[str, Any]:
    """See templates/council/_report.html."""
    release, place = reading.release, reading.place
    ids, now = [one.id for one in reading.line], figures[reading.release.id][reading.place]
    series = queries.inside(db(), ids, place, reading.by, (items.PEOPLE, reading.item), shown.COMPARED)
    here_now = series.get(release.id, {})
    names = _names(reading, here_now)
    before = figures.get(ids[-2], {}).get(place) if len(ids) > 1 else None
    unseen = sum(cells[items.PEOPLE].value is None for cells in here_now.values())
    return {
        "release": release,
        "title": words.title(release),
        "name": words.full(place),
        "above": [(words.place(one), reading.address(one)) for one in shown.above(place)],
        "news": shown.news(now, before, shown.leading(names, here_now), unseen, release.k),
        "stats": [
            (
                words.ITEMS[name],
                shown.cell(name, now.get(name) or now[items.PEOPLE], release.k),
                reading.address(show=name) if name in shown.MAPPED else "#everything",
            )
            for name in STATS
        ],
        "rows": shown.compared(names, here_now, series, reading.line, reading.item, reading.address) if names else [],
        "columns": shown.trend(place, figures, reading.line, reading.item),
        "weeks": [words.title(one) for one in reading.line],
        "heads": [words.ITEMS[name] for name in shown.COMPARED],
        "groups": shown.groups(now, contexts, release.k),
        "groups_url": url_for(f"{here()}.groups"),
        "choices": _choices(reading),
        "others": [
            (words.title(one), url_for(f"{here()}.one", release=one.id), one.id == release.id)
            for one in reading.all[:MOST_LISTED]
        ],
        "files": [(form, url_for(f"{here()}.report", release=release.id, form=form)) for form in files.TYPES],
    }


def _seats() -> Sequence[datetime]:
    """Until when an expert reads this, too: for everybody; the council knows more."""
    return queries.open_until(db(), clock.now()) if here() == own.name else []


STATS = (items.PEOPLE, "share.captured", "share.paused", items.ITEMS)


def _names(reading: Reading, cells: Cells) -> list[Place]:
    """The places to compare: those that show most people first, hidden ones after them."""
    inside = [place for place in cells if place.level == reading.by and place != reading.place]
    inside.sort(key=lambda place: (-(cells[place][items.PEOPLE].value or 0), place))
    return inside[: queries.MOST_PLACES]


def _choices(reading: Reading) -> dict[str, list[tuple[str, str, bool]]]:
    """(words, address, whether it is this one) of what can be compared, and by what."""
    possible = BELOW.get(reading.place.level, ())
    return {
        "by": [(str(words.LEVELS[level]), reading.address(by=level), level == reading.by) for level in possible],
        "show": [(str(words.ITEMS[name]), reading.address(show=name), name == reading.item) for name in shown.MAPPED],
    }


for _readers in READERS:
    add(_readers)
