"""Mail addresses that several people have or had: HR says whose one was, or nothing under it is found for anybody."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby, zip_longest
from typing import Any, Final
from uuid import UUID

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import fresh, requires
from portal.core.web.htmx import see_other
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import db, person
from portal.hr.desk import CONFLICT, UNPROCESSABLE, bp, text
from portal.sources import actions, queries
from portal.sources.models import AddressSpan
from portal.sources.queries import Sharing
from portal.sources.rules import OBJECTIONS, Said, apart

MOST_SHOWN: Final = 100
SAYS: Final = {"yes": True, "no": False}


@bp.get("/addresses")
@fresh
@requires(Permission.HR_ADDRESS_CHANGE)
def addresses() -> ResponseReturnValue:
    """Every address that several people have or had, but the reader's own; a hundred on a page."""
    number = page_number()
    found = _groups(queries.shared(db(), MOST_SHOWN + 1, (number - 1) * MOST_SHOWN))
    return _page(found[:MOST_SHOWN], links=page_links(number, more=len(found) > MOST_SHOWN))


@bp.post("/addresses")
@fresh
@requires(Permission.HR_ADDRESS_CHANGE)
def addresses_submit() -> ResponseReturnValue:
    """Say whose an address was, and when; everybody whom it concerns is told, and can object for a week."""
    address = text("address").lower()
    people = queries.shared(db(), 1, address=address)
    if not people:
        abort(404)
    said, problem = _read()
    if problem:
        return _page([people], problem), UNPROCESSABLE
    if {one.person for one in said} != {one.person for one in people}:
        stale = gettext("Somebody else has had this address since you opened the page. Look again, and say it for all.")
        return _page([people], stale), CONFLICT
    now = clock.now()
    actions.settle(db(), address, said, person().id, now)
    day = format_date(now + OBJECTIONS, "long")
    flash(gettext("Noted, and told to everybody whom it concerns. It counts from %(day)s on.", day=day), "success")
    return see_other(url_for("hr.addresses"))


def _read() -> tuple[list[Said], str]:
    """What the form says of each, or why it says nothing."""
    names = ("person", "theirs", "since", "until")
    said = []
    for who, theirs, since, until in zip_longest(*(request.form.getlist(name) for name in names), fillvalue=""):
        if theirs not in SAYS:
            return [], gettext("Say of each of them whether the address was theirs.")
        try:
            first, last = (clock.read_day(given) if given else None for given in (since, until))
            said.append(Said(UUID(who), SAYS[theirs], first, last))
        except ValueError:
            return [], gettext("A day is missing or is none, or one ends before it begins.")
    if not apart(said):
        return [], gettext("On one day it can be one person's only. Say until when it was whose, and from when.")
    return said, ""


def _groups(found: Sequence[Sharing]) -> list[list[Sharing]]:
    return [list(group) for _, group in groupby(found, key=lambda one: one.address)]


def _page(groups: Sequence[Sequence[Sharing]], problem: str = "", links: dict[str, object] | None = None) -> str:
    """These addresses; the only one with what is wrong with the form, where something is."""
    spans = queries.spans(db(), {group[0].address for group in groups})
    return render_template(
        "hr/addresses.html",
        addresses=[_shown(group, spans) for group in groups],
        problem=problem,
        days=OBJECTIONS.days,
        **(links or page_links(1, more=False)),
    )


def _shown(group: Sequence[Sharing], spans: dict[tuple[UUID, str], AddressSpan]) -> dict[str, Any]:
    """One address with everybody who has or had it, and what was said of it last."""
    said = [spans.get((one.person, one.address)) for one in group]
    known = [one.settled_at + OBJECTIONS for one in said if one is not None]
    return {
        "address": group[0].address,
        "people": [_line(one, span) for one, span in zip(group, said, strict=True)],
        "counts_from": max(known) if len(known) == len(group) else None,
    }


def _line(one: Sharing, span: AddressSpan | None) -> dict[str, Any]:
    def given(day: date | None) -> str:
        return day.isoformat() if day else ""

    return {
        "id": str(one.person),
        "name": one.name,
        "department": one.department or "",
        "has": one.has,
        "left_at": one.left_at,
        "theirs": ("yes" if span.theirs else "no") if span else "",
        "since": given(span.since) if span else "",
        "until": given(span.until) if span else "",
    }
