"""/officer/reconciliation: what did not agree, and its answers; the affected person may dispute one."""

from datetime import date
from typing import Final
from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.plain import plain
from portal.core.web.guard import limited, requires
from portal.core.web.htmx import see_other
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import Desk, db
from portal.reconciliation import words as finding_words
from portal.reconciliation.settling import actions, queries, words
from portal.reconciliation.settling.models import Cause, MismatchRow, Standing
from portal.reconciliation.settling.rules import waited

bp = Blueprint("settling", __name__)
officer_bp = Desk("officer_reconciliation", __name__, login="web_officer", url_prefix="/officer/reconciliation")
LEAST, MOST = 10, 4000
UNPROCESSABLE, CONFLICT = 422, 409
NOTHING: Final = {"cause": "", "words": ""}


@bp.post("/data/<day>/check/<uuid:mismatch>/dispute")
@requires(Permission.OWN_MISMATCH_DISPUTE)
@limited("20/minute")
def dispute_submit(day: str, mismatch: UUID) -> ResponseReturnValue:
    """Say that the answer does not explain it."""
    try:
        on = clock.read_day(day)
    except ValueError:
        abort(404)
    if actions.dispute(db(), mismatch):
        flash(gettext("Said. The privacy officer has it in front of them again, without your name."), "success")
    else:
        flash(gettext("This waits for an answer already, or was disputed once and answered again."), "error")
    return see_other(url_for("reconciliation.check", day=on.isoformat()))


@officer_bp.get("")
@requires(Permission.OFFICER_DESK_READ)
def officer() -> ResponseReturnValue:
    """What did not agree: sort, kind, count, device class and age, nobody's name; what waits first."""
    page = page_number()
    rows, more = queries.listed(db(), page)
    count, since = queries.waiting(db())
    return render_template(
        "reconciliation/officer.html",
        lines=[_line(row) for row in rows],
        count=count,
        oldest=waited(since, _today()) if since else 0,
        **page_links(page, more=more),
    )


@officer_bp.get("/<uuid:mismatch>")
@requires(Permission.OFFICER_DESK_READ)
def one(mismatch: UUID) -> ResponseReturnValue:
    """One mismatch with its history, and the form for the answer while it waits."""
    return _page(_found(mismatch), NOTHING, NOTHING)


@officer_bp.post("/<uuid:mismatch>/answer")
@requires(Permission.OFFICER_MISMATCH_ANSWER)
def answer_submit(mismatch: UUID) -> ResponseReturnValue:
    """Answer it; whoever is affected is told and reads it beside their rows."""
    found = _found(mismatch)
    given = {name: plain(request.form.get(name, "")) for name in NOTHING}
    errors = dict(NOTHING)
    if given["cause"] not in set(Cause):
        errors["cause"] = gettext("Choose one of these.")
    if not LEAST <= len(given["words"]) <= MOST:
        errors["words"] = gettext("Between %(min)d and %(max)d characters, please.", min=LEAST, max=MOST)
    if any(errors.values()):
        return _page(found, given, errors), UNPROCESSABLE
    seen = request.form.get("items", 0, type=int)
    if not actions.answer(db(), found, seen, Cause(given["cause"]), given["words"]):
        db().refresh(found)
        flash(gettext("This was answered, or became more, while you wrote. Look at it again."), "error")
        return _page(found, given, errors), CONFLICT
    flash(gettext("Answered. Whoever is affected is told, and reads it beside their own rows."), "success")
    return see_other(url_for("officer_reconciliation.one", mismatch=mismatch))


def _found(mismatch: UUID) -> MismatchRow:
    found = queries.one(db(), mismatch)
    if found is None:
        abort(404)
    return found


def _page(found: MismatchRow, given: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "reconciliation/one.html",
        one=_line(found),
        steps=queries.steps(db(), found.id),
        causes=words.CAUSE,
        typed=given,
        errors=errors,
        most=MOST,
    )


def _today() -> date:
    return clock.now().date()


def _line(row: MismatchRow) -> dict[str, object]:
    """A mismatch in words. `age`: days that it waits, none once it is answered."""
    return {
        "id": row.id,
        "number": row.number,
        "what": finding_words.what(row.what),
        "kind": row.kind,
        "device": finding_words.family(row.device_class),
        "count": row.items,
        "day": row.day,
        "found_on": row.found_on,
        "state": str(words.STANDING[row.state]),
        "tone": words.TONE[row.state],
        "waits": row.state is not Standing.ANSWERED,
        "disputed": row.disputed_on is not None,
        "age": None if row.state is Standing.ANSWERED else waited(row.found_on, _today()),
    }
