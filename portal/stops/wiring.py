"""Stop for all: pages under /officer/stops and /council/stops, each as its desk's own login."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.web import menu
from portal.stops import files, views
from portal.stops.desk import SIDES

PAGES = (views, files)
"""The modules whose views hang on the two blueprints."""


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    for side in SIDES:
        app.register_blueprint(side.bp)
        entry = menu.Entry(40, lazy_gettext("Stop for all"), f"{side.bp.name}.stops", side.read, desk=side.bp.login)
        menu.add(app, entry)
