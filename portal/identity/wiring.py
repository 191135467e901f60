"""Signing in and out."""

from flask import Flask

from portal.core.web import state
from portal.identity import views
from portal.identity.oidc import OidcClient
from portal.identity.provider import ProviderUnavailableError
from portal.identity.rules import RefusedError


def register(app: Flask) -> None:
    """The pages, the client of the identity provider, and where forms may lead besides: to that provider."""
    client = OidcClient(state.of(app).settings)
    app.extensions["oidc"] = client
    state.of(app).form_targets.append(client.provider.origins)
    app.register_blueprint(views.blueprint)
    app.register_error_handler(RefusedError, views.refused)
    app.register_error_handler(ProviderUnavailableError, views.unavailable)
