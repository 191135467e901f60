"""What the pages of a stop for all show in the crawl: one on its way, one that is over, and who is stopped."""

from datetime import timedelta
from uuid import UUID, uuid4

from portal.core import clock
from portal.core.db import Database
from portal.policies.queries import trusted
from portal.stops import actions
from tests.browser.installation import Installation
from tests.cast import make_person
from wire import documents
from wire.policy import Audience

DEVICES, ANSWERED = 24, 21


def arrange(installed: Installation, officer: UUID, council: UUID) -> dict[str, UUID]:
    """`open` at a site of 24 people, of whom 21 have stopped; `over` at another one."""
    people = [make_person(installed.superuser, "Uma Site", site="Oslo") for _ in range(DEVICES)]
    for _ in range(10):
        make_person(installed.superuser, "Ola Site", site="Quito")
    database = Database(installed.settings)
    keys = installed.organisation
    try:
        with database.transaction("web_council", council) as session:
            over, _ = actions.begin(
                session, Audience(("Quito",), None, None), "A test of the stop, announced on Monday.", clock.now()
            )
            trust = trusted(session)
            assert trust
            signed = documents.sign(actions.end_of(over), [keys.officer, keys.council])
            actions.sign_end(session, over, signed, trust, clock.now())
        with database.transaction("web_officer", officer) as session:
            now, _ = actions.begin(
                session, Audience(("Oslo",), None, None), "Tax numbers were found in what was captured.", clock.now()
            )
    finally:
        database.dispose()
    _answered(installed, now.id, people)
    return {"open": now.id, "over": over.id}


def _answered(installed: Installation, stop: UUID, people: list[UUID]) -> None:
    for place, person in enumerate(people):
        device = uuid4()
        installed.superuser.execute(
            "INSERT INTO device (id, employee_id, kind, name, public_key) VALUES (%s, %s, 'collector', %s, %s)",
            [device, person, f"ThinkPad {place}", device.bytes * 2],
        )
        installed.superuser.execute(
            "INSERT INTO stop_device (stop_id, device_id, employee_id, lease_until) "
            "VALUES (%s, %s, %s, now() + interval '1 hour')",
            [stop, device, person],
        )
        if place < ANSWERED:
            installed.superuser.execute(
                "INSERT INTO stop_answer (stop_id, device_id, employee_id, answered_at) "
                "SELECT id, %s, %s, asked_at + %s FROM stop WHERE id = %s",
                [device, person, timedelta(milliseconds=90 + 11 * place**2), stop],
            )
    installed.superuser.commit()
