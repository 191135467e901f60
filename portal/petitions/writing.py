"""/petitions/new: write, see what is alike, start; and drafts."""

from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import limited, requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person
from portal.petitions import actions, queries, shown, words
from portal.petitions.forms import PetitionForm

bp = Blueprint("petition_writing", __name__)
MOST_ASKED = 400


@bp.get("/petitions/new")
@requires(Permission.PETITION_CHANGE)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _form(PetitionForm())


@bp.get("/petitions/similar")
@requires(Permission.PETITION_CHANGE)
def similar() -> ResponseReturnValue:
    """A part of the form: petitions about the same as what stands in it."""
    asked = f"{request.args.get('title', '')} {request.args.get('demand', '')}"[:MOST_ASKED]
    return render_template("petitions/_similar.html", similar=_similar(asked))


@bp.post("/petitions")
@requires(Permission.PETITION_CHANGE)
@limited("30/hour")
def start_submit() -> ResponseReturnValue:
    """Start it, unless there are similar ones and the author has not seen them yet: then show those first."""
    form, now = PetitionForm(), clock.now()
    draft = _draft_id()
    if not form.validate_on_submit():
        return _form(form, draft), 422
    written = form.written()
    alike = _similar(f"{written.title} {written.demand}")
    if alike and not request.form.get("seen"):
        return _form(form, draft, alike=alike), 422
    try:
        petition = actions.start(db(), person().id, written, now)
    except actions.NotNowError as error:
        return _form(form, draft, problem=words.refusal(error.why)), 409
    if draft:
        actions.discard(db(), person().id, draft)
    told = gettext("Your petition is there. Tell your colleagues: it opens for everybody when enough support it.")
    flash(told, "success")
    return see_other(url_for("petitions.one", petition=petition))


@bp.post("/petitions/drafts")
@requires(Permission.PETITION_CHANGE)
def save_submit() -> ResponseReturnValue:
    """Keep what was written so far."""
    form = PetitionForm()
    try:
        draft = actions.save(db(), person().id, form.written(), _draft_id(), clock.now())
    except actions.NotNowError as error:
        return _form(form, problem=words.refusal(error.why)), 409
    except LookupError:
        abort(404)
    flash(gettext("Kept as a draft. Nobody else sees it."), "success")
    return see_other(url_for("petition_writing.draft", draft_id=draft.id))


@bp.get("/petitions/drafts/<uuid:draft_id>")
@requires(Permission.PETITION_CHANGE)
def draft(draft_id: UUID) -> ResponseReturnValue:
    """Go on writing."""
    found = queries.draft(db(), person().id, draft_id)
    if found is None:
        abort(404)
    form = PetitionForm(
        data={"title": found.title, "demand": found.demand, "reasons": found.reasons, "answerer": found.answerer.value}
    )
    return _form(form, draft_id)


@bp.post("/petitions/drafts/<uuid:draft_id>/discard")
@requires(Permission.PETITION_CHANGE)
def discard_submit(draft_id: UUID) -> ResponseReturnValue:
    """Throw a draft away."""
    if not actions.discard(db(), person().id, draft_id):
        abort(404)
    return see_other(url_for("petitions.petitions"))


def _form(
    form: PetitionForm, draft: UUID | None = None, *, alike: list[shown.Line] | None = None, problem: str = ""
) -> str:
    return render_template(
        "petitions/new.html",
        form=form,
        draft=str(draft or ""),
        similar=alike or [],
        must_see=bool(alike),
        problem=problem,
        terms=shown.terms(),
    )


def _similar(asked: str) -> list[shown.Line]:
    today = clock.now().date()
    return [shown.line(one, today) for one in queries.similar(db(), asked)]


def _draft_id() -> UUID | None:
    given = request.form.get("draft", "")
    try:
        return UUID(given) if given else None
    except ValueError:
        abort(400)
