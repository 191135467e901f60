"""Lift a freeze against the person's wish: one proposes with a reason, another announces it, and only then it ends."""

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import fresh, requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db
from portal.hr import actions
from portal.hr.desk import CONFLICT, actor, bp, case_or_404, seen, text, tried
from portal.hr.queries import Case
from portal.hr.request_page import offers, shown_case
from portal.requests import lift_rules
from portal.requests.rules import EventKind, Role


@bp.get("/requests/<int:number>/lift")
@fresh
@requires(Permission.HR_DECISION_CHANGE)
def lift(number: int) -> ResponseReturnValue:
    """Propose, announce or call off."""
    case = case_or_404(number)
    return _page(case) if offers(case)["lift"] else see_other(url_for("hr.one", number=number))


@bp.post("/requests/<int:number>/lift")
@fresh
@requires(Permission.HR_DECISION_CHANGE)
def lift_submit(number: int) -> ResponseReturnValue:
    """Propose it, with the reason that the person reads."""
    return _acted(number, EventKind.LIFT_PROPOSED, gettext("Proposed. A colleague announces it, or sends it back."))


@bp.post("/requests/<int:number>/lift/announce")
@fresh
@requires(Permission.HR_DECISION_CHANGE)
def lift_announce_submit(number: int) -> ResponseReturnValue:
    """Tell the person; it is lifted when the notice is over."""
    return _acted(number, EventKind.LIFT_ANNOUNCED, gettext("Announced. The person is told, by mail, too."))


@bp.post("/requests/<int:number>/lift/stop")
@fresh
@requires(Permission.HR_DECISION_CHANGE)
def lift_stop_submit(number: int) -> ResponseReturnValue:
    """Send a proposal back, or call off what was announced."""
    announced = lift_rules.lift_of(case_or_404(number).events).on is not None
    kind = EventKind.LIFT_CALLED_OFF if announced else EventKind.LIFT_REJECTED
    return _acted(number, kind, gettext("It stays frozen."))


def _acted(number: int, kind: EventKind, done: str) -> ResponseReturnValue:
    case, by = case_or_404(number), seen()
    problem = tried(lambda: actions.lift(db(), case, by, kind, text("words")))
    if problem:
        return _page(case, problem), CONFLICT
    flash(done, "success")
    return see_other(url_for("hr.one", number=number))


def _page(case: Case, problem: str = "") -> str:
    standing, found = case.standing, lift_rules.lift_of(case.events)
    told = next((event for event in reversed(case.events) if event.kind == EventKind.LIFT_PROPOSED), None)
    kinds = {"propose": EventKind.LIFT_PROPOSED, "announce": EventKind.LIFT_ANNOUNCED}
    may = {name: lift_rules.may(standing, found, kind, Role.HR, actor().id) for name, kind in kinds.items()}
    return render_template(
        "hr/lift.html",
        problem=problem,
        words=text("words"),
        may=may,
        lift={
            "words": found.words,
            "on": found.on,
            "by": (told.actor_name or "") if told and found.proposed_by else "",
            "at": found.proposed_at,
            "mine": found.proposed_by == actor().id,
        },
        soonest=clock.now() + lift_rules.NOTICE,
        **shown_case(case),
    )
