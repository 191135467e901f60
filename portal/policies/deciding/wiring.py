"""Deciding about policies: the council's desk, the officer's signature, the signing file."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.permissions import Permission
from portal.core.web import menu
from portal.policies.deciding import clauses, files, officer_views, views
from portal.policies.deciding.desk import council, officer

PAGES = (views, officer_views, clauses)
"""The modules whose views hang on the two desks."""


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    for blueprint in (council, officer, files.bp):
        app.register_blueprint(blueprint)
    read = Permission.COUNCIL_POLICY_READ
    menu.add(
        app,
        menu.Entry(
            20,
            lazy_gettext("Policies"),
            "council_policies.waiting",
            read,
            desk=council.login,
            group=menu.Group.POLICIES,
        ),
        menu.Entry(
            21,
            lazy_gettext("Works agreement"),
            "council_policies.clauses",
            read,
            desk=council.login,
            alone=True,
            pages=("council_policies.clauses_submit",),
            group=menu.Group.POLICIES,
        ),
    )
