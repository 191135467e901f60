"""The check of one's own day, and what the works council may know of everybody's."""

from datetime import date

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from portal.access_log import room
from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.state import Desk, db, person
from portal.reconciliation import actions, queries, shown, words
from portal.reconciliation.rules import told
from portal.reconciliation.settling import shown as settling

bp = Blueprint("reconciliation", __name__)
council_bp = Desk("council_reconciliation", __name__, login="web_council", url_prefix="/council")


@bp.get("/data/<day>/check")
@requires(Permission.OWN_DATA_READ)
def check(day: str) -> ResponseReturnValue:
    """How a day was checked, and what came of it; looks again whether the page shows what is stored."""
    on, who = _day(day), person().id
    row = queries.of_day(db(), who, on)
    checked = row is not None and row.state is not None
    if checked and (hidden := shown.hidden(db(), who, on)):
        actions.report_hidden(db(), who, on, hidden, {})
    page = shown.page(db(), who, on, row.figures if row else None)
    state = ("red" if page["found"] else told(str(row.state), row.missing)) if row and checked else ""
    return render_template(
        "reconciliation/check.html",
        on=on,
        mark=words.mark(on, state) if state else None,
        state=state,
        checked_at=row.checked_at if row else None,
        may_dispute=person().may(Permission.OWN_MISMATCH_DISPUTE),
        **page,
    )


@council_bp.get("/reconciliation")
@requires(Permission.COUNCIL_DESK_READ)
def council() -> ResponseReturnValue:
    """How many people's days agree, and how far mismatches were answered; no number of too few. The look is noted."""
    room.note(db(), room.CHECK)
    return render_template(
        "reconciliation/council.html",
        days=shown.council(queries.shares(db())),
        stands=settling.council(db()),
        least=settling.LEAST,
    )


def _day(text: str) -> date:
    try:
        return clock.read_day(text)
    except ValueError:
        abort(404)
