"""The web application, as a table of contents."""

import os
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from flask import Flask, request

from portal.access_log import wiring as access_log
from portal.agents import wiring as agents
from portal.bystanders import wiring as bystanders
from portal.capture import wiring as capture
from portal.core import logs
from portal.core.config import Settings
from portal.core.db import Database
from portal.core.web import errors, guard, health, htmx, limits, menu, pages, security, startup, state
from portal.council import wiring as council
from portal.deletion import wiring as deletion
from portal.directory import wiring as directory
from portal.exports import wiring as exports
from portal.handovers import wiring as handovers
from portal.home import wiring as home
from portal.hr import wiring as hr
from portal.identity import wiring as identity
from portal.identity.queries import find_person
from portal.incidents import wiring as incidents
from portal.notifications import wiring as notifications
from portal.owners import wiring as owners
from portal.pauses import wiring as pauses
from portal.petitions import wiring as petitions
from portal.policies import wiring as policies
from portal.policies.deciding import wiring as deciding
from portal.policies.rollouts import wiring as rollouts
from portal.reconciliation import wiring as reconciliation
from portal.requests import wiring as requests
from portal.stops import wiring as stops
from portal.watch import wiring as watch

ROOT = Path(__file__).resolve().parents[1]
FEATURES = (
    identity,
    directory,
    access_log,
    notifications,
    policies,
    deciding,
    rollouts,
    pauses,
    agents,
    stops,
    capture,
    reconciliation,
    deletion,
    exports,
    owners,
    requests,
    petitions,
    bystanders,
    incidents,
    council,
    hr,
    handovers,
    watch,
    home,
)
"""Each feature's `register(app)`; a new feature is one import and one name here."""


def create_app(settings: Settings | None = None, *, testing: bool = False) -> Flask:
    """The portal for people, of `settings`, else of the environment. Raises when an endpoint does not say who may."""
    settings = settings or Settings.from_env(os.environ)
    database = Database(settings)
    app = Portal("portal", root_path=str(ROOT / "portal"), template_folder=str(ROOT / "templates"))
    app.testing = testing
    logs.configure(settings.log_level)
    state.register(app, settings, database)
    startup.register(app, database)
    security.register(app, settings)
    htmx.register(app)
    menu.register(app)
    pages.register(app)
    errors.register(app)
    health.register(app)
    limits.register(app)
    csrf = guard.register(app, find_person)
    for feature in FEATURES:
        feature.register(app)
    guard.seal(app, csrf)
    return app


class Portal(Flask):
    """Flask, but an exception's text and the address of a page never reach the log."""

    def log_exception(
        self, exc_info: tuple[type, BaseException, TracebackType | None] | tuple[None, None, None] | Any
    ) -> None:
        """One line with the exception's type and places."""
        structlog.get_logger().error("request_failed", endpoint=request.endpoint, exc_info=exc_info)
