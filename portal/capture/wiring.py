"""Pages under /data."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.capture.views import bp
from portal.core.permissions import Permission
from portal.core.web import menu


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(bp)
    menu.add(
        app,
        menu.Entry(
            20, lazy_gettext("My data"), "capture.calendar", Permission.OWN_DATA_READ, features=("reconciliation",)
        ),
    )
