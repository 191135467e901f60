"""The cast of a stop, at a site of their own so that no test stops the people of another."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.clock import from_ms, to_ms
from portal.signing import bundle
from tests.cast import Organisation, make_collector
from tests.web_client import Browser
from wire import documents
from wire.stopping import Resume

Superuser = psycopg.Connection[tuple[Any, ...]]
DESKS = ("officer", "council")


@dataclass
class Company:
    """Amira works at `site`; Clara is of the works council, Omar the privacy officer, Hana of HR."""

    superuser: Superuser
    browse: Callable[[UUID | None], Browser]
    organisation: Organisation
    site: str
    amira: UUID
    clara: UUID
    omar: UUID
    hana: UUID
    browsers: dict[UUID, Browser] = field(default_factory=dict)

    def as_(self, who: UUID | None) -> Browser:
        """A browser signed in as somebody, kept for the test."""
        if who is None:
            return self.browse(None)
        if who not in self.browsers:
            self.browsers[who] = self.browse(who)
        return self.browsers[who]

    def of(self, desk: str) -> Browser:
        """The browser of who works at a desk."""
        return self.as_({"officer": self.omar, "council": self.clara}[desk])

    def stop(self, desk: str = "officer", site: str = "", reason: str = "A leak.") -> UUID:
        """A stop of the site, made on the pages."""
        answer = self.of(desk).post(f"/{desk}/stops", {"whom": "some", "sites": site or self.site, "reason": reason})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return UUID(answer.headers["Location"].rsplit("/", 1)[1])

    def resume(self, stop: UUID) -> Resume:
        """The document of the stop's page."""
        page = self.of("officer").get(f"/officer/stops/{stop}/resume.json")
        whole = bundle.read(page.get_data(as_text=True))
        assert (whole.type, whole.new.stop) == (Resume.TYPE, stop)
        return documents.read(Resume, whole.payload)

    def signed(self, stop: UUID, *names: str) -> bytes:
        """The same, signed by these keys of the organisation."""
        return documents.sign(self.resume(stop), [getattr(self.organisation, name) for name in names])

    def hand_in(self, desk: str, stop: UUID, envelope: bytes) -> TestResponse:
        """Paste signatures into the form."""
        return self.of(desk).post(f"/{desk}/stops/{stop}/resume", {"signed": envelope.decode()})

    def one(self, statement: str, *values: Any) -> Any:
        """The first column of the first row."""
        row = self.superuser.execute(statement.encode(), values).fetchone()
        self.superuser.rollback()
        return None if row is None else row[0]

    def devices(self, stop: UUID, count: int, answered: int, lease: timedelta = timedelta(minutes=1)) -> list[UUID]:
        """Devices that could capture when the stop came; the first have answered, 10 ms one after the other."""
        began: datetime = self.one("SELECT asked_at FROM stop WHERE id = %s", stop)
        made = [uuid4() for _ in range(count)]
        for place, device in enumerate(made):
            key = hashlib.sha256(device.bytes).digest()
            self.superuser.execute(
                "INSERT INTO device (id, employee_id, kind, name, public_key) VALUES (%s, %s, 'collector', %s, %s)",
                [device, self.amira, f"Laptop {place}", key],
            )
            self.superuser.execute(
                "INSERT INTO stop_device (stop_id, device_id, employee_id, lease_until) VALUES (%s, %s, %s, %s)",
                [stop, device, self.amira, clock.now() + lease],
            )
        for place, device in enumerate(made[:answered], 1):
            self.answer(stop, device, began + timedelta(milliseconds=10 * place))
        self.superuser.commit()
        return made

    def answer(self, stop: UUID, device: UUID, at: datetime) -> None:
        """A device's word that it has stopped."""
        self.superuser.execute(
            "INSERT INTO stop_answer (stop_id, device_id, employee_id, answered_at) VALUES (%s, %s, %s, %s)",
            [stop, device, self.amira, at],
        )


@pytest.fixture
def company(
    superuser: Superuser,
    browse: Callable[[UUID | None], Browser],
    person: Callable[..., UUID],
    organisation: Organisation,
) -> Company:
    """Eleven people at a site, all but Amira with a collector; three desks."""
    site = f"Site {uuid4()}"
    amira = person("Amira Kaya", site=site)
    for _ in range(10):
        make_collector(superuser, person("Ben Oduya", site=site))
    desks: list[UUID] = []
    for name, role in (("Clara Weiss", "works_council"), ("Omar Haddad", "privacy_officer"), ("Hana Sato", "hr")):
        who = person(name, site="elsewhere")
        superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, %s)", [who, role])
        desks.append(who)
    superuser.commit()
    clara, omar, hana = desks
    return Company(superuser, browse, organisation, site, amira, clara, omar, hana)


def moment() -> datetime:
    """Now, to the millisecond."""
    return from_ms(to_ms(clock.now()))
