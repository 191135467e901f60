"""The first page of the officer's desk, at /officer, and what was deleted by itself, as the login web_officer."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.permissions import Permission
from portal.core.web import menu
from portal.watch.views import bp


def register(app: Flask) -> None:
    """Hook the page into the application; the desk is reached by it."""
    app.register_blueprint(bp)
    read, proof = Permission.OFFICER_DESK_READ, menu.Group.EVIDENCE
    menu.add(
        app,
        menu.Entry(30, lazy_gettext("Privacy office"), "watch.now", read, desk=bp.login, leads=True),
        menu.Entry(5, lazy_gettext("Red now"), "watch.now", read, desk=bp.login),
        menu.Entry(46, lazy_gettext("Deleted by age"), "watch.retention", read, desk=bp.login, group=proof),
    )
