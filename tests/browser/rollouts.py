"""What the pages of a rollout show in the crawl: a policy that goes out to a country of its own."""

import dataclasses
from uuid import UUID, uuid4

from sqlalchemy import select

from portal.core import clock
from portal.core.clock import to_ms
from portal.core.db import Database
from portal.operations.publish import as_owner
from portal.policies.actions import publish
from portal.policies.models import PolicyRow
from portal.policies.queries import every_policy
from portal.policies.rollouts import actions
from tests.browser.installation import Installation
from tests.cast import make_person
from wire import difference
from wire.policy import Audience
from wire.precedence import change

DEVICES, APPLIED, VERIFIED = 40, 33, 22
EXEMPT = (("executive", 12, 12), ("manager", 31, None), ("staff", 240, 14), ("", None, None))
COUNTRY = "NO"


def arrange(installed: Installation, officer: UUID) -> int:
    """The version that has reached half of forty people at two sites; most of their devices obey it, one refuses."""
    people = [
        make_person(installed.superuser, "Rika Ring", site="Bergen" if number % 3 else "Tromsø", country=COUNTRY)
        for number in range(DEVICES)
    ]
    with as_owner(installed.settings) as session:
        known = every_policy(session)
        newest = max(one.version for one in known)
        wider = dataclasses.replace(
            known[0], version=newest + 1, self_service_hours=1, audience=Audience(None, None, (COUNTRY,))
        )
        wider = difference.stated(*change(known, wider))
        publish(session, installed.organisation.policy_envelope(wider), to_ms(clock.now()))
        row, digest = session.execute(
            select(PolicyRow.id, PolicyRow.hash).where(PolicyRow.version == wider.version)
        ).one()
    database = Database(installed.settings)
    try:
        with database.transaction("web_officer", officer) as session:
            actions.begin(session, row, (50, 75, 100))
    finally:
        database.dispose()
    for place, person in enumerate(people):
        _answered(installed, person, digest, "applied" if place < APPLIED else "failed" if place == APPLIED else "")
        if place < VERIFIED:
            _said(installed, person, digest, "verified")
    _said(installed, people[VERIFIED], digest, "contradicted")
    for grade, people_of, exempt in EXEMPT:
        installed.superuser.execute(
            "INSERT INTO pub.exemption (month, grade, people, exempt, k) VALUES ('2026-11-01', %s, %s, %s, 10)",
            [grade, people_of, exempt],
        )
    installed.superuser.commit()
    return wider.version


def _answered(installed: Installation, person: UUID, digest: str, said: str) -> None:
    device = uuid4()
    installed.superuser.execute(
        "INSERT INTO device (id, employee_id, kind, name, public_key) VALUES (%s, %s, 'collector', 'ThinkPad', %s)",
        [device, person, device.bytes * 2],
    )
    if said:
        _said(installed, person, digest, said)


def _said(installed: Installation, person: UUID, digest: str, said: str) -> None:
    """The person's device said this of the policy, or the server saw it."""
    installed.superuser.execute(
        "INSERT INTO device_report (employee_id, device_id, what, directive, policy, last_seq, reported_at)"
        " SELECT employee_id, id, %s, 0, %s, 0, now() FROM device WHERE employee_id = %s",
        [said, digest, person],
    )
