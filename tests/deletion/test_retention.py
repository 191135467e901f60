"""What the policy says is deleted by itself, is."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg

from portal.core import clock
from portal.core.db import Database
from tests.aged import delete_old
from tests.captured import store_item
from tests.web_client import Browser, statements
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
    delete_old(database)
    assert _left(superuser, amira) == ["key", "screenshot"]
    outcomes = superuser.execute(
        "SELECT outcome, count(*) FROM upload WHERE employee_id = %s GROUP BY 1 ORDER BY 1", [amira]
    ).fetchall()
    assert outcomes == [("erased", 2), ("stored", 2)]


def test_the_person_sees_what_went_by_itself_with_its_entry_in_the_log(
    database: Database, person: Callable[..., UUID], superuser: Superuser, browse: Callable[[UUID | None], Browser]
) -> None:
    amira, ben, now = person("Amira Kaya"), person("Ben Okafor"), clock.now()
    for number in range(3):
        store_item(superuser, amira, now - timedelta(days=31, minutes=number), Kind.KEY)
    store_item(superuser, amira, now - timedelta(days=15), Kind.SCREENSHOT)
    delete_old(database)
    entries = superuser.execute(
        "SELECT detail->>'kind', id FROM audit_entry WHERE employee_id = %s AND action = 'retention.deleted'", [amira]
    ).fetchall()
    superuser.commit()
    assert {row[0] for row in entries} == {"key", "screenshot"}
    page = browse(amira).get("/requests/expired")
    lines = re.findall(r"<tr role=\"row\">(.*?)</tr>", page.text, re.DOTALL)
    cells = [re.sub(r"<[^>]+>", " ", line).split() for line in lines]
    for kind, entry in entries:
        word, items, days = ("Keyboard", "3", "30") if kind == "key" else ("Screenshots", "1", "14")
        assert [one for one in cells if word in one and items in one and days in one and str(entry) in one], cells
    assert statements(page) <= 12
    assert "Nothing was deleted by itself yet" in browse(ben).get("/requests/expired").text
    assert 'href="/requests/expired"' in browse(amira).get("/requests").text


def test_what_was_captured_under_another_policy_follows_that_policy(
    database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    store_item(superuser, amira, clock.now() - timedelta(days=40), Kind.KEY, policy_version=999)
    delete_old(database)
    assert _left(superuser, amira) == ["key"]
