"""Default deny (S11): no endpoint without `@public`, `@machine` or `@requires`. Nothing unsafe from elsewhere (S09)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as BaseResponse

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web import limits, state
from portal.core.web.htmx import wants_fragment
from portal.core.web.person import Person

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
SIGN_IN: Final = "identity.sign_in"
START: Final = "home.now"
EXPERTS_START: Final = "expert.front"
View = TypeVar("View", bound=Callable[..., Any])


class StaleSignInError(Unauthorized):
    """A form that needs a fresh sign-in came when the last one was too old; nothing of it was done."""


class UndeclaredEndpointError(RuntimeError):
    """An endpoint does not say who may use it; the application does not start."""


@dataclass(frozen=True)
class Access:
    """What an endpoint declares: a permission, or that it is public; `machine` marks calls that no browser makes.

    `often`: how often one person, or one address, may ask, such as `30/minute`; `keeps`: see `keeps`; `declared`: says
    who may.
    """

    permission: Permission | None = None
    fresh: bool = False
    machine: bool = False
    often: str = ""
    keeps: str = ""
    declared: bool = False


def public(view: View) -> View:
    """Anybody may: the view knows no person and has no transaction of its own."""
    return _declare(view, replace(_declared(view), declared=True))


def machine(view: View) -> View:
    """A server of the identity provider posts here: no browser, so neither Origin nor CSRF token; it proves itself."""
    return _declare(view, replace(_declared(view), machine=True, declared=True))


def requires(permission: Permission) -> Callable[[View], View]:
    """Signed-in people with `permission` may."""

    def declare(view: View) -> View:
        return _declare(view, replace(_declared(view), permission=permission, declared=True))

    return declare


def fresh(view: View) -> View:
    """Besides `@requires`: the identity provider must have asked for the password within 15 minutes (S07)."""
    return _declare(view, replace(_declared(view), fresh=True))


def limited(often: str) -> Callable[[View], View]:
    """Besides `@requires` or `@public`: not more often than `30/minute` and the like, each person or address alone."""
    return lambda view: _declare(view, replace(_declared(view), often=often))


def keeps(again: str) -> Callable[[View], View]:
    """Besides `@requires`: a form that the endpoint `again`, of the same arguments, draws anew, sending nothing.

    Refused for want of a session, or of this session's token, the answer gives back what was written (`errors`).
    """
    return lambda view: _declare(view, replace(_declared(view), keeps=again))


def _declare(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def _declared(view: Callable[..., Any]) -> Access:
    return cast(Access, getattr(view, "access", Access()))


def access_of(app: Flask, endpoint: str) -> Access:
    """What `endpoint` declares. Raises UndeclaredEndpointError."""
    access = getattr(app.view_functions[endpoint], "access", None)
    if not isinstance(access, Access) or not access.declared:
        raise UndeclaredEndpointError(f"{endpoint} does not say who may: @public, @machine or @requires(...)")
    return access


def register(app: Flask, find: Callable[[], Person | None]) -> CSRFProtect:
    """Guard every request. `find` reads the person of the session cookie from the database."""
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)  # an error page must draw without asking who is there
    manager.session_protection = None
    manager.request_loader(lambda _request: find())
    app.before_request(check)
    csrf = CSRFProtect(app)
    app.view_functions["static"] = public(app.view_functions["static"])
    return csrf


def seal(app: Flask, csrf: CSRFProtect) -> None:
    """At the end of set-up: every endpoint has declared who may, or the application does not start."""
    for endpoint, view in app.view_functions.items():
        if access_of(app, endpoint).machine:
            csrf.exempt(view)


def check() -> BaseResponse | None:
    """Before each request: where it comes from, who asks, and whether they may. Unknown addresses go on to 404."""
    if request.endpoint is None:
        return None
    if _holds_nul():
        abort(400)
    access = access_of(current_app, request.endpoint)
    if request.method not in SAFE_METHODS and not access.machine and not same_origin():
        abort(403, description="cross_site")
    if access.permission is None:
        if access.often:
            limits.count(access.often, request.endpoint, request.remote_addr or "")
        return None
    person = current_user._get_current_object()  # noqa: SLF001 - Flask-Login's documented way to the object itself
    return _admit(person, access) if isinstance(person, Person) else sign_in_first(access)


def _admit(person: Person, access: Access) -> BaseResponse | None:
    """Let a signed-in person in: with the permission, not too often, and freshly signed in where that is asked for."""
    g.person = person
    if person.expert and request.endpoint == START:
        return redirect(url_for(EXPERTS_START), 303)
    if access.permission is None or not person.may(access.permission):
        abort(403)
    if access.often:
        limits.count(access.often, str(request.endpoint), str(person.id))
    elif request.method not in SAFE_METHODS:
        limits.count(limits.CHANGES, "changes", str(person.id))
    if access.fresh and not person.fresh(clock.now()):
        if request.form.keys() - {"csrf_token"} and not wants_fragment():
            raise StaleSignInError  # the answer gives back what was written
        return lead(url_for(SIGN_IN, fresh=1, next=_way_back()))
    return None


def _holds_nul() -> bool:
    """Whether a path, a parameter or a field has a NUL, which no text of PostgreSQL holds and nobody types."""
    given = [request.path, *(part for pair in request.args.items(multi=True) for part in pair)]
    if request.method not in SAFE_METHODS:
        given += [part for pair in request.form.items(multi=True) for part in pair]
    return any("\0" in part for part in given)


def same_origin() -> bool:
    """Whether the browser says that one of our own pages sent this: by Sec-Fetch-Site, by Origin, by both if it can."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return False
    return site in {None, "same-origin"} and origin in {None, own_origin()}


def own_origin() -> str:
    """Our own origin as browsers write it: lower case, without a port that the scheme implies (RFC 6454)."""
    parts = urlsplit(state.settings().require("base_url").lower())
    port = "" if parts.port in {None, DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def sign_in_first(access: Access) -> BaseResponse:
    """Without a session a page leads to the sign-in, a fragment makes the browser go there, all else is 401."""
    if wants_fragment() and not access.keeps:
        return Response(status=401, headers={"HX-Redirect": url_for(SIGN_IN, next=_way_back())})
    if request.method not in SAFE_METHODS:
        abort(401)
    return redirect(url_for(SIGN_IN, next=_way_back()), 303)


def lead(address: str) -> BaseResponse:
    """Send the browser to `address`, also out of a fragment."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def _way_back() -> str:
    """Where to go on after the sign-in: this page if it can be asked for again, else the one that sent the request."""
    if request.method in SAFE_METHODS and not wants_fragment():
        return request.full_path.rstrip("?")
    sender = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/")
    return sender.path if sender.path.startswith("/") and not sender.path.startswith("//") else "/"
