"""Items of Amira's that show Nina, and what Nina asked about them."""

from collections.abc import Mapping
from uuid import UUID

from portal.bystanders import actions
from portal.bystanders.jobs import file_next, match_next
from portal.bystanders.models import Wish
from portal.bystanders.rules import handle
from portal.capture.models import Segment
from portal.core import clock
from portal.core.db import Database
from portal.worker import run
from tests.browser.people import Someone
from wire.documents import Kind


def arrange(amira: Someone, nina: Someone, items: Mapping[Kind, UUID]) -> UUID:
    """Name Nina beside three items, and have her claim two; the third, as she finds it."""
    database = Database(amira.installed.settings)
    row = amira.installed.superuser.execute("SELECT email, subject FROM employee WHERE id = %s", [nina.id]).fetchone()
    assert row is not None
    known = handle(str(row[0] or row[1]))
    assert known
    for kind in (Kind.KEY, Kind.WINDOW, Kind.PROMPT):
        with database.transaction("web_employee", amira.id) as session:
            item = session.query(Segment).filter_by(employee_id=amira.id, id=items[kind]).one()
            actions.name(session, amira.id, item, known, clock.now())
    run(database, match_next)
    found = {kind: _shown(nina, items[kind]) for kind in (Kind.KEY, Kind.WINDOW, Kind.PROMPT)}
    with database.transaction("web_employee", nina.id) as session:
        actions.claim(session, nina.id, found[Kind.KEY], Wish.ERASE)
        actions.claim(session, nina.id, found[Kind.WINDOW], Wish.RESTRICT)
    run(database, file_next)
    database.dispose()
    return found[Kind.PROMPT]


def _shown(nina: Someone, item: UUID) -> UUID:
    superuser = nina.installed.superuser
    row = superuser.execute("SELECT id FROM shown_item WHERE bystander_id = %s AND segment_id = %s", [nina.id, item])
    found = row.fetchone()
    superuser.rollback()
    assert found is not None
    return UUID(str(found[0]))
