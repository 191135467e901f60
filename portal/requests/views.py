"""What the person asks to be done: so far, deleting a range by themselves, with a preview and an undo."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import db, person
from portal.policies.queries import policies
from portal.requests import actions, queries
from portal.requests.actions import Range
from portal.requests.forms import RangeError, hidden_fields, read_range
from portal.requests.shown import shown

bp = Blueprint("requests", __name__)


@bp.get("/requests")
@requires(Permission.OWN_REQUEST_READ)
def requests() -> ResponseReturnValue:
    """What the person asked to be deleted, newest first."""
    page = page_number()
    rows, more = queries.erasures(db(), person().id, page)
    names = policies(db(), person().id).labels()
    return render_template(
        "requests/requests.html",
        requests=[shown(row, names, clock.now()) for row in rows],
        **page_links(page, more=more),
    )


@bp.get("/requests/delete")
@requires(Permission.OWN_DATA_DELETE)
def delete() -> ResponseReturnValue:
    """What a deletion would do, before it is done."""
    try:
        chosen = read_range(request.args, clock.now(), ZoneInfo(person().timezone))
    except RangeError:
        abort(400)
    allowed = _allowed(chosen, clock.now())
    kinds = actions.preview(db(), person().id, allowed)
    everything = actions.preview(db(), person().id, chosen)
    items = sum(kinds.values())
    names = policies(db(), person().id).labels()
    return render_template(
        "requests/delete.html",
        asked={
            "starts": allowed.starts_at if items else chosen.starts_at,
            "ends": chosen.ends_at,
            "kinds": chosen.kinds,
            "contexts": [names.get(context, context) for context in chosen.contexts],
            "one": chosen.segment_id is not None,
        },
        items=items,
        kinds=list(kinds.items()),
        stores=[{"name": gettext("Daylight's own store"), "items": items, "what": "goes", "why": ""}],
        too_old=sum(everything.values()) - items,
        fields=hidden_fields(allowed),
        problem="",
        back=url_for("capture.day", day=clock.local_day(chosen.starts_at, ZoneInfo(person().timezone)).isoformat()),
    )


@bp.post("/requests/delete")
@requires(Permission.OWN_DATA_DELETE)
def delete_submit() -> ResponseReturnValue:
    """Hide what was previewed at once; it is erased after ten minutes."""
    now = clock.now()
    try:
        chosen = read_range(request.form, now, ZoneInfo(person().timezone))
    except RangeError:
        abort(400)
    erasure = actions.erase(db(), person().id, _allowed(chosen, now), now)
    if erasure is None:
        flash(gettext("There was nothing left to delete."), "info")
    else:
        flash(
            ngettext(
                "%(num)s item is hidden. You can undo it for 10 minutes.",
                "%(num)s items are hidden. You can undo it for 10 minutes.",
                erasure.items,
            ),
            "success",
        )
    return see_other(url_for("requests.requests"))


@bp.post("/requests/<uuid:request_id>/undo")
@requires(Permission.OWN_DATA_DELETE)
def undo_submit(request_id: UUID) -> ResponseReturnValue:
    """Bring back what a deletion hid."""
    if not queries.exists(db(), person().id, request_id):
        abort(404)
    if actions.undo(db(), person().id, request_id, clock.now()) is None:
        flash(gettext("It is too late to undo this: the ten minutes are over, or it was undone already."), "warning")
    else:
        flash(gettext("Everything is back."), "success")
    return see_other(url_for("requests.requests"))


def _allowed(chosen: Range, now: datetime) -> Range:
    """The part of the range that lies inside the self-service window of the policy."""
    starts = max(chosen.starts_at, policies(db(), person().id).self_service_since(now))
    return Range(starts, max(chosen.ends_at, starts), chosen.kinds, chosen.contexts, chosen.segment_id)
