"""Decide on a request; a colleague confirms. Both ask for a fresh sign-in before the form, so that no word is lost."""

from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core.permissions import Permission
from portal.core.web.guard import fresh, requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db
from portal.hr import actions, rules, shown, words
from portal.hr.desk import CONFLICT, UNPROCESSABLE, bp, case_or_404, seen, text, tried
from portal.hr.queries import Case
from portal.hr.request_page import offers, shown_case
from portal.laws import words as law_words
from portal.laws.book import law
from portal.requests import queries as requests
from portal.requests.actions import about_of
from portal.requests.copies import COPIES, can_leave_out
from portal.requests.deciding import Proposal
from portal.requests.rules import Outcome, RequestType
from portal.requests.senders import StartedBy

MOST_PARTS = 100


@bp.get("/requests/<int:number>/decide")
@fresh
@requires(Permission.HR_DECISION_CHANGE)
def decide(number: int) -> ResponseReturnValue:
    """Approve, approve in part, or refuse."""
    case = case_or_404(number)
    if not offers(case)["decide"]:
        return see_other(url_for("hr.one", number=number))
    return _page(case)


@bp.post("/requests/<int:number>/decide")
@fresh
@requires(Permission.HR_DECISION_CHANGE)
def decide_submit(number: int) -> ResponseReturnValue:
    """Propose the decision, or decide where one person may."""
    case, by = case_or_404(number), seen()
    proposal = _proposal(case)
    if proposal is None:
        return _page(case, gettext("Say what you decide; unless you approve all of it, name the ground and say why.")), UNPROCESSABLE  # fmt: skip  # noqa: E501
    if not _can_leave_out(case, proposal):
        return _page(case, words.left_out()), UNPROCESSABLE
    problem = tried(lambda: actions.propose(db(), case, by, proposal))
    if problem:
        return _page(case, problem), CONFLICT
    two = rules.four_eyes(proposal.outcome, case.request.type, about_of(case.request))
    flash(
        gettext("Proposed. It holds as soon as a colleague confirms it.") if two else gettext("Decided. The person is told."),  # noqa: E501
        "success",
    )  # fmt: skip
    return see_other(url_for("hr.one", number=number))


@bp.get("/requests/<int:number>/confirm")
@fresh
@requires(Permission.HR_DECISION_CHANGE)
def confirm(number: int) -> ResponseReturnValue:
    """What a colleague proposes, to confirm or to send back."""
    return _confirm_page(case_or_404(number))


@bp.post("/requests/<int:number>/confirm")
@fresh
@requires(Permission.HR_DECISION_CHANGE)
def confirm_submit(number: int) -> ResponseReturnValue:
    """Confirm it; the person is told."""
    case, by = case_or_404(number), seen()
    problem = tried(lambda: actions.confirm(db(), case, by))
    if problem:
        return _confirm_page(case, problem), CONFLICT
    flash(gettext("Decided. The person is told."), "success")
    return see_other(url_for("hr.one", number=number))


@bp.post("/requests/<int:number>/reject")
@fresh
@requires(Permission.HR_DECISION_CHANGE)
def reject_submit(number: int) -> ResponseReturnValue:
    """Send the proposal back, with why."""
    case, by = case_or_404(number), seen()
    problem = tried(lambda: actions.reject(db(), case, by, text("words")))
    if problem:
        return _confirm_page(case, problem), CONFLICT
    flash(gettext("Sent back. The request is undecided again."), "success")
    return see_other(url_for("hr.one", number=number))


def _page(case: Case, problem: str = "") -> str:
    given = request.form
    return render_template(
        "hr/decide.html",
        problem=problem,
        kept={"outcome": given.get("outcome", ""), "ground": given.get("ground", ""), "words": text("words")},
        kept_stays=given.getlist("stays"),
        grounds=_grounds(case),
        ground_choices=[(one["code"], one["name"]) for one in _grounds(case)],
        lies=shown.lies(requests.counts(db(), case.request)),
        endless=case.request.type is RequestType.ERASE and not (case.request.ends_at or case.request.segments),
        two_to_approve=rules.four_eyes(Outcome.APPROVE, case.request.type, about_of(case.request)),
        **shown_case(case),
    )


def _grounds(case: Case) -> list[dict[str, Any]]:
    """The grounds of the law for this type, in words."""
    return [
        {
            "code": ground.code,
            "name": f"{law_words.said(ground.name)} ({law_words.article(ground.article)})",
            "words": law_words.said(ground.words),
        }
        for ground in law(case.request.law).grounds_for(case.request.type.value)
    ]


def _confirm_page(case: Case, problem: str = "") -> str:
    return render_template(
        "hr/confirm.html", problem=problem, may=offers(case), words=text("words"), **shown_case(case)
    )


def _proposal(case: Case) -> Proposal | None:
    """What the form proposes; None when it is not whole."""
    given = text("outcome")
    if given not in set(Outcome):
        return None
    outcome = Outcome(given)
    if outcome is Outcome.APPROVE:
        return Proposal(outcome, text("words")[: actions.LONGEST])
    ground, said = text("ground"), text("words")[: actions.LONGEST]
    if ground not in {one["code"] for one in _grounds(case)} or not said:
        return None
    if outcome is Outcome.REFUSE:
        return Proposal(outcome, said, ground)
    stays = _stays(case, ground)
    return Proposal(outcome, said, ground, stays) if stays else None


def _can_leave_out(case: Case, proposal: Proposal) -> bool:
    """Whether a copy for somebody who has left can be made without just what stays."""
    if case.request.type not in COPIES or case.request.started_by is not StartedBy.HR:
        return True
    counted = [(one.store, one.kind) for one in requests.counts(db(), case.request)]
    return can_leave_out(proposal.stays, counted)


def _stays(case: Case, ground: str) -> tuple[dict[str, Any], ...]:
    """The parts that were ticked, if they are among those counted; "store|kind" each, the kind perhaps empty."""
    counted = shown.lies(requests.counts(db(), case.request))
    known = {(store.store, slug) for store in counted for _, slug, _, _ in store.kinds}
    ticked = [tuple(one.rsplit("|", 1)) for one in request.form.getlist("stays")[:MOST_PARTS] if "|" in one]
    return tuple(
        {"store": store, "kind": kind or None, "ground": ground} for store, kind in ticked if (store, kind) in known
    )
