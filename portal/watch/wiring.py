"""The first page of the officer's desk, at /officer, as the login web_officer."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.permissions import Permission
from portal.core.web import menu
from portal.watch.views import bp


def register(app: Flask) -> None:
    """Hook the page into the application; the desk is reached by it."""
    app.register_blueprint(bp)
    read = Permission.OFFICER_DESK_READ
    menu.add(
        app,
        menu.Entry(30, lazy_gettext("Privacy office"), "watch.now", read, desk=bp.login, leads=True),
        menu.Entry(5, lazy_gettext("Red now"), "watch.now", read, desk=bp.login),
    )
