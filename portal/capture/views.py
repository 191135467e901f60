"""/data: the calendar, a day, a search in it, and one item opened by the vault."""

import base64
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext
from werkzeug.datastructures import MultiDict

from portal.agents.queries import device_names
from portal.capture import beside, marks, opening, pages, queries, words
from portal.capture.models import Segment
from portal.capture.picture import is_webp
from portal.capture.queries import Filter, Totals
from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import limited, requires
from portal.core.web.htmx import render
from portal.core.web.pages import language
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import db, person
from portal.policies.queries import Policies, policies
from wire.documents import Kind

bp = Blueprint("capture", __name__)
MONDAY = date(2024, 1, 1)
LONGEST_SEARCH = 200


@bp.get("/data")
@requires(Permission.OWN_DATA_READ)
def calendar() -> ResponseReturnValue:
    """Every day with something captured, as a heat map."""
    now = clock.now()
    last = _day(request.args["until"]) if "until" in request.args else clock.local_day(now, ZoneInfo(person().timezone))
    marked = partial(marks.of_days, current_app)
    shown = pages.calendar_page(db(), person(), last, now, marked)
    weekdays = [format_date(MONDAY + timedelta(days=count), "EEEEEE") for count in range(7)]
    return render_template("data/calendar.html", weekdays=weekdays, **vars(shown))


@bp.get("/data/<day>")
@requires(Permission.OWN_DATA_READ)
def day(day: str) -> ResponseReturnValue:
    """One day as lanes, and its items."""
    on, chosen, page = _day(day), _filter(request.args), page_number()
    facts = pages.day_facts(db(), person(), on, clock.now())
    totals = queries.totals(db(), person().id, on, chosen)
    items, more = queries.items(db(), person().id, on, chosen, page)
    if chosen.anything():
        rows = pages.item_rows(facts.policies, items)
    else:
        newest = items[0].started_at if items and page > 1 else None
        rows = pages.rows(facts, items, newest=newest, oldest=items[-1].started_at if items and more else None)
    return render(
        "data/day.html",
        "data/_items.html",
        rows=rows,
        total=totals.matching,
        search=None,
        filtered=chosen.anything(),
        delete_url=pages.delete_all_url(facts, chosen, totals.matching),
        chosen_on=on.isoformat(),
        **_around(facts, chosen, totals),
        **page_links(page, more=more),
    )


@bp.post("/data/<day>/search")
@requires(Permission.OWN_CONTENT_OPEN)
@limited("30/minute")
def search_submit(day: str) -> ResponseReturnValue:
    """Look for words in the day; by POST, so that they stand in no address and no log."""
    on, text, chosen = _day(day), request.form.get("text", "").strip(), _filter(request.form)
    facts = pages.day_facts(db(), person(), on, clock.now())
    totals = queries.totals(db(), person().id, on, chosen)
    if 0 < len(text) <= LONGEST_SEARCH:
        found = opening.search(queries.searched(db(), person().id, on, chosen), text)
        items, status = queries.items_by_id(db(), person().id, on, found.ids), 200
    else:
        found = opening.Searched(problem=gettext("Type 1 to 200 characters to look for."))
        items, status = [], 422
    shown = render(
        "data/day.html",
        "data/_items.html",
        rows=pages.item_rows(facts.policies, items),
        total=found.matching,
        search={
            "text": text,
            "unread": found.unread,
            "problem": found.problem,
            "searched_most": queries.SEARCHED_AT_MOST if totals.matching > queries.SEARCHED_AT_MOST else 0,
        },
        filtered=True,
        delete_url="",
        chosen_on=on.isoformat(),
        **_around(facts, chosen, totals),
        page=1,
        newer="",
        older="",
    )
    return shown, status


@bp.get("/data/<day>/<uuid:segment_id>")
@requires(Permission.OWN_CONTENT_OPEN)
@limited("240/minute")
def item(day: str, segment_id: UUID) -> ResponseReturnValue:
    """One item, opened for the person; the look is in their own log."""
    found = queries.item(db(), person().id, _day(day), segment_id)
    if found is None:
        abort(404)
    opened = opening.open_item(segment_id, found.started_at)
    content = opened.item.data if opened.item else None
    picture = opened.item.blob if opened.item and is_webp(opened.item.blob) else b""
    earlier, later = queries.beside(db(), person().id, found)
    return render_template(
        "data/item.html",
        item=_facts(found, policies(db(), person().id)),
        beside=beside.notes(current_app, db(), person().id, found),
        content=content,
        picture=f"data:image/webp;base64,{base64.b64encode(picture).decode()}" if picture else "",
        problem=opened.problem,
        path=pages.day_url(found.local_day),
        earlier=pages.item_url(found.local_day, earlier),
        later=pages.item_url(found.local_day, later),
    )


def _around(facts: pages.DayFacts, chosen: Filter, totals: Totals) -> dict[str, Any]:
    """What the page around the list needs."""
    labels = facts.policies.labels()
    next_day = facts.date + timedelta(days=1)
    return {
        "on": facts.date,
        "day": pages.picture(facts),
        "mark": marks.of_days(current_app, db(), person().id, facts.date, next_day).get(facts.date),
        "earlier": pages.day_url(totals.earlier) if totals.earlier else "",
        "later": pages.day_url(totals.later) if totals.later else "",
        "path": pages.day_url(facts.date),
        "contexts": [(context, labels.get(context, context)) for context in totals.contexts],
        "chosen": chosen,
    }


def _facts(found: Segment, known: Policies) -> dict[str, Any]:
    policy = known.version(found.policy_version)
    rule = policy.rule(Kind(found.kind)) if policy else None
    keep_until = found.started_at + timedelta(days=rule.retention_days) if rule else None
    return {
        "id": found.id,
        "kind": found.kind,
        "context": known.labels().get(found.context, found.context),
        "device": device_names(db(), person().id).get(found.device_id, ""),
        "start": found.started_at,
        "end": found.ended_at,
        "counts": found.counts,
        "sensitivity": found.sensitivity,
        "categories": [words.category(key) for key in found.categories],
        "policy_version": found.policy_version,
        "legal_basis": getattr(policy.legal_basis, language()) if policy else "",
        "purpose": getattr(policy.purpose, language()) if policy else "",
        "lease_id": found.lease_id,
        "size": found.size,
        "store": gettext("Daylight's own store, sealed to you"),
        "seq": found.seq,
        "received_at": found.received_at,
        "keep_until": clock.local_day(keep_until, ZoneInfo(person().timezone)) if keep_until else None,
        "delete_fields": pages.delete_fields(found),
        "ask_fields": {"type": "rectify", "item": str(found.id)},
    }


def _filter(sent: MultiDict[str, str]) -> Filter:
    """The filter of a query or form; what is not a kind or a level is left out."""
    kinds = tuple(kind for kind in sent.getlist("kind") if kind in set(Kind))
    levels = tuple(level for level in sent.getlist("sensitivity", type=int) if level in range(1, 5))
    return Filter(kinds, tuple(sent.getlist("context")[:50]), levels, _moment(sent, "from"), _moment(sent, "to"))


def _moment(sent: MultiDict[str, str], name: str) -> datetime | None:
    """A moment with its zone; None for anything else."""
    try:
        found = datetime.fromisoformat(sent.get(name, ""))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _day(text: str) -> date:
    try:
        return clock.read_day(text)
    except ValueError:
        abort(404)
