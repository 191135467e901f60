"""Pages for people whom somebody else's item shows."""

from flask import Flask

from portal.bystanders.views import bp


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(bp)
