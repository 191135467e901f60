"""Pauses: the pages under /pauses."""

from flask import Flask

from portal.pauses.views import bp


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(bp)
