"""Incidents: everybody's page, the officer's and the council's."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.permissions import Permission
from portal.core.web import menu
from portal.incidents.views import bp, council, officer


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    for blueprint in (bp, officer, council):
        app.register_blueprint(blueprint)
    said = lazy_gettext("Incidents")
    menu.add(
        app,
        menu.Entry(7, said, "officer_incidents.raised", Permission.OFFICER_DESK_READ, desk=officer.login),
        menu.Entry(24, said, "council_incidents.told", Permission.COUNCIL_DESK_READ, desk=council.login),
    )
