"""/officer/petitions: the privacy officer hands in what the employer answers; decision 0038 says why not HR."""

from uuid import UUID

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import Desk, db, person
from portal.petitions import actions, queries, shown, words
from portal.petitions.desk import petition_or_404
from portal.petitions.forms import AnswerForm
from portal.petitions.models import Petition

bp = Desk("officer_petitions", __name__, login="web_officer", url_prefix="/officer/petitions")


@bp.get("")
@requires(Permission.OFFICER_DESK_READ)
def answers() -> ResponseReturnValue:
    """What the employer must answer, soonest first, and what was answered."""
    today, page = clock.now().date(), page_number()
    answered, more = queries.listed(db(), page, Petition.answered_on.is_not(None))
    due = sorted(filter(_due, queries.waiting(db())), key=lambda one: (one.answer_due or today, one.id))
    return render_template(
        "officer/petitions.html",
        due=[shown.line(one, today) for one in due],
        answered=[shown.line(one, today) for one in answered],
        terms=shown.terms(),
        **page_links(page, more=more),
    )


@bp.get("/<uuid:petition>")
@requires(Permission.OFFICER_DESK_READ)
def one(petition: UUID) -> ResponseReturnValue:
    """A petition with the form for the answer."""
    return _page(petition_or_404(petition), AnswerForm())


@bp.post("/<uuid:petition>/answer")
@requires(Permission.OFFICER_PETITION_CHANGE)
def answer_submit(petition: UUID) -> ResponseReturnValue:
    """Publish the employer's answer; everybody is told."""
    found, form = petition_or_404(petition), AnswerForm()
    if not form.validate_on_submit():
        return _page(found, form), 422
    try:
        actions.answer(db(), person().id, petition, form.by.data or "", form.words.data or "", clock.now().date())
    except actions.NotNowError as error:
        return _page(found, form, words.refusal(error.why)), 409
    return see_other(url_for("officer_petitions.one", petition=petition))


def _due(petition: Petition) -> bool:
    return petition.ended_on is None and petition.employer_on is not None and petition.answered_on is None


def _page(petition: Petition, form: AnswerForm, problem: str = "") -> str:
    return render_template(
        "officer/petition.html",
        petition=shown.whole(petition, clock.now().date()),
        history=shown.history(queries.events(db(), petition.id)),
        may_answer=_due(petition),
        form=form,
        problem=problem,
    )
