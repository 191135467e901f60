"""Pages under /looks."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.access_log.views import bp
from portal.core.permissions import Permission
from portal.core.web import menu


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(bp)
    menu.add(app, menu.Entry(30, lazy_gettext("Who looked"), "access_log.looks", Permission.OWN_LOOKS_READ))
