"""Rollouts: pages under /officer/rollouts and /council/rollouts, each as its desk's own login."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.web import menu
from portal.policies.rollouts import views
from portal.policies.rollouts.desk import SIDES

PAGES = (views,)
"""The modules whose views hang on the two blueprints."""


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    for side in SIDES:
        app.register_blueprint(side.bp)
        entry = menu.Entry(
            22,
            lazy_gettext("Rollouts"),
            f"{side.bp.name}.rollouts",
            side.read,
            desk=side.bp.login,
            group=menu.Group.POLICIES,
        )
        menu.add(app, entry)
