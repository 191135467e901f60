"""The first page, /policy, /about, and the state of recording in the bar of every page."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.permissions import Permission
from portal.core.web import menu, pages
from portal.home.views import bp, current, policy_bp


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(bp)
    app.register_blueprint(policy_bp)
    pages.add_value(app, "bar", lambda: current().bar)
    menu.add(app, menu.Entry(10, lazy_gettext("Now"), "home.now", Permission.OWN_STATE_READ, alone=True))
    menu.add(app, menu.Entry(60, lazy_gettext("Policy"), "policy.policy", Permission.POLICY_READ))
