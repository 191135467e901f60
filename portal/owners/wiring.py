"""The officer's page of stores and their owners, at /officer/stores, as the login web_officer."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.permissions import Permission
from portal.core.web import menu
from portal.owners.views import bp


def register(app: Flask) -> None:
    """Hook the page into the application."""
    app.register_blueprint(bp)
    read = Permission.OFFICER_DESK_READ
    proof = menu.Group.EVIDENCE
    menu.add(app, menu.Entry(45, lazy_gettext("Stores"), "officer_stores.stores", read, desk=bp.login, group=proof))
