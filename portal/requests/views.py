"""/requests: the list, one request, and what its person can do to it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import db, person
from portal.deletion.queries import erasures, expired_days
from portal.deletion.shown import shown as erasure_shown
from portal.policies.queries import policies
from portal.requests import actions, deadlines, page, queries, shown, words
from portal.requests.asking import me
from portal.requests.forms import LONGEST_WORDS
from portal.requests.models import Request
from portal.requests.refusals import NotNowError, Why
from portal.requests.rules import UNDECIDED, RequestState, RequestType

bp = Blueprint("requests", __name__)
NEWEST = 5
ADDRESSES = {
    "progress": "requests.progress",
    "say": "requests.say_submit",
    "answer": "requests.answer_submit",
    "withdraw": "requests.withdraw_submit",
    "appeal": "requests.appeal_submit",
}
SHOW = {"": None, "live": True, "over": False}


@bp.get("/requests")
@requires(Permission.OWN_REQUEST_READ)
def requests() -> ResponseReturnValue:
    """What the person asked HR for, drafts, and the newest deletions by themselves."""
    show, kind = request.args.get("show", ""), request.args.get("type", "")
    show = show if show in SHOW else ""
    chosen = RequestType(kind) if kind in set(RequestType) else None
    number, me_id, now = page_number(), person().id, clock.now()
    rows, more = queries.own(db(), me_id, live=SHOW[show], kind=chosen, page=number)
    counted = queries.step_counts(db(), me_id, [row.id for row in rows]) if rows else {}
    own, more_own = erasures(db(), me_id, rows=NEWEST)
    labels = policies(db(), me_id).labels()
    return render_template(
        "requests/requests.html",
        requests=[shown.line(row, labels, now, person().timezone, counted.get(row.id, (0, 0))) for row in rows],
        drafts=[shown.line(row, labels, now, person().timezone) for row in queries.drafts(db(), me_id)],
        erasures=[erasure_shown(row, labels, now) for row in own],
        more_erasures=more_own,
        show=show,
        type=chosen.value if chosen else "",
        types=[(one.value, text.name) for one, text in words.TYPES.items()],
        **page_links(number, more=more),
    )


@bp.get("/requests/deletions")
@requires(Permission.OWN_REQUEST_READ)
def deletions() -> ResponseReturnValue:
    """Every deletion by the person themselves, newest first."""
    number = page_number()
    rows, more = erasures(db(), person().id, number)
    labels = policies(db(), person().id).labels()
    return render_template(
        "requests/deletions.html",
        erasures=[erasure_shown(row, labels, clock.now()) for row in rows],
        **page_links(number, more=more),
    )


@bp.get("/requests/expired")
@requires(Permission.OWN_REQUEST_READ)
def expired() -> ResponseReturnValue:
    """What was deleted by itself because its time was over, newest first."""
    number = page_number()
    rows, more = expired_days(db(), person().id, person().timezone, number)
    return render_template("requests/expired.html", gone=rows, **page_links(number, more=more))


@bp.get("/requests/<uuid:request_id>")
@requires(Permission.OWN_REQUEST_READ)
def one(request_id: UUID) -> ResponseReturnValue:
    """One request with everything about it."""
    found = _own(request_id)
    if found.state is RequestState.DRAFT:
        return see_other(url_for("asking.draft", request_id=request_id))
    return _page(found)


@bp.get("/requests/<uuid:request_id>/progress")
@requires(Permission.OWN_REQUEST_READ)
def progress(request_id: UUID) -> ResponseReturnValue:
    """The first card of the page alone, asked for every two seconds while it is carried out."""
    found = _own(request_id)
    return render_template("requests/_progress.html", **page.progress(db(), _reader(found), found, clock.now()))


@bp.post("/requests/<uuid:request_id>/messages")
@requires(Permission.OWN_REQUEST_CHANGE)
def say_submit(request_id: UUID) -> ResponseReturnValue:
    """A message to HR."""
    return _act(request_id, lambda text: actions.say(db(), request_id, me(), clock.now(), text), gettext("Sent."))


@bp.post("/requests/<uuid:request_id>/answer")
@requires(Permission.OWN_REQUEST_CHANGE)
def answer_submit(request_id: UUID) -> ResponseReturnValue:
    """The answer to what HR asked; a clock that stood for it goes on."""

    def answer(text: str) -> None:
        answered = actions.answer(db(), request_id, me(), clock.now(), text)
        country = policies(db(), person().id).workplace.country
        counted = deadlines.clock_of(answered, queries.events(db(), answered), country, person().timezone)
        actions.reckon(db(), request_id, counted.due)

    return _act(request_id, answer, gettext("Sent. HR goes on with your request."))


@bp.post("/requests/<uuid:request_id>/withdraw")
@requires(Permission.OWN_REQUEST_CHANGE)
def withdraw_submit(request_id: UUID) -> ResponseReturnValue:
    """Take it back; a freeze that is in force is lifted so."""
    begun = _own(request_id).state not in UNDECIDED | {RequestState.APPROVED, RequestState.DRAFT}
    told = (
        gettext("Taken back. What was restricted is put back soon; you see here when it is done.")
        if begun
        else gettext("Withdrawn. Nothing happens any more; you can ask again at any time.")
    )
    return _act(request_id, lambda _text: actions.withdraw(db(), request_id, me(), clock.now()), told)


@bp.post("/requests/<uuid:request_id>/appeal")
@requires(Permission.OWN_REQUEST_CHANGE)
def appeal_submit(request_id: UUID) -> ResponseReturnValue:
    """Have a refusal looked at by somebody else: one click, a reason if the person wants to give one."""
    found, now = _own(request_id), clock.now()
    country = policies(db(), person().id).workplace.country
    law, due_at = deadlines.begun(country, RequestType.REVIEW, now, person().timezone)
    text = _text()
    if len(text) > LONGEST_WORDS:
        return _page(found, {"appeal": _too_long()}, {"appeal": text}), 422
    try:
        review = actions.appeal(db(), request_id, me(), now, words=text, law=law, due_at=due_at)
    except NotNowError as error:
        return _not_now(found, error, "appeal", text)
    flash(gettext("Your appeal is sent. Somebody who did not decide before looks at it."), "success")
    return see_other(url_for("requests.one", request_id=review.id))


def _act(request_id: UUID, do: Callable[[str], Any], done: str) -> ResponseReturnValue:
    """Do it and lead back to the page; what cannot be done now is said there, and what was written is not lost."""
    found, text = _own(request_id), _text()
    field = str(request.endpoint).rpartition(".")[2].removesuffix("_submit")
    if len(text) > LONGEST_WORDS:
        return _page(found, {field: _too_long()}, {field: text}), 422
    try:
        do(text)
    except NotNowError as error:
        return _not_now(found, error, field, text)
    flash(done, "success")
    return see_other(url_for("requests.one", request_id=request_id))


def _not_now(found: Request, error: NotNowError, field: str, text: str) -> ResponseReturnValue:
    """Why it cannot be done: beside what was written, or, where nothing was, on the page as it stands now."""
    if error.why is Why.EMPTY or text:
        return _page(found, {field: words.refusal(error.why)}, {field: text}), 422
    flash(words.refusal(error.why), "info")
    return see_other(url_for("requests.one", request_id=found.id))


def _page(found: Request, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None) -> str:
    values: dict[str, Any] = page.context(db(), _reader(found), found, clock.now())
    values |= {"errors": errors or {}, "typed": typed or {}, "principal": "", "back": ""}
    return render_template("requests/one.html", **values)


def _reader(found: Request) -> page.Reader:
    known = policies(db(), person().id)
    addresses = {name: url_for(endpoint, request_id=found.id) for name, endpoint in ADDRESSES.items()}
    return page.Reader(
        person().id, person().timezone, known.workplace.country, known.labels(), addresses, actor=person().id
    )


def _own(request_id: UUID) -> Request:
    found = queries.one(db(), request_id, person().id)
    if found is None:
        abort(404)
    return found


def _text() -> str:
    return request.form.get("words", "").replace("\r\n", "\n").strip()


def _too_long() -> str:
    return str(gettext("At most %(most)s letters.", most=LONGEST_WORDS))
