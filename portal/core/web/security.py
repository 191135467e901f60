"""Headers of every answer (S08, S10), and the nonce that lets a page's own scripts run."""

import secrets
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from portal.core.config import Settings
from portal.core.web import state

YEAR_SECONDS: Final = 31_536_000
FIXED: Final = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=(), clipboard-read=(), payment=()",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": f"max-age={YEAR_SECONDS}; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
COOKIE_PREFIX: Final = "__Host-daylight"
FORM_BYTES: Final = 256 * 1024
OWN_MACHINE: Final = ["localhost", "127.0.0.1", "[::1]"]


def register(app: Flask, settings: Settings) -> None:
    """Cookies that only this host gets and no script reads; small forms; known host names; headers on every answer."""
    app.config.update(
        SECRET_KEY=settings.require("secret_key"),
        SESSION_COOKIE_NAME=f"{COOKIE_PREFIX}-form",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        TRUSTED_HOSTS=[urlsplit(settings.require("base_url")).hostname, *OWN_MACHINE],
        WTF_CSRF_TIME_LIMIT=None,  # the token dies with its cookie; a page may stay open for a day
        WTF_CSRF_SSL_STRICT=False,  # the guard has checked the Origin already, and more strictly
    )
    app.after_request(_secure)
    app.context_processor(lambda: {"csp_nonce": nonce()})


def set_cookie(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """A `__Host-` cookie that no script reads and no other site's form sends."""
    response.set_cookie(name, value, max_age=seconds, secure=True, httponly=True, samesite="Lax", path="/")


def drop_cookie(response: Response, name: str) -> None:
    """Make the browser forget the cookie `name`."""
    response.delete_cookie(name, secure=True, httponly=True, samesite="Lax", path="/")


def nonce() -> str:
    """The nonce of this answer, 128 random bits."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def allow_connection(origin: str) -> None:
    """Let the scripts of this one answer talk to another origin, too: the ballot, from pages that sign."""
    g.csp_connect = f" {origin}"


def policy() -> str:
    """The content security policy of this answer. What a form leads to, redirects included, is ours alone."""
    connected = g.get("csp_connect", "")
    return (
        f"default-src 'none'; script-src 'nonce-{nonce()}'; style-src 'self'; img-src 'self' blob: data:; "
        f"font-src 'self'; connect-src 'self'{connected}; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; object-src 'none'"
    )


def _secure(response: Response) -> Response:
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", policy())
    if request.endpoint != "static" or response.status_code >= state.ERROR_STATUS:
        response.headers["Cache-Control"] = "no-store"
    return response
