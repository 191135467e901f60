"""The officer's policies: pages under /officer/policies, as the login web_officer."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.permissions import Permission
from portal.core.web import menu
from portal.policies.drafts import bench_page, edit_page, list_page, one_page, yaml_page
from portal.policies.drafts.desk import bp

PAGES = (list_page, edit_page, yaml_page, one_page, bench_page)
"""The modules whose views hang on the blueprint."""


def register(app: Flask) -> None:
    """Hook the desk into the application."""
    app.register_blueprint(bp)
    read = Permission.OFFICER_POLICY_READ
    menu.add(
        app,
        menu.Entry(
            10,
            lazy_gettext("Policies"),
            "policy_desk.drafts",
            read,
            desk=bp.login,
            features=("officer_signing",),
            group=menu.Group.POLICIES,
        ),
    )
