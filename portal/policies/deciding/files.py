"""What signers and everybody who checks them download: the signing file, the trust document, signed policies."""

from flask import Blueprint, Response, abort, make_response
from flask.typing import ResponseReturnValue

from portal.core.permissions import Permission
from portal.core.web.guard import public, requires
from portal.core.web.state import db
from portal.policies.deciding import queries
from portal.policies.queries import trust
from portal.signing import build

bp = Blueprint("signing", __name__, url_prefix="/signing")
LARGEST_VERSION = 1 << 53


@bp.get("/daylight-sign.html")
@public
def file() -> ResponseReturnValue:
    """The signing file, to keep: never shown in the portal, where a compromised server could change it unnoticed."""
    answer = make_response(build.FILE.read_bytes())
    answer.mimetype = "text/html"
    answer.headers.set("Content-Disposition", "attachment", filename="daylight-sign.html")
    return answer


@bp.get("/trust.json")
@requires(Permission.POLICY_READ)
def trust_document() -> ResponseReturnValue:
    """The trust document in force."""
    found = trust(db())
    if found is None:
        abort(404)
    return _download(found.envelope, "daylight-trust.json")


@bp.get("/policy-<int:version>.json")
@requires(Permission.POLICY_READ)
def policy(version: int) -> ResponseReturnValue:
    """A policy as signed."""
    found = queries.envelope_of_version(db(), version) if version < LARGEST_VERSION else None
    if found is None:
        abort(404)
    return _download(found, f"daylight-policy-{version}.json")


def _download(text: str, name: str) -> Response:
    answer = Response(text, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
