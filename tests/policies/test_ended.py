"""People are told that their policy has ended, once, and what holds for them then; the officer sees it coming."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.clock import to_ms
from portal.core.db import Database
from portal.policies.drafts.rules import unfollowed
from portal.policies.jobs import tell_ended
from tests.cast import Organisation
from tests.wire.samples import DAY, NOW, POLICY
from wire import documents
from wire.policy import Audience

People = Callable[..., UUID]
Publish = Callable[..., int]
Superuser = psycopg.Connection[tuple[Any, ...]]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def town() -> str:
    return f"Town {uuid4()}"


@pytest.fixture
def published(superuser: Superuser, organisation: Organisation, town: str) -> Iterator[Publish]:
    """Publish a policy for the town that holds from one moment until another; gone after the test."""
    made: list[UUID] = []

    def publish(version: int, begins: datetime, ends: datetime, department: str | None = None) -> int:
        audience = Audience((town,), (department,) if department else None, None)
        values: dict[str, Any] = {
            "version": 10**9 + version,
            "not_before": to_ms(begins),
            "expires": to_ms(ends),
            "audience": audience,
        }
        policy = replace(organisation.policy(), **values)
        made.append(uuid4())
        superuser.execute(
            "INSERT INTO policy (id, version, hash, envelope, not_before, expires_at) VALUES (%s, %s, %s, %s, %s, %s)",
            [made[-1], policy.version, documents.document_hash(policy),
             documents.sign(policy, [organisation.officer, organisation.council]).decode(), begins, ends],
        )  # fmt: skip
        superuser.commit()
        return policy.version

    yield publish
    superuser.execute("DELETE FROM policy WHERE id = ANY(%s)", [made])
    superuser.commit()


def told(database: Database, superuser: Superuser, who: UUID) -> list[dict[str, Any]]:
    for _ in range(2):
        with database.transaction("worker") as session:
            tell_ended(session, clock.now())
    found = superuser.execute(
        "SELECT params FROM notification WHERE kind = 'policy_ended' AND employee_id = %s", [who]
    ).fetchall()
    superuser.rollback()
    return [row[0] for row in found]


def test_P03_whose_policy_has_ended_is_told_once_and_nobody_else(
    database: Database, superuser: Superuser, person: People, town: str, published: Publish
) -> None:
    now = clock.now()
    amira, ben, hana = person(site=town), person(site=town, department="Forge"), person(site="Elsewhere")
    wide = published(1, now - 90 * MINUTE, now + 90 * MINUTE)
    narrow = published(2, now - 60 * MINUTE, now - MINUTE)
    published(3, now - 60 * MINUTE, now + 60 * MINUTE, "Forge")
    (one,) = told(database, superuser, amira)
    assert one["version"] == narrow
    assert one["follows"] != wide, "it does not come back"
    assert told(database, superuser, ben) == [], "a closer one goes on holding"
    assert told(database, superuser, hana) == []


def test_P03_who_has_the_next_policy_was_told_of_it(
    database: Database, superuser: Superuser, person: People, town: str, published: Publish
) -> None:
    now = clock.now()
    amira = person(site=town)
    published(4, now - 60 * MINUTE, now - MINUTE)
    published(5, now - MINUTE, now + 60 * MINUTE)
    assert told(database, superuser, amira) == []


def test_the_officer_sees_it_two_weeks_ahead() -> None:
    soon, late = replace(POLICY, expires=NOW + 14 * DAY), replace(POLICY, expires=NOW + 14 * DAY + 1)
    assert unfollowed([soon], NOW) == [soon]
    assert unfollowed([late], NOW) == []
    assert unfollowed([soon, replace(late, version=POLICY.version + 1)], NOW) == []
    over = replace(POLICY, version=9, not_before=0, expires=NOW - 1)
    assert unfollowed([soon, over], NOW) == [over], "nothing comes back when it ends"
    assert unfollowed([replace(over, expires=NOW - 14 * DAY)], NOW) == []
