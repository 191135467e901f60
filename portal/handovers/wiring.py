"""Copies for people who have left: HR's page, and the page behind the link."""

from flask import Flask

from portal.handovers import pickup, views


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(views.bp)
    app.register_blueprint(pickup.bp)
