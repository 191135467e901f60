"""Nobody is hidden among people whom the directory alone speaks of: they count with their first device."""

import os
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core.db import Database
from portal.policies.drafts import queries
from portal.policies.exemptions.queries import groups
from wire.policy import Audience

Superuser = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def town(person: Callable[..., UUID], superuser: Superuser) -> str:
    """A site of nine people whom sign-ins know and five whom the directory alone speaks of."""
    name = f"Town {uuid4().hex[:8]}"
    for number in range(14):
        one = person(site=name, grade="clerk")
        if number >= 9:
            superuser.execute(
                "INSERT INTO directory_entry (employee_id, user_name, resource) VALUES (%s, %s, '{}')", [one, str(one)]
            )
    superuser.commit()
    return name


def gets_a_device(superuser: Superuser, town: str) -> None:
    superuser.execute(
        "INSERT INTO device (id, employee_id, name, kind, platform, public_key) "
        "SELECT %s, e.id, 'Laptop', 'collector', 'linux', %s FROM employee e "
        "JOIN directory_entry d ON d.employee_id = e.id WHERE e.site = %s LIMIT 1",
        [uuid4(), os.urandom(32), town],
    )
    superuser.commit()


def test_D01_made_up_people_name_no_place(
    town: str, database: Database, superuser: Superuser, person: Callable[..., UUID]
) -> None:
    def named() -> bool:
        with database.transaction("web_council", person()) as session:
            return town in queries.places(session)["sites"]

    assert not named()
    gets_a_device(superuser, town)
    assert named()
    with database.transaction("web_officer", person()) as session:
        assert queries.audience_size(session, Audience((town,), None, None)) == 14, (
            "how far it reaches, to the exact number"
        )


def test_D01_a_stop_tells_no_number_of_a_few_among_made_up_people(town: str, superuser: Superuser) -> None:
    told = superuser.execute(
        "INSERT INTO stop (id, asked_at, by_role, reason, sites) VALUES (%s, now(), 'privacy_officer', 'A leak', %s) "
        "RETURNING told",
        [uuid4(), [town]],
    )
    assert told.fetchone() == (False,)
    superuser.rollback()


def test_D01_exemptions_are_counted_without_them(town: str, database: Database) -> None:
    with database.transaction("worker") as session:
        (group,) = [one for one in groups(session) if one.workplace.site == town]
    assert group.people == 9
