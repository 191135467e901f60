"""The door of the company's directory."""

from flask import Flask

from portal.directory import views


def register(app: Flask) -> None:
    """The address, and a check that its database login keeps the promises where the door is open."""
    app.register_blueprint(views.blueprint)
