"""Signing in and out."""

from flask import Flask

from portal.core.web import state
from portal.identity import views
from portal.identity.oidc import OidcClient
from portal.identity.provider import ProviderUnavailableError
from portal.identity.rules import RefusedError


def register(app: Flask) -> None:
    """The pages, and the client of the identity provider."""
    app.extensions["oidc"] = OidcClient(state.of(app).settings)
    app.register_blueprint(views.blueprint)
    app.register_error_handler(RefusedError, views.refused)
    app.register_error_handler(ProviderUnavailableError, views.unavailable)
