"""What machines ask: is it up, how does it do, whom to tell about a security problem."""

import hmac
import os
import time
from datetime import timedelta
from typing import Final

import structlog
from flask import Blueprint, Flask, Response, abort, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.core import clock
from portal.core.nearby import asked_from_here
from portal.core.web import state
from portal.core.web.guard import public

log = structlog.get_logger()
pages = Blueprint("health", __name__)
ANSWERS: Final = Counter("portal_answers", "Answers of the portal.", ["endpoint", "status"])
SECONDS: Final = Histogram("portal_answer_seconds", "How long an answer took.", ["endpoint"])
_ASK: Final = text("SELECT 1")
CONTACT_DAYS: Final = 180
MULTIPROCESS: Final = "PROMETHEUS_MULTIPROC_DIR" in os.environ


def register(app: Flask) -> None:
    """The three addresses, and a measure and a log line of each request: endpoint and status, never an address."""
    app.register_blueprint(pages)
    app.before_request(_begin)
    app.after_request(_end)


@pages.get("/healthz")
@public
def healthz() -> tuple[dict[str, str], int]:
    """200 when the process answers and reaches its database, else 503."""
    try:
        state.database().once("web_session", _ASK, {})
    except SQLAlchemyError:
        return {"status": "database unreachable"}, 503
    return {"status": "ok"}, 200


@pages.get("/metrics")
@public
def metrics() -> Response:
    """Prometheus text; for this machine without a proxy in between, or with PORTAL_METRICS_TOKEN."""
    if not _measured_by_us():
        abort(404)
    registry: CollectorRegistry = REGISTRY
    if MULTIPROCESS:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@pages.get("/.well-known/security.txt")
@public
def security_txt() -> Response:
    """RFC 9116; 404 when the installation names no contact."""
    contact = state.settings().security_contact
    if contact is None:
        abort(404)
    until = (clock.now() + timedelta(days=CONTACT_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
    base = state.settings().require("base_url")
    lines = (f"Contact: {contact}", f"Expires: {until}", f"Canonical: {base}/.well-known/security.txt")
    return Response("\n".join((*lines, "Preferred-Languages: en, de", "")), mimetype="text/plain")


def _measured_by_us() -> bool:
    token = state.settings().metrics_token
    given = request.headers.get("Authorization", "").encode()
    if token is not None and hmac.compare_digest(given, f"Bearer {token}".encode()):
        return True
    return asked_from_here(request.remote_addr, request.headers)


def _begin() -> None:
    g.began = time.monotonic()


def _end(response: Response) -> Response:
    seconds = time.monotonic() - g.get("began", time.monotonic())
    endpoint, status = request.endpoint or "none", response.status_code
    ANSWERS.labels(endpoint, str(status)).inc()
    SECONDS.labels(endpoint).observe(seconds)
    if endpoint not in {"static", "health.healthz", "health.metrics"}:
        log.info("answered", method=request.method, endpoint=endpoint, status=status, ms=round(seconds * 1000, 1))
    return response
