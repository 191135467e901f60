"""/pickup/<token>: somebody who has left fetches their copy, without a session, by a link and two codes."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, abort, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.vault_client import HandoverRefused, VaultUnavailable
from portal.core.vault_handovers import HandoverClient
from portal.core.web.guard import limited, public
from portal.core.web.pages import language
from portal.core.web.vault import vault_client
from portal.handovers import words

bp = Blueprint("pickup", __name__)
LONGEST = 64
SERVICE_UNAVAILABLE, UNPROCESSABLE = 503, 422
T = TypeVar("T")


@bp.get("/pickup/<token>")
@public
@limited("30/minute")
def pickup(token: str) -> ResponseReturnValue:
    """How it stands, and the code that is asked for next."""
    return _page(token)


@bp.post("/pickup/<token>")
@public
@limited("10/minute")
def claim_submit(token: str) -> ResponseReturnValue:
    """Have the copy made; the code that opens it is shown this once."""
    try:
        code = _ask(lambda vault: vault.claim(token, _code(), language()))
    except HandoverRefused as error:
        return _refused(token, error)
    return _page(token, code=code)


@bp.post("/pickup/<token>/download")
@public
@limited("10/minute")
def download_submit(token: str) -> ResponseReturnValue:
    """The archive, once, streamed from the vault."""
    try:
        stream = _ask(lambda vault: vault.take(token, _code()))
    except HandoverRefused as error:
        return _refused(token, error)
    answer = Response(stream_with_context(iter(stream)), mimetype="application/zip")
    answer.call_on_close(stream.close)
    day = clock.now().date().isoformat()
    answer.headers["Content-Disposition"] = f'attachment; filename="daylight-{day}.zip"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Content-Length"] = str(stream.size)
    return answer


def _page(token: str, problem: str = "", code: str = "") -> str:
    try:
        state, until = _ask(lambda vault: vault.state(token))
    except HandoverRefused:
        abort(404)
    return render_template("handovers/pickup.html", token=token, state=state, until=until, problem=problem, code=code)


def _refused(token: str, error: HandoverRefused) -> ResponseReturnValue:
    if error.why == "unknown":
        abort(404)
    return _page(token, problem=words.refused(error.why)), UNPROCESSABLE


def _code() -> str:
    code = request.form.get("code", "").strip()[:LONGEST]
    if not code:
        raise HandoverRefused("wrong_code")
    return code


def _ask(question: Callable[[HandoverClient], T]) -> T:
    """The vault's answer; the page of an error when it does not answer."""
    try:
        return question(HandoverClient(vault_client()))
    except VaultUnavailable:
        abort(SERVICE_UNAVAILABLE)
