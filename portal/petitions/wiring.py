"""Pages under /petitions, /council/petitions and /officer/petitions."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.permissions import Permission
from portal.core.web import menu
from portal.petitions import council, officer, views, writing


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    for blueprint in (views.bp, writing.bp, council.bp, officer.bp):
        app.register_blueprint(blueprint)
    at_council, at_officer = council.bp.login, officer.bp.login
    agenda, answers = "council_petitions.agenda", "officer_petitions.answers"
    council_desk, officer_desk = Permission.COUNCIL_DESK_READ, Permission.OFFICER_DESK_READ
    menu.add(
        app,
        menu.Entry(
            50,
            lazy_gettext("Petitions"),
            "petitions.petitions",
            Permission.PETITION_READ,
            features=("petition_writing",),
        ),
        menu.Entry(40, lazy_gettext("Petitions"), agenda, council_desk, desk=at_council),
        menu.Entry(60, lazy_gettext("Petitions"), answers, officer_desk, desk=at_officer),
    )
