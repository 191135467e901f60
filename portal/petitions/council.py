"""/council/petitions: the agenda with its deadlines, as the login web_council, which knows texts and numbers only."""

from uuid import UUID

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import Desk, db, person
from portal.petitions import actions, code, queries, shown, words
from portal.petitions.desk import petition_or_404
from portal.petitions.forms import DiscussForm, RejectForm
from portal.petitions.models import Petition
from portal.petitions.rules import Reason, may_reject

bp = Desk("council_petitions", __name__, login="web_council", url_prefix="/council/petitions")


@bp.get("")
@requires(Permission.COUNCIL_DESK_READ)
def agenda() -> ResponseReturnValue:
    """What must be discussed, soonest first; what runs; what was decided."""
    today, page = clock.now().date(), page_number()
    found, more = queries.listed(db(), page)
    due = sorted(filter(_due, queries.waiting(db())), key=lambda one: (one.council_due or today, one.id))
    lines = [shown.line(one, today) for one in found if not _due(one)]
    return render_template(
        "council/petitions.html",
        due=[shown.line(one, today) for one in due],
        running=[one for one in lines if one.ended_on is None],
        ended=[one for one in lines if one.ended_on is not None],
        terms=shown.terms(),
        **page_links(page, more=more),
    )


@bp.get("/<uuid:petition>")
@requires(Permission.COUNCIL_DESK_READ)
def one(petition: UUID) -> ResponseReturnValue:
    """A petition, and what the works council can do with it."""
    return _page(petition_or_404(petition), RejectForm(), DiscussForm())


@bp.post("/<uuid:petition>/reject")
@requires(Permission.COUNCIL_PETITION_CHANGE)
def reject_submit(petition: UUID) -> ResponseReturnValue:
    """Reject it, with a published reason."""
    found, form = petition_or_404(petition), RejectForm()
    if not form.validate_on_submit():
        return _page(found, form, DiscussForm(formdata=None)), 422
    reason, today = Reason(form.reason.data), clock.now().date()
    try:
        actions.reject(db(), person().id, petition, reason, form.words.data or "", today)
    except actions.NotNowError as error:
        return _page(found, form, DiscussForm(formdata=None), words.refusal(error.why)), 409
    return see_other(url_for("council_petitions.one", petition=petition))


@bp.post("/<uuid:petition>/discuss")
@requires(Permission.COUNCIL_PETITION_CHANGE)
def discuss_submit(petition: UUID) -> ResponseReturnValue:
    """It was discussed: minutes and result, told to everybody."""
    found, form = petition_or_404(petition), DiscussForm()
    if not form.validate_on_submit():
        return _page(found, RejectForm(formdata=None), form), 422
    today = clock.now().date()
    try:
        actions.discuss(db(), person().id, petition, *form.told(), today)
    except actions.NotNowError as error:
        return _page(found, RejectForm(formdata=None), form, words.refusal(error.why)), 409
    return see_other(url_for("council_petitions.one", petition=petition))


def _due(petition: Petition) -> bool:
    return petition.ended_on is None and petition.council_on is not None and petition.discussed_on is None


def _page(petition: Petition, reject: RejectForm, discuss: DiscussForm, problem: str = "") -> str:
    key = queries.keys(db(), [petition.id]).get(petition.id)
    return render_template(
        "council/petition.html",
        fingerprint=code.short(code.fingerprint(key.public)) if key else "",
        petition=shown.whole(petition, clock.now().date()),
        history=shown.history(queries.events(db(), petition.id)),
        may_reject=may_reject(petition.state),
        may_discuss=_due(petition),
        reject=reject,
        discuss=discuss,
        terms=shown.terms(),
        problem=problem,
    )
