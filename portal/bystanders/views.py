"""Say whom an own item shows (/data/<day>/<item>/shown); claim an item of somebody else (/shown)."""

from datetime import date
from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.bystanders import actions, queries, rules, words
from portal.bystanders.models import Wish
from portal.bystanders.queries import Shown
from portal.bystanders.rules import Answer
from portal.capture import pages
from portal.capture import queries as captured
from portal.capture.models import Segment
from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import limited, requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person
from portal.policies.queries import policies

bp = Blueprint("bystanders", __name__)
UNPROCESSABLE = 422


@bp.get("/data/<day>/<uuid:segment_id>/shown")
@requires(Permission.OWN_DATA_READ)
def naming(day: str, segment_id: UUID) -> ResponseReturnValue:
    """Whom the person said that their item shows."""
    return _naming(_item(day, segment_id))


@bp.post("/data/<day>/<uuid:segment_id>/shown")
@requires(Permission.OWN_REQUEST_CHANGE)
@limited("20/minute")
def name_submit(day: str, segment_id: UUID) -> ResponseReturnValue:
    """Name somebody; the answer is the same whether there is such a person."""
    found = _item(day, segment_id)
    handle = rules.handle(request.form.get("handle", ""))
    problem = _problem(found, handle)
    if problem or handle is None:
        return _naming(found, problem), UNPROCESSABLE
    actions.name(db(), person().id, found, handle, clock.now())
    flash(gettext("Noted. If this is a colleague, they are told, and can have the item deleted or frozen."), "success")
    return see_other(url_for("bystanders.naming", day=day, segment_id=segment_id))


@bp.post("/data/<day>/<uuid:segment_id>/shown/<uuid:naming_id>/end")
@requires(Permission.OWN_REQUEST_CHANGE)
def end_submit(day: str, segment_id: UUID, naming_id: UUID) -> ResponseReturnValue:
    """Take a name back; what was asked meanwhile goes on."""
    _day(day)
    if not actions.take_back(db(), person().id, segment_id, naming_id):
        abort(404)
    flash(gettext("Taken back. What they asked before goes on."), "success")
    return see_other(url_for("bystanders.naming", day=day, segment_id=segment_id))


@bp.get("/shown")
@requires(Permission.OWN_REQUEST_READ)
def shown() -> ResponseReturnValue:
    """Items of others that show the person, and what they asked about such items."""
    labels = policies(db(), person().id).labels()
    asked = queries.claims(db(), person().id)
    open_wishes = {claim.item_id: claim.wish.value for claim in asked if not queries.over(claim.state)}
    return render_template(
        "bystanders/shown.html",
        items=[_line(one, labels) | {"wish": open_wishes.get(one.id, "")} for one in queries.shown(db())],
        claims=[words.line(claim) for claim in asked],
    )


@bp.get("/shown/<uuid:shown_id>")
@requires(Permission.OWN_REQUEST_READ)
@limited("60/minute")
def one(shown_id: UUID) -> ResponseReturnValue:
    """One of them, and what can be asked."""
    return _one(_shown(shown_id))


@bp.post("/shown/<uuid:shown_id>")
@requires(Permission.OWN_REQUEST_CHANGE)
@limited("20/minute")
def claim_submit(shown_id: UUID) -> ResponseReturnValue:
    """Ask for it. The item's owner and HR are told who asks."""
    wish = request.form.get("wish", "")
    if wish not in set(Wish):
        return _one(_shown(shown_id), gettext("Choose one of the two.")), UNPROCESSABLE
    answer = actions.claim(db(), person().id, shown_id, Wish(wish))
    if answer is Answer.UNKNOWN:
        abort(404)
    if answer is not Answer.CLAIMED:
        flash(words.answer(answer), "warning")
        return see_other(url_for("bystanders.shown"))
    flash(gettext("Sent to HR. You follow it here; whose item it is, is told, too."), "success")
    return see_other(url_for("bystanders.shown"))


@bp.post("/shown/claims/<uuid:claim_id>/end")
@requires(Permission.OWN_REQUEST_CHANGE)
def unclaim_submit(claim_id: UUID) -> ResponseReturnValue:
    """Take back what was asked; the worker withdraws it, and tells the item's owner."""
    found = queries.claim(db(), person().id, claim_id)
    if found is None:
        abort(404)
    if actions.unclaim(db(), person().id, found, clock.now()):
        flash(gettext("Taken back. Whose item it is, is told. What others ask about it goes on."), "success")
    else:
        flash(gettext("Too late to take this back. You see below where it stands."), "warning")
    return see_other(url_for("bystanders.shown"))


def _naming(found: Segment, problem: str = "") -> str:
    labels = policies(db(), person().id).labels()
    return render_template(
        "bystanders/naming.html",
        item={
            "kind": found.kind,
            "context": labels.get(found.context, found.context),
            "start": found.started_at,
            "end": found.ended_at,
            "id": found.id,
            "url": pages.item_url(found.local_day, found.id),
            "day": found.local_day,
        },
        names=queries.named(db(), person().id, found.id),
        typed=request.form.get("handle", "") if problem else "",
        problem=problem,
    )


def _problem(found: Segment, handle: str | None) -> str:
    if handle is None:
        return str(gettext("Write an e-mail address or a user name, without blanks."))
    if person().email and handle == rules.handle(person().email or ""):
        return str(gettext("That is yourself. Name somebody else."))
    if len(queries.named(db(), person().id, found.id)) >= rules.MOST:
        return str(gettext("At most %(most)s people for one item.", most=rules.MOST))
    return ""


def _one(found: Shown, problem: str = "") -> str:
    labels = policies(db(), person().id).labels()
    return render_template("bystanders/one.html", item=_line(found, labels), problem=problem)


def _line(found: Shown, labels: dict[str, str]) -> dict[str, object]:
    return {
        "id": found.id,
        "start": found.started_at,
        "end": found.ended_at,
        "kind": found.kind,
        "context": labels.get(found.context, found.context),
        "unit": found.unit,
        "held": found.held,
    }


def _shown(shown_id: UUID) -> Shown:
    found = queries.shown(db(), shown_id)
    if not found:
        abort(404)
    return found[0]


def _item(day: str, segment_id: UUID) -> Segment:
    found = captured.item(db(), person().id, _day(day), segment_id)
    if found is None:
        abort(404)
    return found


def _day(text: str) -> date:
    try:
        return clock.read_day(text)
    except ValueError:
        abort(404)
