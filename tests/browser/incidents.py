"""What the pages of incidents show in the crawl: one that waits, with its item, and one that is answered."""

from datetime import date
from uuid import UUID

from portal.core import clock
from portal.core.db import Database
from portal.incidents import actions
from portal.incidents.models import Grave, What
from tests.browser.installation import Installation


def arrange(installed: Installation, person: UUID, officer: UUID, day: date) -> None:
    """Two of a person: one to be answered, one that the officer answered and the council may read."""
    waits = {"what": What.LOOKED, "grave": Grave.NOW, "text": "A colleague knew what I had written to a friend."}
    over = {"what": What.STOPPED, "grave": Grave.WRONG, "text": "It went on recording for a minute after I had paused."}
    database = Database(installed.settings)
    try:
        with database.transaction("web_employee", person) as session:
            actions.put(session, person, waits | {"named": True, "council": False, "on_day": day}, clock.now())
            told = actions.put(session, person, over | {"named": False, "council": True}, clock.now())
        assert told
        with database.transaction("web_officer", officer) as session:
            assert actions.answer(session, told, "The device was cut off from the network. It stopped by itself.")
    finally:
        database.dispose()
