"""Pages under /requests."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.capture import beside
from portal.core.permissions import Permission
from portal.core.web import menu
from portal.requests import asking, delegate_receipts, delegate_views, notes, views


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(views.bp)
    app.register_blueprint(asking.bp)
    app.register_blueprint(delegate_views.bp)
    app.register_blueprint(delegate_receipts.bp)
    beside.add(app, notes.beside)
    entry = menu.Entry(
        40,
        lazy_gettext("Requests"),
        "requests.requests",
        Permission.OWN_REQUEST_READ,
        features=("asking", "delegates", "delegate_receipts", "deletion", "exports", "bystanders"),
    )
    menu.add(app, entry)
