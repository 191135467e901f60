"""Pages under /exports."""

from flask import Flask

from portal.exports.views import bp


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(bp)
