"""Before the first answer: the database and each login must keep the promises the design rests on (D05)."""

from typing import Final

import structlog
from flask import Flask, request
from sqlalchemy.exc import OperationalError

from portal.core.db import Database
from portal.core.web import state

log = structlog.get_logger()
LOGINS: Final = ("web_session", "web_employee", "web_delegate", "web_hr", "web_council", "web_officer")
DIRECTORY: Final = "web_directory"
"""Only where a directory may ask; an installation of before has no password for it."""
WITHOUT_DATABASE: Final = ("static", "health.healthz", "health.metrics")


def register(app: Flask, database: Database) -> None:
    """Check each login now; while the database does not answer, before each request that needs it (R05)."""
    unchecked = [*LOGINS, DIRECTORY] if state.of(app).settings.scim_token else list(LOGINS)

    def check() -> None:
        while unchecked and request.endpoint not in WITHOUT_DATABASE:
            database.check(unchecked[0])
            unchecked.pop(0)

    app.before_request(check)
    try:
        with app.test_request_context():
            check()
    except OperationalError as error:
        log.warning("database_unreachable", error=type(error).__name__)
