"""Signing in and out, and what a person sets for themselves."""

import re
import secrets
from typing import Final, cast
from uuid import UUID

import structlog
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as form_session
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.vault_client import TicketRefused, VaultClient, VaultRequestError, VaultUnavailable
from portal.core.web import errors, state
from portal.core.web.guard import limited, machine, public, requires
from portal.core.web.htmx import see_other
from portal.core.web.security import drop_cookie, set_cookie
from portal.identity import actions
from portal.identity.actions import Started
from portal.identity.advice import advice
from portal.identity.oidc import OidcClient, SignedIn
from portal.identity.provider import ProviderUnavailableError
from portal.identity.queries import LONGEST, SESSION_COOKIE, SIGNIN_COOKIE, TICKET_COOKIE, find_person
from portal.identity.rules import SIGNIN_WITHIN, RefusedError, local_path
from portal.identity.words import (
    PROVIDER_GONE,
    SEAT_CLOSED,
    SIGN_IN_DECLINED,
    SIGN_IN_REFUSED,
    SIGN_IN_UNKNOWN,
    SIGNED_IN_ALREADY,
)

log = structlog.get_logger()
blueprint = Blueprint("identity", __name__)
LOGIN: Final = "web_session"
COOKIE_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
SIGN_INS: Final = "1200/minute"
"""Of one address, which may be the proxy's: a company's whole morning at one worker."""
LEFT: Final = "left"
"""Of the browser's form cookie: somebody signed out here, so nobody is signed in again before a click."""
WORDS: Final = {"declined": SIGN_IN_DECLINED, actions.SEAT_CLOSED: SEAT_CLOSED}
SIGNIN_SECONDS: Final = int(SIGNIN_WITHIN.total_seconds())


def client() -> OidcClient:
    """The portal as the identity provider's client."""
    return cast(OidcClient, current_app.extensions["oidc"])


@blueprint.get("/sign-in")
@public
@limited(SIGN_INS)
def sign_in() -> BaseResponse:
    """Lead to the identity provider. Harmless when another site starts it: it ends as whoever signs in there.

    By a page of ours, unless the browser says that no page led here, so that no form did.
    """
    fresh = request.args.get("fresh") == "1"
    next_path = local_path(request.args.get("next"))
    if not fresh and find_person() is not None:
        return redirect(next_path, 303)
    if LEFT in form_session and request.args.get("go") != "1":
        return redirect(url_for("identity.signed_out", next=next_path), 303)
    given = request.cookies.get(SIGNIN_COOKIE, "")
    browser = given if COOKIE_VALUE.fullmatch(given) else secrets.token_urlsafe(32)
    client().provider.metadata()
    with state.database().transaction(LOGIN) as session:
        attempt = actions.begin_signin(session, browser, next_path, fresh=fresh)
    address = client().start(attempt)
    by_itself = request.headers.get("Sec-Fetch-Site") == "none"
    response = make_response(redirect(address, 303) if by_itself else _onward(address))
    set_cookie(response, SIGNIN_COOKIE, browser, SIGNIN_SECONDS)
    return response


@blueprint.get("/sign-in/callback")
@public
@limited(SIGN_INS)
def callback() -> BaseResponse:
    """Where the identity provider sends the browser back: check its answer, begin a session, go on."""
    answer = request.args.to_dict()
    browser = request.cookies.get(SIGNIN_COOKIE, "")
    with state.database().transaction(LOGIN) as session:
        attempt = actions.take_signin(session, browser, answer.get("state", ""))
    if attempt is None or len(answer) != sum(1 for _ in request.args.items(multi=True)):
        log.warning("sign_in_refused", reason="state", **advice(RefusedError("state")))
        return errors.page(400, SIGN_IN_UNKNOWN if find_person() is None else SIGNED_IN_ALREADY)
    signed_in = client().complete(attempt, answer, clock.now())
    response = make_response(redirect(attempt.next_path, 303))
    _begin(response, signed_in)
    return response


@blueprint.post("/sign-out")
@public
def sign_out_submit() -> BaseResponse:
    """End the session here, with its vault tickets, then at the identity provider (S04)."""
    with state.database().transaction(LOGIN) as session:
        id_token = actions.end_session(session, request.cookies.get(SESSION_COOKIE, ""))
    try:
        address = client().sign_out_address(id_token)
    except ProviderUnavailableError:
        address = None
    form_session.pop("csrf_token", None)
    form_session[LEFT] = True
    if address is None:
        response = see_other(url_for("identity.signed_out"))
    else:
        response = make_response(_onward(address, out=True))
    for name in (SESSION_COOKIE, TICKET_COOKIE):
        drop_cookie(response, name)
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@blueprint.get("/signed-out")
@public
def signed_out() -> str:
    """Where signing out ends, and from where a click signs in again."""
    why = "signed_out" if LEFT in form_session else "first"
    return render_template("identity/signed_out.html", why=why, next_path=local_path(request.args.get("next")))


@blueprint.post("/backchannel-logout")
@machine
@limited(SIGN_INS)
def backchannel_logout() -> Response:
    """The identity provider ends sessions: OpenID Connect Back-Channel Logout 1.0 (S05)."""
    try:
        logout = client().logout(request.form.get("logout_token", ""), clock.now())
    except RefusedError as refused:
        log.warning("logout_refused", reason=refused.reason, **advice(refused))
        abort(400)
    with state.database().transaction(LOGIN) as session:
        ended = actions.end_by_provider(session, logout.token_hash, logout.issuer, logout.subject, logout.sid)
    if ended is None:
        log.warning("logout_refused", reason="replay")
        abort(400)
    log.info("sessions_ended_by_provider", sessions=ended)
    return Response(status=200)


@blueprint.post("/settings/sessions/end")
@requires(Permission.OWN_SETTINGS_CHANGE)
def sessions_end_submit() -> BaseResponse:
    """End all other sessions of this person, with their vault tickets."""
    with state.database().transaction(LOGIN) as session:
        ended = actions.end_others(session, request.cookies.get(SESSION_COOKIE, ""))
    flash(ngettext("%(num)s other session has ended.", "%(num)s other sessions have ended.", ended), "success")
    return see_other(url_for("agents.settings"))


@blueprint.post("/settings/sessions/<uuid:session_id>/end")
@requires(Permission.OWN_SETTINGS_CHANGE)
def session_end_submit(session_id: UUID) -> BaseResponse:
    """End one other session of this person, with its vault tickets."""
    with state.database().transaction(LOGIN) as session:
        ended = actions.end_others(session, request.cookies.get(SESSION_COOKIE, ""), session_id)
    if not ended:
        abort(404)
    flash(ngettext("%(num)s other session has ended.", "%(num)s other sessions have ended.", ended), "success")
    return see_other(url_for("agents.settings"))


def refused(error: RefusedError) -> BaseResponse:
    """A sign-in whose answer does not hold: no session, a page, and a log line with the reason."""
    log.warning("sign_in_refused", reason=error.reason, **advice(error))
    return errors.page(400, WORDS.get(error.reason, SIGN_IN_REFUSED))


def unavailable(error: ProviderUnavailableError) -> BaseResponse:
    """The identity provider is out of reach."""
    log.error("provider_unavailable", detail=str(error))
    return errors.page(503, PROVIDER_GONE)


def _onward(address: str, *, out: bool = False) -> str:
    return render_template("identity/onward.html", out=out, address=address)


def _begin(response: Response, signed_in: SignedIn) -> None:
    """A new session under a new id; the one this browser had ends (S04)."""
    identity, before = signed_in.identity, find_person()
    if identity.conflict:
        log.warning("roles_conflict", dropped=["hr", "works_council"])
    if identity.claimed:
        log.warning("mail_unverified", consequence="the address is not used: rows in other stores are found by it")
    with state.database().transaction(LOGIN) as session:
        actions.end_session(session, request.cookies.get(SESSION_COOKIE, ""))
        started = actions.start_session(session, identity, signed_in.id_token, clock.now())
    if before is None or before.id != started.employee_id:
        form_session.pop("csrf_token", None)  # the same person goes on with the pages that are open
    form_session.pop(LEFT, None)
    log.info("signed_in", created=started.created, roles=len(identity.roles))
    drop_cookie(response, SIGNIN_COOKIE)
    set_cookie(response, SESSION_COOKIE, started.token, int(LONGEST.total_seconds()))
    ticket = _ticket(signed_in, started)
    if ticket is None:
        drop_cookie(response, TICKET_COOKIE)
    else:
        set_cookie(response, TICKET_COOKIE, ticket, int(LONGEST.total_seconds()))


def _ticket(signed_in: SignedIn, started: Started) -> str | None:
    """The ID token goes to the vault once, for a ticket; without one the person's content stays closed."""
    address = state.settings().vault_url
    if address is None:
        return None
    try:
        return VaultClient(address).ticket(signed_in.id_token, started.session_id).ticket
    except (VaultUnavailable, VaultRequestError, TicketRefused) as error:
        log.error("no_vault_ticket", error=type(error).__name__, detail=getattr(error, "slug", ""))
        return None
