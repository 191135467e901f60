"""/requests/new: ask for something, with a preview; drafts; and the sending itself."""

from dataclasses import replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.capture import queries as captured
from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import keeps, requires
from portal.core.web.htmx import render, see_other
from portal.core.web.state import db, person
from portal.policies.queries import policies
from portal.requests import deadlines, drafting, previewing, queries, shown, words
from portal.requests.actions import about_of
from portal.requests.copies import reach
from portal.requests.drafting import Deadline, TooManyDraftsError, TwinError
from portal.requests.forms import Asked, check_words, read, wall
from portal.requests.previewing import Preview
from portal.requests.refusals import NotNowError
from portal.requests.rules import About, Actor, RequestState, Role

bp = Blueprint("asking", __name__)


@bp.get("/requests/new")
@requires(Permission.OWN_REQUEST_CHANGE)
def new() -> ResponseReturnValue:
    """The form, filled in as the query says, with what it would concern."""
    if "chosen" in request.args and "item" not in request.args:
        flash(gettext("Tick the items first that you mean."), "warning")
        return see_other(url_for("capture.day", day=request.args.get("day", "")) if "day" in request.args else "/data")
    return _form(read(request.args, clock.now(), _zone()))


@bp.post("/requests/preview")
@keeps("asking.preview_submit")
@requires(Permission.OWN_REQUEST_CHANGE)
def preview_submit() -> ResponseReturnValue:
    """Count again after a change. What was written is kept as a draft, so that a lost session loses nothing."""
    if _anothers():
        return _not_kept()
    asked = read(request.form, clock.now(), _zone())
    if (asked.draft or asked.words) and "narrowed" not in asked.errors:
        asked = _kept(asked)
    return _form(asked)


@bp.post("/requests")
@keeps("asking.preview_submit")
@requires(Permission.OWN_REQUEST_CHANGE)
def send_submit() -> ResponseReturnValue:
    """Send it to HR; its clock runs from now on."""
    if _anothers():
        return _not_kept()
    now = clock.now()
    asked = _complete(read(request.form, now, _zone()))
    if asked.errors:
        return _form(asked), 422
    country = policies(db(), person().id).workplace.country
    deadline = Deadline(*deadlines.begun(country, asked.kind, now, person().timezone))
    counted = _counted(asked, asked.about)
    try:
        sent = drafting.submit(db(), person().id, asked, me(), now, counted, deadline)
    except TwinError as error:
        return _asked_before(asked, error)
    except NotNowError as error:
        flash(words.refusal(error.why), "info")
        return see_other(url_for("requests.one", request_id=asked.draft))
    except LookupError:
        abort(404)
    flash(gettext("Sent. HR sees it from now on; you follow it here."), "success")
    return see_other(url_for("requests.one", request_id=sent.id))


@bp.post("/requests/drafts")
@keeps("asking.preview_submit")
@requires(Permission.OWN_REQUEST_CHANGE)
def save_submit() -> ResponseReturnValue:
    """Keep it for later; nobody else sees it."""
    if _anothers():
        return _not_kept()
    asked = read(request.form, clock.now(), _zone())
    if asked.errors:
        return _form(asked), 422
    kept = _kept(asked)
    if kept.draft is None:
        return _form(kept), 422
    flash(gettext("Kept as a draft. Nobody but you sees it."), "success")
    return see_other(url_for("requests.requests"))


@bp.get("/requests/drafts/<uuid:request_id>")
@requires(Permission.OWN_REQUEST_CHANGE)
def draft(request_id: UUID) -> ResponseReturnValue:
    """Go on with a draft; one that was sent meanwhile shows its page."""
    found = queries.one(db(), request_id, person().id)
    if found is None:
        abort(404)
    if found.state is not RequestState.DRAFT:
        return see_other(url_for("requests.one", request_id=found.id))
    about = about_of(found)
    starts = wall(about.starts_at, _zone()) if about.starts_at else ""
    ends = wall(about.ends_at, _zone(), up=True) if about.ends_at else ""
    return _form(Asked(found.type, about, found.words, found.id, starts, ends))


@bp.post("/requests/drafts/<uuid:request_id>/discard")
@requires(Permission.OWN_REQUEST_CHANGE)
def discard_submit(request_id: UUID) -> ResponseReturnValue:
    """Throw a draft away; what was sent meanwhile can only be withdrawn."""
    found = queries.one(db(), request_id, person().id)
    if found is None:
        abort(404)
    if not drafting.discard(db(), person().id, request_id):
        flash(gettext("This was sent meanwhile. You can withdraw it."), "info")
        return see_other(url_for("requests.one", request_id=request_id))
    flash(gettext("The draft is gone."), "success")
    return see_other(url_for("requests.requests"))


def me() -> Actor:
    """The signed-in person, acting for themselves."""
    return Actor(person().id, Role.EMPLOYEE, person().name)


def _anothers() -> bool:
    """Whether somebody else filled the form in: it outlives a session, in this browser."""
    return request.form.get("whose", str(person().id)) != str(person().id)


def _not_kept() -> ResponseReturnValue:
    flash(
        gettext("Somebody else filled that form in, who was signed in here before. Nothing of it was sent or kept."),
        "warning",
    )
    return see_other(url_for("asking.new"))


def _zone() -> ZoneInfo:
    return ZoneInfo(person().timezone)


def _kept(asked: Asked) -> Asked:
    """The same, with the draft that keeps it, unless it cannot be kept."""
    law = deadlines.law_code(policies(db(), person().id).workplace.country)
    try:
        kept = drafting.save(db(), person().id, asked, me(), clock.now(), law)
    except TooManyDraftsError:
        problem = gettext("You have 20 drafts already. Send or discard one first.")
        return replace(asked, errors=asked.errors | {"draft": problem})
    except NotNowError as error:
        return replace(asked, draft=None, errors=asked.errors | {"draft": words.refusal(error.why)})
    except LookupError:
        abort(404)
    return replace(asked, draft=kept.id)


def _complete(asked: Asked) -> Asked:
    """With whatever else is wrong with it once it is to be sent."""
    errors = asked.errors | check_words(asked)
    known = captured.chosen(db(), person().id, asked.about.segments) if asked.about.segments else ()
    if len(known) < len(asked.about.segments):
        errors["item"] = gettext("Some of the items are not yours, or are deleted by now. Look at what is left.")
    return replace(asked, errors=errors)


def _asked_before(asked: Asked, error: TwinError) -> ResponseReturnValue:
    """The same again: lead to the one that runs, unless there are new words, which must not get lost."""
    where = url_for("requests.one", request_id=error.id)
    if asked.words in {"", error.words}:
        flash(gettext("You have asked for exactly this already. Here it is."), "info")
        return see_other(where)
    return _form(asked, twin={"number": error.number, "url": where}), 409


def _counted(asked: Asked, about: About) -> Preview:
    return previewing.preview(db(), person().id, about, clock.now(), reach(asked.kind, about))


def _form(asked: Asked, twin: dict[str, Any] | None = None) -> str:
    known, now = policies(db(), person().id), clock.now()
    items = captured.chosen(db(), person().id, asked.about.segments) if asked.about.segments else ()
    about = replace(asked.about, segments=tuple(row.id for row in items)) if items else asked.about
    counted = None if asked.errors.keys() & {"from", "to"} else _counted(asked, about)
    labels = known.labels()
    return render(
        "requests/new.html",
        "requests/_preview.html",
        asked=asked,
        whose=person().id,
        types=[(kind.value, text) for kind, text in words.TYPES.items()],
        contexts=[(context, labels.get(context, context)) for context in captured.contexts(db(), person().id)],
        items=[(str(row.id), row.started_at, row.kind, labels.get(row.context, row.context)) for row in items],
        preview=shown.preview(counted, known, asked, now) if counted else None,
        listed=shown.listed(asked.about, _zone()),
        around=shown.around(asked, [row.started_at for row in items]) if items else "",
        twin=twin,
        errors=asked.errors,
    )
