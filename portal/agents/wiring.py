"""Pages under /settings."""

from flask import Flask

from portal.agents.views import bp


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(bp)
