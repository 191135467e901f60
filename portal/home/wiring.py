"""The first page, /policy, /about, and the state of recording in the bar of every page."""

from typing import Final

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.permissions import Permission
from portal.core.web import menu, pages
from portal.home.views import bp, current, policy_bp

PAUSING: Final = tuple(
    f"pauses.{page}" for page in ("pauses", "pause_submit", "until", "part", "opt_out", "weekly", "weekly_submit")
)
"""Pausing begins on the first page; its own pages have no entry in the bar."""


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(bp)
    app.register_blueprint(policy_bp)
    pages.add_value(app, "bar", lambda: current().bar)
    menu.add(app, menu.Entry(10, lazy_gettext("Now"), "home.now", Permission.OWN_STATE_READ, alone=True, pages=PAUSING))
    menu.add(app, menu.Entry(60, lazy_gettext("Policy"), "policy.policy", Permission.POLICY_READ))
