"""Deleting by oneself, under /requests."""

from flask import Flask

from portal.deletion import receipt_views
from portal.deletion.views import bp


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    app.register_blueprint(bp)
    app.register_blueprint(receipt_views.bp)
