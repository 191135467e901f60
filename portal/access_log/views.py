"""/looks: who looked at the person's data, the person included."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from portal.access_log import queries
from portal.access_log.models import Look
from portal.access_log.queries import By
from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import db, person

bp = Blueprint("access_log", __name__)
COUNTED = timedelta(days=30)
DOWNLOAD = "export_download"
CHOICES = {By.ALL: lazy_gettext("All"), By.OTHERS: lazy_gettext("By others"), By.OWN: lazy_gettext("By yourself")}


@bp.get("/looks")
@requires(Permission.OWN_LOOKS_READ)
def looks() -> ResponseReturnValue:
    """Every look at this person's data, newest first; with `by`, those of others or the own ones alone."""
    page, wanted = page_number(), request.args.get("by", "")
    by = By(wanted) if wanted in set(By) else By.ALL
    rows, more = queries.looks(db(), person().id, page, by)
    counts = queries.counts(db(), person().id, clock.now() - COUNTED)
    shown = [_shown(look) for look in rows]
    return render_template(
        "looks/looks.html",
        by=by.value,
        choices=[(text, url_for("access_log.looks", by=one or None), one is by) for one, text in CHOICES.items()],
        people=counts.people,
        own=counts.own,
        looks=shown,
        **page_links(page, more=more),
    )


def _shown(look: Look) -> dict[str, object]:
    own = look.reader_id == person().id
    return {
        "at": look.at,
        "own": own,
        "reader": gettext("You") if own else look.reader_unit or gettext("Unit not known"),
        "purpose": _purpose(look),
        "kind": look.kind.value,
        "items": 0 if look.purpose == DOWNLOAD else len(look.segment_ids),
        "covers_from": look.covers_from,
        "covers_until": look.covers_until,
        "url": _url(look),
    }


def _purpose(look: Look) -> str:
    own_purposes = {
        "own_view": gettext("You opened your own data"),
        "search": gettext("You searched your own day"),
        "export": gettext("The vault opened it for an export you ordered"),
        "export_download": gettext("You downloaded an export"),
    }
    return str(own_purposes.get(look.purpose, look.purpose))


def _url(look: Look) -> str:
    """Where what was looked at is shown: the item, the day of a search or of a batch, the export."""
    if look.purpose == DOWNLOAD:
        return url_for("exports.export", export_id=look.segment_ids[0])
    day = clock.local_day(look.covers_from, ZoneInfo(person().timezone))
    if len(look.segment_ids) == 1:
        return url_for("capture.item", day=day.isoformat(), segment_id=look.segment_ids[0])
    return url_for("capture.day", day=day.isoformat())
