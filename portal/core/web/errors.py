"""What people see when something goes wrong: plain words, what to do next, and nothing about the inside (S12, R05)."""

import secrets
from dataclasses import dataclass
from typing import Final

import structlog
from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError, Unauthorized

from portal.core.web import state
from portal.core.web.guard import SAFE_METHODS, StaleSignInError, access_of
from portal.core.web.htmx import wants_fragment

log = structlog.get_logger()
RETRY_SECONDS: Final = 10
SERVER_FAULT: Final = 500
CONNECTION_CLASSES: Final = {"08", "53", "57"}
"""SQLSTATE classes: connection, resources, operator intervention."""


@dataclass(frozen=True)
class Words:
    """An error page: what happened, the same in a sentence or two, what to do now.

    `refused`: what was asked for was not done, which is said where it was to change something.
    """

    title: LazyString
    happened: LazyString
    next_step: LazyString
    refused: bool = False


WORDS: Final = {
    400: Words(
        lazy_gettext("We could not read that."),
        lazy_gettext("What your browser sent is incomplete or too old."),
        lazy_gettext("Go back, load the page again and repeat the last step."),
        refused=True,
    ),
    401: Words(
        lazy_gettext("You are not signed in."),
        lazy_gettext("Your session has ended."),
        lazy_gettext("Sign in and repeat the last step."),
        refused=True,
    ),
    403: Words(
        lazy_gettext("This is not open to you."),
        lazy_gettext("Your role does not include it, or another site sent you here."),
        lazy_gettext("If you think you should have it, ask your privacy officer."),
        refused=True,
    ),
    404: Words(
        lazy_gettext("There is nothing here."),
        lazy_gettext("The address is wrong, or what was here is deleted, or it is not yours."),
        lazy_gettext("Go to the start and look for it from there."),
    ),
    405: Words(
        lazy_gettext("That does not work here."),
        lazy_gettext("This address does not take what your browser sent."),
        lazy_gettext("Go to the start and repeat the last step from there."),
        refused=True,
    ),
    409: Words(
        lazy_gettext("This is not ready yet."),
        lazy_gettext("What you asked for is still being made."),
        lazy_gettext("Wait a few seconds and load the page again."),
        refused=True,
    ),
    413: Words(
        lazy_gettext("That is too large."),
        lazy_gettext("You sent more than this page takes."),
        lazy_gettext("Shorten it and send it again."),
        refused=True,
    ),
    429: Words(
        lazy_gettext("That was too often."),
        lazy_gettext("You asked more often in a short time than we can answer."),
        lazy_gettext("Wait a minute and try again."),
        refused=True,
    ),
    500: Words(
        lazy_gettext("Something went wrong on our side."),
        lazy_gettext("It is our fault and not yours."),
        lazy_gettext("Try again. If it happens once more, report it."),
        refused=True,
    ),
    503: Words(
        lazy_gettext("We cannot reach our database."),
        lazy_gettext(
            "So we can show and change nothing now. Your devices go on by themselves: without an answer they stop "
            "recording within 2 minutes, and a pause on the device itself still works."
        ),
        lazy_gettext("Try again in a minute."),
    ),
}

SIGNED_IN_SINCE: Final = Words(
    lazy_gettext("Not sent yet."),
    lazy_gettext("There was a new sign-in in this browser since the form was opened. Nothing was changed."),
    lazy_gettext("Go on, look at it again and send it then."),
)
"""Where a form has the token of another session."""

SIGN_IN_AGAIN: Final = Words(
    lazy_gettext("Sign in again first."),
    lazy_gettext("What you are about to do needs a sign-in that is not older than 15 minutes."),
    lazy_gettext("Then go on here."),
    refused=True,
)
"""Where a form that needs a fresh sign-in was open for too long (S07)."""


def register(app: Flask) -> None:
    """Answer every error with a page of our own."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(CSRFError, _refused)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _unreachable)


@dataclass(frozen=True)
class Kept:
    """What was written in a form that was refused: where it goes, and its fields, in order.

    `fresh`: "1" where that needs a sign-in anew.
    """

    action: str
    fields: tuple[tuple[str, str], ...]
    fresh: str | None = None


def page(status: int, words: Words | None = None, kept: Kept | None = None) -> Response:
    """The error page of `status`, in other `words` if given; drawn without database, person or policy."""
    words = words or WORDS.get(status) or WORDS[SERVER_FAULT if status >= SERVER_FAULT else 400]
    g.failed = True
    reference = secrets.token_hex(4)
    log.info("answered_with_error", status=status, endpoint=request.endpoint, reference=reference)
    context = {
        "status": status,
        "title": str(words.title),
        "happened": " ".join([str(words.happened), *_what_stands(status, words)]),
        "next_step": str(words.next_step),
        "reference": reference,
        "kept": kept,
    }
    if wants_fragment() and kept is None:
        return make_response(_plain(context), status)
    return make_response(_drawn(context), status)


def _what_stands(status: int, words: Words) -> list[str]:
    """What became of something that was to be changed; nothing is said where we do not know.

    That nothing was changed is said only where all that was begun is rolled back, and nobody else was asked to act.
    """
    if request.method in SAFE_METHODS:
        return []
    if state.may_stand():
        told = gettext("What you asked for may have been done all the same. Look before you repeat it.")
        return [told] if status >= SERVER_FAULT else []
    undone = status < SERVER_FAULT or state.rolls_back()
    return [gettext("Nothing was changed.")] if words.refused and undone else []


def failed() -> bool:
    """Whether this request ends with an error page, so that nothing may be asked of the database for it."""
    return bool(g.get("failed", False))


def _drawn(context: dict[str, object]) -> str:
    if isinstance(request.routing_exception, SecurityError):  # a foreign host name: no address can be built
        return _marked(context)
    try:
        return render_template("errors/error.html", **context)
    except Exception:  # whatever broke the page must not break the page that says so
        log.exception("error_page_broken")
        return _marked(context)


def _marked(context: dict[str, object]) -> str:
    """The whole page where base.html cannot be drawn, marked as it would be."""
    mark = gettext("Demo data. The people and what was captured here are made up.")
    return (f"<p>{escape(mark)}</p>\n" if state.settings().demo else "") + _plain(context)


def _plain(context: dict[str, object]) -> str:
    parts = [f"<h1>{escape(context['title'])}</h1>"]
    parts += [f"<p>{escape(context[name])}</p>" for name in ("happened", "next_step")]
    parts.append(f'<p><a href="/">{escape(gettext("To the start"))}</a></p>')
    return "\n".join(parts)


def _refused(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    cause = getattr(error, "original_exception", None)
    if isinstance(cause, DBAPIError):  # the commit, after the view had returned
        return _database(cause)
    status, kept = error.code or SERVER_FAULT, _kept(error)
    response = page(status, _words(error, kept), kept)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def _words(error: HTTPException, kept: Kept | None) -> Words | None:
    if isinstance(error, StaleSignInError):
        return SIGN_IN_AGAIN
    return SIGNED_IN_SINCE if kept and isinstance(error, CSRFError) else None


def _kept(error: HTTPException) -> Kept | None:
    """What one of our own pages posted without a session, or with the token of another one, or too long after the last
    sign-in; nothing of it is stored. The last goes where it was to go, for whoever signs in anew is the same person, or
    has another token.
    """
    if not isinstance(error, Unauthorized | CSRFError) or request.endpoint is None:
        return None
    fields = tuple((name, given) for name, given in request.form.items(multi=True) if name != "csrf_token")
    if isinstance(error, StaleSignInError):
        return Kept(request.path, fields, "1")
    again = access_of(current_app, request.endpoint).keeps
    return Kept(url_for(again, **(request.view_args or {})), fields) if again and fields else None


def _database(error: DBAPIError) -> Response:
    """A database that is gone is said so; a statement it refused is a fault of ours."""
    if _gone(error):
        return _unreachable(error)
    log.error("request_failed", endpoint=request.endpoint, exc_info=error)
    return page(SERVER_FAULT)


def _gone(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlstate", None) or "08000"
    return error.connection_invalidated or (isinstance(error, OperationalError) and code[:2] in CONNECTION_CLASSES)


def _unreachable(error: Exception) -> Response:
    log.error("database_unreachable", endpoint=request.endpoint, error=type(error).__name__)
    response = page(503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
