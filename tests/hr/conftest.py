"""The cast of the desk, and requests made as people make them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.db import Database
from portal.requests import actions, deadlines
from portal.requests.models import Request, RequestCount
from portal.requests.rules import About, Actor, RequestType, Role
from tests.web_client import Browser

Superuser = psycopg.Connection[tuple[Any, ...]]


@dataclass
class Office:
    """Amira asks, Ben is a colleague; Hana and Helge are of HR, Clara of the council; Omar is the privacy officer."""

    database: Database
    superuser: Superuser
    browse: Callable[[UUID | None], Browser]
    amira: UUID
    ben: UUID
    hana: UUID
    helge: UUID
    clara: UUID
    omar: UUID
    browsers: dict[UUID, Browser] = field(default_factory=dict)

    def ask(
        self,
        whose: UUID | None = None,
        kind: RequestType = RequestType.ERASE,
        about: About | None = None,
        words: str = "please",
        ago: timedelta = timedelta(),
        *,
        counts: bool = True,
    ) -> int:
        """A request sent by the person `ago`; its number."""
        person, when = whose or self.amira, clock.now() - ago
        law, due = deadlines.begun("DE", kind, when, "Europe/Berlin")
        with self.database.transaction("web_employee", person) as session:
            by = Actor(person, Role.EMPLOYEE, "Amira Kaya")
            request = actions.file(
                session, person, kind, about or some_days(), by, when, law=law, due_at=due, words=words
            )
            session.refresh(request)
            for store, slug, items in (("daylight", "key", 412), ("daylight", "screenshot", 11)) if counts else ():
                session.add(
                    RequestCount(
                        employee_id=person, request_id=request.id, store=store, kind=slug, sensitivity=2, items=items
                    )
                )
            return request.number

    def as_(self, who: UUID | None) -> Browser:
        """A browser signed in as somebody, kept for the test."""
        if who is None:
            return self.browse(None)
        if who not in self.browsers:
            self.browsers[who] = self.browse(who)
        return self.browsers[who]

    def row(self, number: int) -> dict[str, Any]:
        """The request as it stands."""
        cursor = self.superuser.execute("SELECT * FROM request WHERE number = %s", [number])
        found = cursor.fetchone()
        self.superuser.rollback()
        assert found
        assert cursor.description
        return dict(zip([column.name for column in cursor.description], found, strict=True))

    def seen(self, number: int) -> int:
        """The newest event."""
        return int(self.value("SELECT max(id) FROM request_event WHERE request_id = %s", self.row(number)["id"]))

    def value(self, statement: str, *values: Any) -> Any:
        """The one value that a statement finds."""
        found = self.superuser.execute(statement.encode(), values).fetchone()
        self.superuser.rollback()
        assert found
        return found[0]

    def act(self, who: UUID | None, number: int, act: str, **fields: Any) -> TestResponse:
        """Post a form of the request's page, as it was drawn just now."""
        given = {"seen": self.seen(number)} | fields
        return self.send(who, f"/hr/requests/{number}/{act}", given)

    def send(self, who: UUID | None, path: str, given: dict[str, Any]) -> TestResponse:
        """Post a form as somebody; nobody has no page to take the token from."""
        if who is not None:
            return self.as_(who).post(path, given)
        headers = {"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"}
        client = self.as_(None)._client
        return client.post(path, data=given, base_url="https://localhost", headers=headers)

    def kinds(self, number: int) -> list[str]:
        """What happened so far."""
        rows = self.superuser.execute(
            "SELECT kind FROM request_event WHERE request_id = %s ORDER BY id", [self.row(number)["id"]]
        ).fetchall()
        self.superuser.rollback()
        return [str(row[0]) for row in rows]

    def told(self, number: int) -> set[str]:
        """Kinds of notifications and mails about it."""
        request = str(self.row(number)["id"])
        found = self.superuser.execute(
            "SELECT 'page ' || kind FROM notification WHERE params->>'request' = %s UNION "
            "SELECT 'mail ' || kind FROM outbox WHERE params->>'request' = %s",
            [request, request],
        ).fetchall()
        self.superuser.rollback()
        return {str(row[0]) for row in found}

    def logged(self, number: int) -> list[str]:
        """What the audit log holds of it, by whom as what."""
        rows = self.superuser.execute(
            "SELECT action || ' by ' || actor_role FROM audit_entry WHERE object_id = %s ORDER BY id",
            [self.row(number)["id"]],
        ).fetchall()
        self.superuser.rollback()
        return [str(row[0]) for row in rows]

    def refused(self, number: int, act: str, **fields: Any) -> None:
        """Everybody who may not do it is refused, and nothing changes: nobody, others, no token, her own."""
        before = self.row(number)
        for who in (None, self.ben, self.amira, self.clara, self.omar):
            answer = self.act(who, number, act, **fields)
            assert answer.status_code == (401 if who is None else 403), (who, act)
        path = f"/hr/requests/{number}/{act}"
        sent = {"seen": str(self.seen(number))} | {name: str(value) for name, value in fields.items()}
        plain = self.as_(self.hana)._client.post(
            path, data=sent, base_url="https://localhost", headers={"Origin": "https://localhost"}
        )
        assert plain.status_code == 400, "no CSRF token"
        foreign = self.as_(self.hana)._client.post(
            path, data=sent, base_url="https://localhost", headers={"Origin": "https://evil.example"}
        )
        assert foreign.status_code == 403, "from another site"
        assert self.as_(self.hana).get(path).status_code in {200, 303, 405}
        own = self.ask(self.hana)
        given = {"seen": self.seen(own)} | fields
        assert self.as_(self.hana).post(f"/hr/requests/{own}/{act}", given).status_code == 404, "her own"
        assert self.as_(self.hana).post(f"/hr/requests/999999999/{act}", given).status_code == 404
        assert self.row(number) == before


def some_days(first: int = 20, last: int = 10) -> About:
    """A stretch of days that lie back."""
    now = clock.now().replace(microsecond=0)
    return About(now - timedelta(days=first), now - timedelta(days=last))


@pytest.fixture
def office(
    database: Database,
    superuser: Superuser,
    person: Callable[..., UUID],
    browse: Callable[[UUID | None], Browser],
) -> Office:
    """The desk with its people; those of HR only for this test."""
    superuser.execute("DELETE FROM role_grant WHERE role = 'hr'")
    names = ("Amira Kaya", "Ben Roth", "Hana Berg", "Helge Moe", "Clara Voss", "Omar Haddad")
    people = [person(name, country="DE", department="Engineering") for name in names]
    roles = ((people[2], "hr"), (people[3], "hr"), (people[4], "works_council"), (people[5], "privacy_officer"))
    for who, role in roles:
        superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, %s)", [who, role])
    superuser.commit()
    amira, ben, hana, helge, clara, omar = people
    return Office(database, superuser, browse, amira, ben, hana, helge, clara, omar)


def steps(office: Office, number: int, *states: str) -> list[UUID]:
    """Steps of an approved request in these states, the first in Daylight's own store."""
    request = office.row(number)
    made = []
    for at, state in enumerate(states):
        made.append(uuid4())
        office.superuser.execute(
            "INSERT INTO request_step (id, employee_id, request_id, dataset_id, store, chosen, state, pending_since, "
            "tries, deleted, held) VALUES (%s, %s, %s, %s, %s, '{}', %s, %s, 3, 7, 0)",
            [
                made[-1], request["employee_id"], request["id"], uuid4() if at else None,
                f"Hive / mci_{at}" if at else "daylight", state, clock.now() if state == "pending" else None,
            ],
        )  # fmt: skip
    office.superuser.commit()
    return made


def moved(office: Office, number: int, **columns: datetime | None) -> None:
    """Put columns of the request as the past would have left them."""
    for name, value in columns.items():
        office.superuser.execute(f"UPDATE request SET {name} = %s WHERE number = %s".encode(), [value, number])
    office.superuser.commit()


__all__ = ["Office", "Request", "moved", "some_days", "steps"]
