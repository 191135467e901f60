"""Whom one lets act for oneself (/settings/delegates), and acting for somebody else (/requests/for)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import keeps, limited, requires
from portal.core.web.htmx import see_other
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import database, db, person
from portal.policies.queries import policies
from portal.requests import actions, deadlines, delegating, page, queries, shown, words
from portal.requests.delegating import MOST, NotDelegatedError, Principal
from portal.requests.drafting import TwinError
from portal.requests.forms import Asked, check_words, read
from portal.requests.models import Request
from portal.requests.refusals import NotNowError, Why
from portal.requests.rules import About, Actor, RequestType, Role

bp = Blueprint("delegates", __name__)
ACTS = ("say", "answer", "withdraw", "appeal")


@bp.get("/settings/delegates")
@requires(Permission.OWN_REQUEST_CHANGE)
def delegates() -> ResponseReturnValue:
    """Whom the person has named, and the form to name somebody."""
    return _settings({})


@bp.post("/settings/delegates")
@requires(Permission.OWN_REQUEST_CHANGE)
@limited("20/hour")
def name_submit() -> ResponseReturnValue:
    """Let a colleague act on requests. Whether an address is somebody's is said only where that person is told, too."""
    errors: dict[str, str] = {}
    types = [kind for kind in RequestType if kind in request.form.getlist("type")]
    until = delegating.read_until(request.form.get("until", ""), ZoneInfo(person().timezone), clock.now())
    if until is None:
        errors["until"] = gettext("Choose a day from today on, at most a year ahead.")
    if not types:
        errors["type"] = gettext("Choose at least one.")
    if len(delegating.named(db(), person().id, clock.now())) >= MOST:
        errors["email"] = gettext("At most %(most)s people at once. End one first.", most=MOST)
    found = None if errors else _whom(errors)
    if errors or found is None or until is None:
        return _settings(errors), 422
    delegating.name(db(), person().id, found, types, until, clock.now())
    flash(gettext("%(name)s may act for you now. You are told of everything they do.", name=found[1]), "success")
    return see_other(url_for("delegates.delegates"))


def _whom(errors: dict[str, str]) -> tuple[UUID, str] | None:
    """The colleague whom the form names, where the address says that for sure; else why not, in `errors`."""
    try:
        found = delegating.find(db(), request.form.get("email", "").strip())
    except delegating.SharedError:
        errors["email"] = gettext(
            "Several people have or had this address, so we cannot tell whom you mean. Ask HR to say whose it is."
        )
        return None
    if found is None:
        errors["email"] = gettext("Nobody at the company has this address.")
    elif found[0] == person().id:
        errors["email"] = gettext("That is yourself. Choose somebody else.")
    return found


@bp.post("/settings/delegates/<uuid:delegation_id>/end")
@requires(Permission.OWN_REQUEST_CHANGE)
def end_submit(delegation_id: UUID) -> ResponseReturnValue:
    """End it; from the next click on the delegate can do nothing."""
    if not delegating.end(db(), person().id, delegation_id, clock.now()):
        abort(404)
    flash(gettext("Ended. They can do nothing for you any more."), "success")
    return see_other(url_for("delegates.delegates"))


@bp.get("/requests/for")
@requires(Permission.OWN_REQUEST_READ)
def people() -> ResponseReturnValue:
    """Everybody for whom the person may act."""
    rows = delegating.to_me(db())
    names = [(row.id, row.name, [words.name(kind) for kind in row.types], row.expires_at) for row in rows]
    return render_template("requests/for.html", people=names)


@bp.get("/requests/for/<uuid:acting_id>")
@requires(Permission.OWN_REQUEST_READ)
def requests_of(acting_id: UUID) -> ResponseReturnValue:
    """The requests of somebody for whom the person acts, as far as the delegation goes."""
    number = page_number()
    with behalf(acting_id) as (session, whom):
        rows, more = queries.own(session, whom.id, page=number)
        lines = [shown.line(row, _labels(), clock.now(), whom.timezone) for row in rows]
    return render_template("requests/of.html", whom=whom, requests=lines, **page_links(number, more=more))


@bp.get("/requests/for/<uuid:acting_id>/new")
@requires(Permission.OWN_REQUEST_CHANGE)
def new(acting_id: UUID) -> ResponseReturnValue:
    """The form to ask for something on somebody's behalf; it counts nothing, for a delegate sees no data."""
    with behalf(acting_id) as (_session, whom):
        return _form(whom, Asked(whom.types[0], About()))


@bp.post("/requests/for/<uuid:acting_id>/new")
@keeps("delegates.again_submit")
@requires(Permission.OWN_REQUEST_CHANGE)
def again_submit(acting_id: UUID) -> ResponseReturnValue:
    """The form with what was written before the session was lost; nothing of it is sent."""
    asked = read(request.form, clock.now(), ZoneInfo(person().timezone))
    with behalf(acting_id) as (_session, whom):
        return _form(whom, asked)


@bp.post("/requests/for/<uuid:acting_id>")
@keeps("delegates.again_submit")
@requires(Permission.OWN_REQUEST_CHANGE)
def send_submit(acting_id: UUID) -> ResponseReturnValue:
    """Send it to HR for the person."""
    asked = read(request.form, clock.now(), ZoneInfo(person().timezone))
    errors = asked.errors | check_words(asked)
    try:
        with behalf(acting_id) as (session, whom):
            if asked.kind not in whom.types:
                errors["type"] = gettext("You may not ask for this on behalf of %(name)s.", name=whom.name)
            if asked.about.segments:
                errors["item"] = gettext(
                    "A delegate does not see single items, so none can be chosen. Choose a time or kinds instead."
                )
            if errors:
                return _form(whom, replace(asked, errors=errors)), 422
            sent = delegating.ask(session, whom, asked, me(), clock.now())
    except TwinError as error:
        flash(gettext("Exactly this is asked for already. Here it is."), "info")
        return see_other(url_for("delegates.one", acting_id=acting_id, request_id=error.id))
    flash(gettext("Sent for %(name)s, who is told, too.", name=whom.name), "success")
    return see_other(url_for("delegates.one", acting_id=acting_id, request_id=sent.id))


@bp.get("/requests/for/<uuid:acting_id>/<uuid:request_id>")
@requires(Permission.OWN_REQUEST_READ)
def one(acting_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """One request of somebody for whom the person acts."""
    with behalf(acting_id) as (session, whom):
        return _page(session, whom, found_of(session, whom, request_id), {})


@bp.get("/requests/for/<uuid:acting_id>/<uuid:request_id>/progress")
@requires(Permission.OWN_REQUEST_READ)
def progress(acting_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """The first card of that page alone."""
    with behalf(acting_id) as (session, whom):
        found = found_of(session, whom, request_id)
        values = page.progress(session, _reader(whom, found), found, clock.now())
    return render_template("requests/_progress.html", **values)


@bp.post("/requests/for/<uuid:acting_id>/<uuid:request_id>/<any(say, answer, withdraw, appeal):act>")
@requires(Permission.OWN_REQUEST_CHANGE)
def act_submit(acting_id: UUID, request_id: UUID, act: str) -> ResponseReturnValue:
    """Write, answer, withdraw or appeal for the person; their delegate's name stands beside it."""
    text = request.form.get("words", "").replace("\r\n", "\n").strip()
    try:
        with behalf(acting_id) as (session, whom):
            found_of(session, whom, request_id)
            shown_next = _DO[act](session, whom, request_id, text)
    except NotNowError as error:
        with behalf(acting_id) as (session, whom):
            found = found_of(session, whom, request_id)
            return _page(session, whom, found, {act: words.refusal(error.why)}, {act: text}), 422
    flash(gettext("Done for %(name)s.", name=whom.name), "success")
    return see_other(url_for("delegates.one", acting_id=acting_id, request_id=shown_next))


def me() -> Actor:
    """The signed-in person, acting for somebody else."""
    return Actor(person().id, Role.DELEGATE, person().name)


@contextmanager
def behalf(acting_id: UUID) -> Iterator[tuple[Session, Principal]]:
    """The person's transaction, or 404 as for everything that is not one's own."""
    try:
        with delegating.behalf(database(), person().id, acting_id) as acting:
            yield acting
    except NotDelegatedError:
        abort(404)


def _say(session: Session, _whom: Principal, request_id: UUID, text: str) -> UUID:
    return actions.say(session, request_id, me(), clock.now(), text).id


def _answer(session: Session, whom: Principal, request_id: UUID, text: str) -> UUID:
    answered = actions.answer(session, request_id, me(), clock.now(), text)
    counted = deadlines.clock_of(answered, queries.events(session, answered), whom.country, whom.timezone)
    actions.reckon(session, request_id, counted.due)
    return answered.id


def _withdraw(session: Session, _whom: Principal, request_id: UUID, _text: str) -> UUID:
    return actions.withdraw(session, request_id, me(), clock.now()).id


def _appeal(session: Session, whom: Principal, request_id: UUID, text: str) -> UUID:
    now = clock.now()
    law, due_at = deadlines.begun(whom.country, RequestType.REVIEW, now, whom.timezone)
    if RequestType.REVIEW not in whom.types:
        raise NotNowError(Why.NOT_YOURS)
    return actions.appeal(session, request_id, me(), now, words=text, law=law, due_at=due_at).id


_DO: dict[str, Callable[[Session, Principal, UUID, str], UUID]] = {
    "say": _say,
    "answer": _answer,
    "withdraw": _withdraw,
    "appeal": _appeal,
}


def found_of(session: Session, whom: Principal, request_id: UUID) -> Request:
    """One request of theirs, or 404."""
    found = queries.one(session, request_id, whom.id)
    if found is None:
        abort(404)
    return found


def _labels() -> dict[str, str]:
    return policies(db(), person().id).labels()


def _reader(whom: Principal, found: Request) -> page.Reader:
    values: dict[str, Any] = {"acting_id": whom.delegation, "request_id": found.id}
    addresses = {act: url_for("delegates.act_submit", act=act, **values) for act in ACTS}
    addresses["progress"] = url_for("delegates.progress", **values)
    return page.Reader(
        whom.id,
        whom.timezone,
        whom.country,
        _labels(),
        addresses,
        actor=person().id,
        role=Role.DELEGATE,
        receipts=(
            "delegate_receipts.receipt_json",
            "delegate_receipts.receipt_pdf_file",
            {"acting_id": whom.delegation},
        ),
    )


def _page(
    session: Session, whom: Principal, found: Request, errors: dict[str, str], typed: dict[str, str] | None = None
) -> str:
    values: dict[str, Any] = page.context(session, _reader(whom, found), found, clock.now())
    values["may"]["appealed"] = values["may"]["appealed"] and RequestType.REVIEW in whom.types
    back = url_for("delegates.requests_of", acting_id=whom.delegation)
    values |= {"errors": errors, "typed": typed or {}, "principal": whom.name, "back": back}
    return render_template("requests/one.html", **values)


def _form(whom: Principal, asked: Asked) -> str:
    types = [(kind.value, words.TYPES[kind]) for kind in whom.types]
    return render_template("requests/of_new.html", whom=whom, asked=asked, types=types, errors=asked.errors)


def _settings(errors: dict[str, str]) -> str:
    rows = delegating.named(db(), person().id, clock.now())
    return render_template(
        "settings/delegates.html",
        delegates=[
            {
                "id": row.id,
                "name": row.delegate_name or gettext("somebody whose account was deleted"),
                "types": [words.name(kind) for kind in row.types],
                "until": row.expires_at - shown.LAST_MOMENT,
            }
            for row in rows
        ],
        types=[(kind.value, text.name) for kind, text in words.TYPES.items()],
        typed={name: request.form.get(name, "") for name in ("email", "until")},
        chosen=request.form.getlist("type"),
        errors=errors,
    )
