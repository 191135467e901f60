"""A small Flask app that draws every template with sample data under the strict CSP: for tests, and to look at."""

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, abort, g, render_template, request
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined

from portal.core.web import htmx
from tests.templates import catalogue, samples, samples_pages

ROOT = Path(__file__).parents[2]

# endpoint → (method, path): what templates may link to. docs/front-end.md has the same list with words.
ENDPOINTS = {
    "home.now": ("GET", "/"),
    "notifications.seen_submit": ("POST", "/notifications/<notification_id>/seen"),
    "home.state": ("GET", "/state"),
    "home.about": ("GET", "/about"),
    "capture.calendar": ("GET", "/data"),
    "capture.day": ("GET", "/data/<day>"),
    "capture.search_submit": ("POST", "/data/<day>/search"),
    "capture.item": ("GET", "/data/<day>/<item_id>"),
    "access_log.looks": ("GET", "/looks"),
    "policy.policy": ("GET", "/policy"),
    "agents.settings": ("GET", "/settings"),
    "agents.device_add_submit": ("POST", "/settings/devices"),
    "agents.device_rename_submit": ("POST", "/settings/devices/<device_id>/name"),
    "agents.device_remove_submit": ("POST", "/settings/devices/<device_id>/remove"),
    "agents.exclusions_submit": ("POST", "/settings/exclusions"),
    "identity.preferences_submit": ("POST", "/settings/preferences"),
    "identity.sign_in": ("GET", "/sign-in"),
    "identity.sign_out_submit": ("POST", "/sign-out"),
    "pauses.pauses": ("GET", "/pauses"),
    "pauses.pause_submit": ("POST", "/pauses"),
    "pauses.resume_submit": ("POST", "/pauses/resume"),
    "pauses.until": ("GET", "/pauses/until"),
    "pauses.weekly": ("GET", "/pauses/weekly"),
    "pauses.weekly_submit": ("POST", "/pauses/weekly"),
    "pauses.part": ("GET", "/pauses/part"),
    "pauses.opt_out": ("GET", "/pauses/opt-out"),
    "pauses.end_submit": ("POST", "/pauses/<pause_id>/end"),
    "requests.requests": ("GET", "/requests"),
    "requests.delete": ("GET", "/requests/delete"),
    "requests.delete_submit": ("POST", "/requests/delete"),
    "requests.undo_submit": ("POST", "/requests/<request_id>/undo"),
    "hr.queue": ("GET", "/hr"),
}


def create_app(**config: Any) -> Flask:
    """The gallery: `/gallery/<name>` draws the sample `name`; everything else only has an address."""
    app = Flask("portal", root_path=str(ROOT / "portal"), template_folder=str(ROOT / "templates"))
    app.config.update(SECRET_KEY="gallery", TESTING=True, **config)
    app.jinja_env.undefined = StrictUndefined
    CSRFProtect(app)
    Babel(
        app,
        default_locale="en_GB",
        default_timezone="Europe/Berlin",
        default_translation_directories=str(ROOT / "portal" / "translations"),
    )
    htmx.register(app)
    app.context_processor(_page)
    app.add_url_rule("/gallery/<name>", "gallery", _gallery)
    for endpoint, (method, path) in ENDPOINTS.items():
        app.add_url_rule(path, endpoint, ANSWERS.get(endpoint, _nothing), methods=[method])
    app.after_request(_secure)
    return app


def _gallery(name: str) -> str:
    if name not in catalogue.PAGES:
        abort(404)
    template, context = catalogue.PAGES[name]
    return render_template(template, **{"fragment": False} | context())


def _pause() -> str | Response:
    if not htmx.wants_fragment():
        return htmx.see_other("/gallery/home-stopping")
    return render_template("home/_state.html", fragment=True, state=samples.stopping())


def _state() -> str:
    return htmx.render("home/now.html", "home/_state.html", **samples.home(state=samples.paused()))


def _refuse() -> tuple[str, int]:
    return render_template("errors/error.html", **samples_pages.error()), 503


def _nothing(**_parts: str) -> str:
    return ""


ANSWERS: dict[str, Callable[..., Any]] = {
    "home.state": _state,
    "pauses.pause_submit": _pause,
    "pauses.resume_submit": _refuse,
}


def _page() -> dict[str, Any]:
    g.nonce = getattr(g, "nonce", None) or secrets.token_urlsafe(16)
    name = (request.view_args or {}).get("name", "")
    labels = [
        ("Now", "home.now"),
        ("My data", "capture.calendar"),
        ("Who looked", "access_log.looks"),
        ("Requests", "requests.requests"),
        ("Pauses", "pauses.pauses"),
        ("Policy", "policy.policy"),
    ]
    return {
        "locale": "en",
        "theme": request.args.get("theme", ""),
        "csp_nonce": g.nonce,
        "person": None if name in catalogue.SIGNED_OUT else SimpleNamespace(name="Amira K.", role=""),
        "navigation": [
            SimpleNamespace(label=label, endpoint=end, current=end == catalogue.CURRENT.get(name.split("-")[0]))
            for label, end in labels
        ],
        "desks": [SimpleNamespace(label="HR desk", endpoint="hr.queue", current=False)]
        if "desk" in request.args
        else [],
        "bar": SimpleNamespace(status="recording", recording=2, until=None, can_resume=False),
        "today": date(2026, 11, 21),
        "demo": True,
        "security_contact": "mailto:security@example.org",
        "version": "0.1.0",
        "now": datetime(2026, 11, 21, 13, 30, tzinfo=UTC),
    }


def _secure(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; script-src 'nonce-{getattr(g, 'nonce', '')}'; "
        "img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return response
