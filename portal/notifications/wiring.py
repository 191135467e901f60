"""Things told on the first page."""

from flask import Flask

from portal.notifications.views import bp


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(bp)
