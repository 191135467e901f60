"""/hr/requests/new: HR starts a request for somebody who has left and cannot sign in any more."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person
from portal.hr import actions, queries, words
from portal.hr.desk import UNPROCESSABLE, actor, bp, text, tried, uuid
from portal.requests.models import Request
from portal.requests.rules import About, RequestType

SHORTEST_SEARCH = 2
LONGEST_SEARCH = 80


@bp.get("/requests/new")
@requires(Permission.HR_REQUEST_READ)
def start() -> ResponseReturnValue:
    """Find the person first, then say what is asked."""
    chosen = request.args.get("person", "")
    try:
        return _page(UUID(chosen) if chosen else None)
    except ValueError:
        abort(404)


@bp.post("/requests/new")
@requires(Permission.HR_REQUEST_CHANGE)
def start_submit() -> ResponseReturnValue:
    """File it: the clock runs from now on."""
    whose = uuid("person")
    if whose is None or queries.leaver(db(), whose) is None:
        abort(404)
    about, kind = _about(), text("type")
    if about is None or kind not in set(RequestType):
        return _page(whose, gettext("Say what is asked, and a first day that is not later than the last.")), UNPROCESSABLE  # fmt: skip  # noqa: E501
    filed: list[Request] = []
    problem = tried(
        lambda: filed.append(
            actions.start(db(), whose, actor(), clock.now(), RequestType(kind), about, text("words"), text("checked"))
        )
    )
    if problem:
        return _page(whose, gettext("Write down how you checked who asks.")), UNPROCESSABLE
    flash(gettext("The request is in the queue. Its clock runs from now on."), "success")
    return see_other(url_for("hr.one", number=filed[0].number))


def _page(whose: UUID | None, problem: str = "") -> str:
    found = text_of_query()
    who = queries.leaver(db(), whose) if whose else None
    if whose and who is None:
        abort(404)
    return render_template(
        "hr/start.html",
        person_id=str(whose) if whose else "",
        whose=who,
        q=found,
        found=queries.left(db(), found) if len(found) >= SHORTEST_SEARCH and who is None else [],
        searched=len(found) >= SHORTEST_SEARCH,
        types=[(str(kind), str(name)) for kind, name in words.TYPES.items() if kind is not RequestType.REVIEW],
        kept={name: text(name) for name in ("type", "from", "to", "words", "checked")},
        problem=problem,
    )


def text_of_query() -> str:
    """What was searched for."""
    return request.args.get("q", "").strip()[:LONGEST_SEARCH]


def _about() -> About | None:
    """Everything, or the days of the form; None for days that make no sense."""
    if not text("from") and not text("to"):
        return About()
    try:
        first, last = clock.read_day(text("from")), clock.read_day(text("to"))
    except ValueError:
        return None
    if first > last:
        return None
    zone = ZoneInfo(person().timezone)
    begin = clock.to_utc(datetime(first.year, first.month, first.day), zone)  # noqa: DTZ001 - to_utc gives the zone
    end = last + timedelta(days=1)
    return About(begin, clock.to_utc(datetime(end.year, end.month, end.day), zone))  # noqa: DTZ001
