"""Pages under /requests."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.permissions import Permission
from portal.core.web import menu
from portal.requests.views import bp


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(bp)
    menu.add(app, menu.Entry(40, lazy_gettext("Requests"), "requests.requests", Permission.OWN_REQUEST_READ))
