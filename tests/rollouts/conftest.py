"""The desks of officer and council with a real gateway, and a policy that goes out in rings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.policies.rules import PLACES, place
from tests.deciding.conftest import Chamber, chamber
from tests.deciding.test_thread import device, gateway, hasty, rows
from wire import documents
from wire.policy import Audience

__all__ = ["chamber", "device", "gateway", "hasty", "rows"]
RINGS = (30, 60, 100)


@dataclass
class Rolled:
    """Version `version` goes out in RINGS to a country of its own; before it everybody had the first policy."""

    desks: Chamber
    person: Callable[..., UUID]
    number: int
    version: int
    hash: str
    audience: Audience

    @property
    def page(self) -> str:
        """The officer's page of it."""
        return f"/officer/rollouts/{self.version}"

    def act(self, act: str) -> Any:
        """Omar presses a button."""
        return self.desks.as_(self.desks.omar).post(f"{self.page}/{act}")

    def someone(self, least: int = 0, most: int = 100, **columns: Any) -> UUID:
        """A person whose place in this rollout lies between these percentages."""
        while True:
            who = uuid4()
            if least * PLACES // 100 <= place(self.hash, who) < most * PLACES // 100:
                self.person(id=who, country=(self.audience.countries or [None])[0], **columns)
                return who

    def device(self, person: UUID, said: str = "", *, offered: bool = True) -> UUID:
        """A device of the person that was offered the policy, and said this of it."""
        made, do = uuid4(), self.desks.superuser.execute
        do(
            "INSERT INTO device (id, employee_id, kind, name, public_key) VALUES (%s, %s, 'collector', 'Laptop', %s)",
            [made, person, made.bytes + made.bytes],
        )
        if offered:
            now = clock.now()
            do(
                "INSERT INTO lease_span (id, employee_id, devices, policy, directive, key_id, permitted, started_at,"
                " valid_until) VALUES (%s, %s, %s, %s, 0, %s, '{}', %s, %s + interval '2 minutes')",
                [uuid4(), person, [made], self.hash, uuid4(), now, now],
            )
        if said:
            do(
                "INSERT INTO device_report (employee_id, device_id, what, directive, policy, last_seq, reported_at)"
                " VALUES (%s, %s, %s, 0, %s, 0, now())",
                [person, made, said, self.hash],
            )
        self.desks.superuser.commit()
        return made

    def state(self) -> tuple[str, int, int]:
        """How it stands: state, ring, percent reached."""
        found = self.desks.superuser.execute(
            "SELECT r.state, r.ring, p.reached FROM rollout r JOIN policy p ON p.id = r.policy_id WHERE p.version = %s",
            [self.version],
        ).fetchone()
        self.desks.superuser.rollback()
        assert found
        return found

    def steps(self) -> list[tuple[str, str, int]]:
        """What was done, by whom, up to which percentage."""
        found = self.desks.superuser.execute(
            "SELECT s.what, s.by_role, s.percent FROM rollout_step s JOIN policy p ON p.id = s.policy_id"
            " WHERE p.version = %s ORDER BY s.id",
            [self.version],
        ).fetchall()
        self.desks.superuser.rollback()
        return found


def publish(desks: Chamber, number: int) -> None:
    """Both sign."""
    assert desks.officer_signs(number).status_code == 303
    assert desks.council_signs(number).status_code == 303
    assert desks.published(number)


@pytest.fixture
def rolled(hasty: Chamber, person: Callable[..., UUID]) -> Rolled:
    """A widening that goes out in rings."""
    audience = Audience(None, None, (f"country {uuid4()}",))
    number = hasty.submit(rings=RINGS, audience=audience, self_service_hours=1)
    publish(hasty, number)
    document = hasty.document(number)
    return Rolled(hasty, person, number, document.version, documents.document_hash(document), audience)
