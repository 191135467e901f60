"""Do one thing to several requests: first a preview of what will happen to each, then the act itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person
from portal.hr import actions, queries, shown, words
from portal.hr.actions import Seen
from portal.hr.desk import LONGEST_NUMBER, UNPROCESSABLE, actor, bp, text, tried, uuid
from portal.hr.queries import Case, Colleague
from portal.hr.queue import PAGE_ROWS
from portal.hr.request_page import offers
from portal.laws.rules import Clock
from portal.policies.queries import policies
from portal.requests.queries import decided_before
from portal.requests.refusals import barred
from portal.requests.words import refusal

ACTS = ("assign", "extend")


@dataclass(frozen=True)
class Line:
    """One request of the preview: what would happen, or why nothing. `chosen`: number and newest event."""

    number: int
    chosen: str
    type: str
    person: str
    about: str
    will: str
    possible: bool


@bp.get("/bulk")
@requires(Permission.HR_REQUEST_READ)
def bulk() -> ResponseReturnValue:
    """What would happen to each request that was ticked."""
    numbers = request.args.getlist("number", type=int)[:PAGE_ROWS]
    return _page(text_of_query("act"), [one for one in numbers if 0 < one < LONGEST_NUMBER])


@bp.post("/bulk/assign")
@requires(Permission.HR_REQUEST_CHANGE)
def bulk_assign_submit() -> ResponseReturnValue:
    """Give all of them to one colleague, or to nobody."""
    to = uuid("to")
    return _each(lambda case, by: actions.assign(db(), case, by, to))


@bp.post("/bulk/extend")
@requires(Permission.HR_REQUEST_CHANGE)
def bulk_extend_submit() -> ResponseReturnValue:
    """Extend all of them with one reason."""
    if not text("words"):
        problem = gettext("Write the reason: every person is told it.")
        return _page("extend", [number for number, _ in _chosen()], problem), UNPROCESSABLE
    return _each(lambda case, by: actions.extend(db(), case, by, text("words")))


def text_of_query(name: str) -> str:
    """Which act the preview is of; giving over where nothing sensible was asked."""
    given = request.args.get(name, "")
    return given if given in ACTS else ACTS[0]


def _chosen() -> list[tuple[int, int]]:
    """(number, newest event that the sender saw) of each request in the form."""
    pairs = [one.partition(":") for one in request.form.getlist("chosen")[:PAGE_ROWS]]
    return [
        (int(number), int(event))
        for number, _, event in pairs
        if number.isdecimal() and event.isdecimal() and len(number) < 19 > len(event)  # noqa: PLR2004 - fits a bigint
    ]


def _each(act: Callable[[Case, Seen], Any]) -> ResponseReturnValue:
    """Do it to each that is still as it was seen; say to how many, and why not to the others."""
    done, now = 0, clock.now()
    for number, event in _chosen():
        case = queries.case(db(), number)
        if case is None:
            continue
        seen = Seen(actor(), now, event)
        problem = tried(lambda case=case, seen=seen: act(case, seen))  # type: ignore[misc]
        if problem:
            flash(f"#{number}: {problem}", "warning")
        else:
            done += 1
    flash(ngettext("%(num)s request changed.", "%(num)s requests changed.", done), "success" if done else "info")
    return see_other(url_for("hr.queue"))


def _page(act: str, numbers: list[int], problem: str = "") -> str:
    found = queries.by_number(db(), numbers) if numbers else []
    events = queries.events_of(db(), [one for one, _ in found]) if found else {}
    people = queries.colleagues(db())
    labels = policies(db(), person().id).labels() if any(one.contexts for one, _ in found) else {}
    before = decided_before(db(), [one for one, _ in found])
    cases = [Case(one, who, None, people, events[one.id], before.get(one.id, frozenset())) for one, who in found]
    return render_template(
        "hr/bulk.html",
        chosen_act=act,
        lines=[_line(case, act, labels) for case in cases],
        people=_people(people),
        words=text("words"),
        problem=problem,
        back=url_for("hr.queue"),
    )


def _people(people: tuple[Colleague, ...]) -> list[tuple[str, str]]:
    return [(str(one.id), one.name) for one in people] + [("", gettext("Nobody"))]


def _line(case: Case, act: str, labels: dict[str, str]) -> Line:
    asked, clock_now = case.request, actions.clock_of(case)
    possible = offers(case)[act]
    return Line(
        number=asked.number,
        chosen=f"{asked.number}:{case.seen}",
        type=str(words.TYPES[asked.type]),
        person=case.who.name,
        about=words.about(asked, labels),
        will=_will(case, act, clock_now, possible=possible),
        possible=possible,
    )


def _will(case: Case, act: str, now: Clock, *, possible: bool) -> str:
    if act == "assign":
        holder = case.request.assigned_name or gettext("nobody")
        return str(gettext("is with %(name)s now", name=holder) if possible else gettext("has ended"))
    if possible:
        due = actions.extended_until(case, clock.now())
        return str(gettext("due %(before)s, then %(after)s", before=shown.day(now.due_on), after=shown.day(due)))
    why = barred(case.standing, actor().id)
    return refusal(why) if why else str(gettext("cannot be extended: decided, extended before, or too late"))
