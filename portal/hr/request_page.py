"""/hr/requests/<number>: one request on one screen, and what can be done to it at once."""

from collections.abc import Callable
from typing import Any

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person
from portal.deletion import queries as deletion
from portal.hr import actions, queries, rules, shown, words
from portal.hr.actions import Seen
from portal.hr.desk import CONFLICT, actor, bp, case_or_404, seen, text, tried, uuid
from portal.hr.queries import Case
from portal.hr.queue_page import risk_until
from portal.laws import words as law_words
from portal.laws.book import law
from portal.policies.queries import policies
from portal.requests import queries as requests
from portal.requests import rules as states
from portal.requests.actions import about_of
from portal.requests.models import Request
from portal.requests.refusals import barred
from portal.requests.rules import IN_FORCE, WITHOUT_STEPS, EventKind, RequestState, RequestType, Role
from portal.requests.words import refusal

DECIDED = frozenset({RequestState.APPROVED, RequestState.RUNNING, RequestState.DONE, RequestState.PARTIAL})
OFFERED = {
    "assign": EventKind.ASSIGNED,
    "say": EventKind.SAID,
    "ask": EventKind.ASKED_BACK,
    "extend": EventKind.EXTENDED,
    "decide": EventKind.PROPOSED,
    "confirm": EventKind.DECIDED,
    "reject": EventKind.REJECTED,
    "merge": EventKind.ABSORBED,
    "close": EventKind.CLOSED,
    "retry": EventKind.RETRIED,
}


@bp.get("/requests/<int:number>")
@requires(Permission.HR_REQUEST_READ)
def one(number: int) -> ResponseReturnValue:
    """What is asked, where it lies, the clock, what happened, and what can be done."""
    return page(case_or_404(number))


@bp.post("/requests/<int:number>/assign")
@requires(Permission.HR_REQUEST_CHANGE)
def assign_submit(number: int) -> ResponseReturnValue:
    """Give it to a colleague or to nobody."""
    to = uuid("to")
    return acted(number, "assign", lambda case, by: actions.assign(db(), case, by, to), gettext("Handed over."))


@bp.post("/requests/<int:number>/say")
@requires(Permission.HR_REQUEST_CHANGE)
def say_submit(number: int) -> ResponseReturnValue:
    """Write to the person."""
    sent = gettext("Your message is sent. The person sees it on the page of the request, and gets a mail.")
    return acted(number, "say", lambda case, by: actions.say(db(), case, by, text("words")), sent)


@bp.post("/requests/<int:number>/ask")
@requires(Permission.HR_REQUEST_CHANGE)
def ask_submit(number: int) -> ResponseReturnValue:
    """Ask the person something."""

    def ask(case: Case, by: Seen) -> Request:
        return actions.ask_back(db(), case, by, text("words"), text("reason"))

    return acted(number, "ask", ask, gettext("Asked. The request goes on when the person answers."))


@bp.post("/requests/<int:number>/extend")
@requires(Permission.HR_REQUEST_CHANGE)
def extend_submit(number: int) -> ResponseReturnValue:
    """Extend it once, with a reason that the person is told."""

    def extend(case: Case, by: Seen) -> Request:
        return actions.extend(db(), case, by, text("words"))

    return acted(number, "extend", extend, gettext("Extended. The person is told the reason and the new day."))


@bp.post("/requests/<int:number>/merge")
@requires(Permission.HR_REQUEST_CHANGE)
def merge_submit(number: int) -> ResponseReturnValue:
    """Merge a duplicate into the older of the two."""
    case, other = case_or_404(number), uuid("other")
    by, kept = seen(), []
    problem = tried(lambda: kept.append(actions.merge(db(), case, by, other or case.request.id)))
    if problem:
        return page(case, "merge", problem)
    flash(gettext("Merged. The older request stays, with its clock."), "success")
    return see_other(url_for("hr.one", number=kept[0].number))


@bp.post("/requests/<int:number>/close")
@requires(Permission.HR_REQUEST_CHANGE)
def close_submit(number: int) -> ResponseReturnValue:
    """It is done by hand."""

    def close(case: Case, by: Seen) -> Request:
        return actions.close(db(), case, by, text("words"))

    return acted(number, "close", close, gettext("Done. The person is told."))


def acted(number: int, form: str, act: Callable[[Case, Seen], Any], done: str) -> ResponseReturnValue:
    """Do it and lead back to the request, or draw the page again with why not and all that was written."""
    case, by = case_or_404(number), seen()
    problem = tried(lambda: act(case, by))
    if problem:
        return page(case, form, problem)
    flash(done, "success")
    return see_other(url_for("hr.one", number=number))


def page(case: Case, form: str = "", problem: str = "") -> ResponseReturnValue:
    """The page of a request; with a `problem` of a `form`, whose fields are kept, it answers 409."""
    kept = {"form": form, "words": text("words"), "reason": text("reason"), "problem": problem}
    kept |= {name: text(name) for name in ("store", "owner", "proof")}
    answer = render_template("hr/request.html", kept=kept, **shown_case(case), **beside(case))
    return (answer, CONFLICT) if problem else answer


def shown_case(case: Case) -> dict[str, Any]:
    """What every page about one request shows of it."""
    now, request = clock.now(), case.request
    labels = policies(db(), person().id).labels() if request.contexts else {}
    counted = actions.clock_of(case)
    waits = request.state is RequestState.ASKED_BACK
    return {
        "asked": shown.row(request, case.who.name, case.who.timezone, labels, (now, risk_until(now))),
        "request": request,
        "who": case.who,
        "seen": case.seen,
        "clock": counted,
        "stands_since": counted.stands_since if waits else None,
        "counted": [law_words.line(line) for line in counted.lines],
        "law": law_words.said(law(request.law).name),
        "decision": decision_of(case),
        "barred": _barred(case),
        "others": [one.name for one in case.deciders if one.id != person().id],
    }


def _barred(case: Case) -> str:
    """Why the reader does not decide on what is still to be decided, as a sentence; '' for whoever may."""
    why = barred(case.standing, person().id)
    return refusal(why) if why and (case.request.state in states.LIVE or _in_force(case)) else ""


def _in_force(case: Case) -> bool:
    """Whether it is a freeze that can be lifted."""
    return case.request.type is RequestType.RESTRICT and case.request.state in IN_FORCE


def beside(case: Case) -> dict[str, Any]:
    """The rest of the page of a request: where it lies or what is done about it, history, what is offered."""
    request = case.request
    lifted = request.type is RequestType.RESTRICT and request.state in {RequestState.WITHDRAWN, RequestState.LIFTED}
    decided = request.state in DECIDED or lifted
    done = deletion.steps_with_receipts(db(), request.employee_id, request.id) if decided else []
    found = [step for step, _ in done]
    receipts = {step.id: receipt for step, receipt in done if receipt}
    asked = {event.params.get("step") for event in case.events if event.kind == EventKind.RETRIED}
    return {
        "asked_again": {step.id for step in found if str(step.id) in asked},
        "lies": [] if found else shown.lies(requests.counts(db(), request)),
        "steps": shown.steps(found, receipts),
        "steps_done": shown.done_of(found),
        "tasks": queries.tasks(db(), request) if decided else [],
        "by_hand": request.type in WITHOUT_STEPS,
        "holds": queries.holds_of(db(), request, clock.now()),
        "duplicates": [] if decided or request.state not in states.UNDECIDED else _duplicates(request),
        "events": shown.history(case.events, person().id),
        "may": offers(case),
        "people": [("", gettext("Nobody"))] + [(str(one.id), one.name) for one in case.deciders],
        "asking": [
            (one.code, f"{law_words.said(one.words)} ({law_words.article(one.article)})")
            for one in law(request.law).asking
        ],
    }


def offers(case: Case) -> dict[str, bool]:
    """What can be done now by who reads, form by form."""
    standing = case.standing
    may = {form: states.may(standing, kind, Role.HR, actor().id) for form, kind in OFFERED.items()}
    may["extend"] = may["extend"] and actions.extendable(case, clock.now())
    may["close"] = may["close"] and case.request.type in WITHOUT_STEPS
    may["task"] = case.request.state in DECIDED
    may["retry"] = may["retry"] and case.request.type is RequestType.ERASE and bool(case.who.name)
    apart = barred(standing, actor().id) is None
    may["lift"] = _in_force(case) and not standing.claimed and apart
    may["hold"] = may["say"] and apart
    return may


def decision_of(case: Case) -> dict[str, Any] | None:
    """The decision that stands, in words."""
    found = case.decision
    if found is None:
        return None
    ground = law(case.request.law).ground(found.ground or "")
    return {
        "outcome": str(words.OUTCOMES[found.outcome]),
        "ground": f"{law_words.said(ground.name)} ({law_words.article(ground.article)})" if ground else "",
        "ground_words": law_words.said(ground.words) if ground else "",
        "words": found.words,
        "stays": [(words.store(one.get("store") or ""), words.kind(one.get("kind"))) for one in found.stays or ()],
        "proposed_name": found.proposed_name,
        "proposed_at": found.proposed_at,
        "mine": found.proposed_by == person().id,
        "confirmed_name": found.confirmed_name or "",
        "confirmed_at": found.confirmed_at,
        "remedies": [law_words.said(one.words) for one in law(case.request.law).remedies],
    }


def _duplicates(request: Request) -> list[dict[str, Any]]:
    """Other requests about the same, and whether merging would lose nothing."""
    found = []
    about = about_of
    for other in queries.duplicates(db(), request):
        older, newer = sorted((request, other), key=lambda row: (row.received_at or row.created_at, row.number))
        whole = rules.covers(about(older), about(newer))
        mine = other.started_by_id == person().id
        seen_at = {"received_at": other.received_at, "whole": whole, "mine": mine}
        found.append({"id": str(other.id), "number": other.number} | seen_at)
    return found
