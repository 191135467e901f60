"""/council/experts: who may read the evidence room beside the council, from a day to a day; and ending that early."""

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.capture.day import local_midnights
from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import fresh, requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person
from portal.council import actions, looking, queries, rules
from portal.council.desk import bp
from portal.council.forms import Typed
from portal.council.models import What

FIELDS = {"name": 120, "account": 255, "task": 400}
"""What the form asks for, and how long it may be."""
EMPTY = dict.fromkeys((*FIELDS, "first", "last"), "")


@bp.get("/experts")
@fresh
@requires(Permission.COUNCIL_SEAT_CHANGE)
def experts() -> ResponseReturnValue:
    """Every seat, and a form for another."""
    looking.note(What.EXPERTS)
    return _page(Typed({}))


@bp.post("/experts")
@fresh
@requires(Permission.COUNCIL_SEAT_CHANGE)
def expert_submit() -> ResponseReturnValue:
    """Give somebody from outside a seat."""
    zone = ZoneInfo(person().timezone)
    typed = Typed({name: request.form.get(name, "").strip() for name in EMPTY})
    for name, most in FIELDS.items():
        typed.length(name, most)
    first, last = typed.day("first"), typed.day("last")
    if first and last and rules.seat_too_long(first, last, clock.local_day(clock.now(), zone)):
        typed.errors["last"] = gettext("From today on, %(days)d days at most.", days=rules.LONGEST_SEAT)
    if not typed.errors and not queries.seat_possible(db(), typed.values["account"]):
        typed.errors["account"] = gettext("This is a colleague's account. A seat is for somebody from outside.")
    if typed.errors or first is None or last is None:
        return _page(typed), 422
    times = local_midnights(first, zone)[0], local_midnights(last, zone)[1]
    actions.name_expert(db(), person().id, {name: typed.values[name] for name in FIELDS}, *times)
    flash(gettext("The seat is given. It opens and ends by itself."), "success")
    return see_other(url_for("council.experts"))


@bp.post("/experts/<uuid:seat>/end")
@requires(Permission.COUNCIL_SEAT_CHANGE)
def expert_end_submit(seat: UUID) -> ResponseReturnValue:
    """End a seat before its day: also for a page that is open."""
    if not actions.end_seat(db(), person().id, seat, clock.now()):
        abort(404)
    flash(gettext("The seat has ended."), "success")
    return see_other(url_for("council.experts"))


def _page(typed: Typed) -> str:
    seats = [{"seat": one, "state": rules.seat_state(one, clock.now())} for one in queries.seats(db())]
    return render_template(
        "council/experts.html",
        seats=seats,
        typed=EMPTY | typed.values,
        errors=EMPTY | typed.errors,
        most=rules.LONGEST_SEAT,
    )
