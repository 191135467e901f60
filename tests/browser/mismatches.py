"""What the pages of the daily check show in the crawl: a mismatch that waits, one answered, one disputed."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from portal.core import clock
from portal.core.db import Database
from portal.reconciliation.settling import actions, queries
from portal.reconciliation.settling.models import Cause
from tests.browser.installation import Installation

WORDS = "The device had no network when the pause began. Three items came in later; they were deleted on 2 November."


def arrange(installed: Installation, person: UUID, officer: UUID, day: date) -> UUID:
    """Three findings of a person; the mismatch that waits."""
    found = {"waits": "in_pause", "answered": "lost", "disputed": "unannounced"}
    for what in found.values():
        installed.superuser.execute(
            "INSERT INTO reconciliation_finding (id, employee_id, day, what, device_class, kind, context, place, "
            "items, segment_ids) VALUES (%s, %s, %s, %s, 'linux', 'key', 'outlook', '', 3, '{}')",
            [uuid4(), person, day, what],
        )
    installed.superuser.commit()
    database = Database(installed.settings)
    try:
        with database.transaction("worker") as session:
            actions.gather(session, clock.now().date() - timedelta(days=12))
        with database.transaction("web_officer", officer) as session:
            rows = {row.what: row for row in queries.listed(session, 1)[0]}
            for what in (found["answered"], found["disputed"]):
                assert actions.answer(session, rows[what], 3, Cause.LATE, WORDS)
        with database.transaction("web_employee", person) as session:
            assert actions.dispute(session, rows[found["disputed"]].id)
        with database.transaction("worker") as session:
            actions.publish(session, 10)
    finally:
        database.dispose()
    return rows[found["waits"]].id
