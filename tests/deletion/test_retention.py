"""What the policy says is deleted by itself, is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg

from portal.core import clock
from portal.core.db import Database
from portal.requests.freezes import delete_expired
from portal.worker import run
from tests.captured import store_item
from wire.documents import Kind

Superuser = psycopg.Connection[tuple[Any, ...]]


def _left(superuser: Superuser, person: UUID) -> list[str]:
    rows = superuser.execute("SELECT kind FROM segment WHERE employee_id = %s ORDER BY kind", [person]).fetchall()
    superuser.commit()
    return [str(row[0]) for row in rows]


def test_each_kind_is_kept_as_long_as_its_rule_says(
    database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    store_item(superuser, amira, now - timedelta(days=31), Kind.KEY)
    store_item(superuser, amira, now - timedelta(days=29), Kind.KEY)
    store_item(superuser, amira, now - timedelta(days=15), Kind.SCREENSHOT)
    store_item(superuser, amira, now - timedelta(days=13), Kind.SCREENSHOT)
    run(database, delete_expired)
    assert _left(superuser, amira) == ["key", "screenshot"]
    outcomes = superuser.execute(
        "SELECT outcome, count(*) FROM upload WHERE employee_id = %s GROUP BY 1 ORDER BY 1", [amira]
    ).fetchall()
    assert outcomes == [("erased", 2), ("stored", 2)]


def test_what_was_captured_under_another_policy_follows_that_policy(
    database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    store_item(superuser, amira, clock.now() - timedelta(days=40), Kind.KEY, policy_version=999)
    run(database, delete_expired)
    assert _left(superuser, amira) == ["key"]
