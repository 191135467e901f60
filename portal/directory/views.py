"""Where the company's directory (Okta, Entra ID, authentik, Canaille, …) tells who works here: SCIM 2.0, /scim/v2."""

import hmac
import json
from typing import Final

import structlog
from flask import Blueprint, Response, abort, request
from pydantic import ValidationError
from scim2_models import SCIMException, UnauthorizedException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService

from portal.core import clock
from portal.core.web import state
from portal.core.web.guard import limited, machine
from portal.directory.resources import PROVIDER
from portal.directory.storage import Directory

log = structlog.get_logger()
LOGIN: Final = "web_directory"
PREFIX: Final = "/scim/v2"
OFTEN: Final = "3000/minute"
"""A directory of 70,000 people tells of all of them in half an hour."""
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
SERVICE: Final = ScimService(PROVIDER)
blueprint = Blueprint("directory", __name__, url_prefix=PREFIX)


@blueprint.route("/", methods=METHODS)
@blueprint.route("/<path:path>", methods=METHODS)
@machine
@limited(OFTEN)
def scim(path: str = "") -> Response:
    """One request of the directory, in a transaction of its own."""
    settings = state.settings()
    if settings.scim_token is None:
        abort(404)
    asked = ScimRequest(
        request.method,
        settings.require("base_url") + PREFIX,
        f"/{path}",
        request.args.to_dict(),
        list(request.headers.items()),
        request.get_data(),
    )
    try:
        if not hmac.compare_digest(_token(), settings.scim_token.encode()):
            raise UnauthorizedException(detail="The bearer token is missing or wrong.")
        with state.database().transaction(LOGIN) as session:
            storage = Directory(session, settings.require("oidc_issuer"), settings.scim_subject, clock.now())
            answer = ScimHandler(SERVICE, storage).handle(asked)
    except (SCIMException, ValidationError) as refused:
        answer = SERVICE.error_response(refused)
        log.warning("directory_refused", method=request.method, status=int(answer.status))
    return _as_flask(answer)


def _token() -> bytes:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip().encode() if kind.lower() == "bearer" else b""


def _as_flask(answer: ScimResponse) -> Response:
    body = b"" if answer.body is None else json.dumps(answer.body).encode()
    response = Response(body, int(answer.status), answer.headers)
    response.headers["Cache-Control"] = "no-store"
    return response
