"""Self-service deletion: preview, hidden at once, undone for ten minutes, then gone from the store."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from portal.core import clock
from portal.core.db import Database
from portal.deletion import actions
from portal.deletion.actions import Range
from portal.deletion.jobs import carrier
from portal.worker import run
from tests.captured import store_item
from tests.web_client import Browser
from wire.documents import Kind

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
UNDO = re.compile(r"/requests/deletions/([0-9a-f-]{36})/undo")


def _count(superuser: Superuser, query: str, *values: object) -> int:
    row = superuser.execute(query.encode(), list(values)).fetchone()
    superuser.commit()
    assert row
    return int(row[0])


def _segments(superuser: Superuser, person: UUID) -> int:
    return _count(superuser, "SELECT count(*) FROM segment WHERE employee_id = %s", person)


def _last_hour() -> Range:
    now = clock.now()
    return Range(now - timedelta(hours=1), now)


def test_the_preview_counts_by_kind_and_deletes_nothing(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    for kind in (Kind.KEY, Kind.KEY, Kind.SCREENSHOT):
        store_item(superuser, amira, now - timedelta(minutes=10), kind)
    store_item(superuser, amira, now - timedelta(minutes=50))
    page = browse(amira).get("/requests/delete?last=15m").get_data(as_text=True)
    assert "3 items would go." in page
    assert re.search(r'Keyboard: <a href="/data[^"]*">2</a>', page)
    assert re.search(r'Screenshots: <a href="/data[^"]*">1</a>', page)
    assert _segments(superuser, amira) == 4


def test_what_is_too_old_for_self_service_stays_and_is_said(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    store_item(superuser, amira, now - timedelta(hours=1))
    store_item(superuser, amira, now - timedelta(hours=30))
    stretch = {"from": (now - timedelta(hours=40)).isoformat(), "to": now.isoformat()}
    browser = browse(amira)
    page = browser.get("/requests/delete", query_string=stretch).get_data(as_text=True)
    assert "1 item would go." in page
    assert "1 more item in this stretch is too old" in page
    browser.post("/requests/delete", dict(stretch))
    assert "1 item" in browser.get("/requests").get_data(as_text=True)
    assert _count(superuser, "SELECT count(*) FROM segment WHERE employee_id = %s AND erasure_id IS NULL", amira) == 1


def test_deleted_items_are_hidden_at_once_and_come_back_by_undo(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    item = store_item(superuser, amira, now - timedelta(minutes=5))
    day = clock.from_ms(item.start).date().isoformat()
    browser = browse(amira)
    assert "Delete" in browser.get(f"/data/{day}").get_data(as_text=True)
    browser.post("/requests/delete", {"last": "15m"})
    assert str(item.segment) not in browser.get(f"/data/{day}").get_data(as_text=True)
    assert browser.get(f"/data/{day}/{item.segment}").status_code == 404
    found = UNDO.search(browser.get("/requests").get_data(as_text=True))
    assert found
    browser.post(f"/requests/deletions/{found.group(1)}/undo")
    assert str(item.segment) in browser.get(f"/data/{day}").get_data(as_text=True)
    assert _count(superuser, "SELECT sum(items) FROM employee_day WHERE employee_id = %s", amira) == 1


def test_the_worker_deletes_after_ten_minutes_and_leaves_tombstones(
    database: Database, person: Callable[..., UUID], superuser: Superuser, tmp_path: Path
) -> None:
    amira = person("Amira Kaya")
    items = [store_item(superuser, amira, clock.now() - timedelta(minutes=minutes)) for minutes in (5, 20, 45)]
    with database.transaction("web_employee", amira) as session:
        erasure = actions.erase(session, amira, _last_hour(), clock.now())
        assert erasure is not None
    run(database, carrier(tmp_path / "tombstones"))
    assert _segments(superuser, amira) == 3, "the ten minutes are not over"
    superuser.execute("UPDATE erasure SET execute_after = now() WHERE id = %s", [erasure.id])
    superuser.commit()
    run(database, carrier(tmp_path / "tombstones"))
    assert _segments(superuser, amira) == 0
    assert _count(superuser, "SELECT count(*) FROM employee_day WHERE employee_id = %s", amira) == 0
    outcomes = superuser.execute("SELECT outcome FROM upload WHERE employee_id = %s", [amira]).fetchall()
    assert outcomes == [("erased",)] * len(items)


def test_it_is_too_late_to_undo_what_was_carried_out(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser, tmp_path: Path
) -> None:
    amira = person("Amira Kaya")
    store_item(superuser, amira, clock.now() - timedelta(minutes=5))
    with database.transaction("web_employee", amira) as session:
        erasure = actions.erase(session, amira, _last_hour(), clock.now() - timedelta(minutes=11))
        assert erasure is not None
    run(database, carrier(tmp_path / "tombstones"))
    browser = browse(amira)
    browser.post(f"/requests/deletions/{erasure.id}/undo")
    assert "It is too late to undo this" in browser.get("/requests").get_data(as_text=True)


def test_a_stranger_finds_nothing_to_delete_or_undo(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, ben = person("Amira Kaya"), person("Ben Okafor")
    item = store_item(superuser, amira, clock.now() - timedelta(minutes=5))
    with database.transaction("web_employee", amira) as session:
        erasure = actions.erase(session, amira, _last_hour(), clock.now())
        assert erasure is not None
    browser = browse(ben)
    assert browser.post(f"/requests/deletions/{erasure.id}/undo").status_code == 404
    browser.post("/requests/delete", {"last": "1h", "item": str(item.segment)})
    assert _count(superuser, "SELECT count(*) FROM erasure WHERE employee_id = %s", ben) == 0


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?last=2y",
        "?day=yesterday",
        "?from=2026-11-21T10:00&to=",
        "?last=1h&kind=sound",
        "?last=1h&item=7",
        "?day=9999-12-31",
        "?from=0001-01-01T00:00&to=2026-11-21T10:00",
    ],
)
def test_a_query_that_names_no_range_is_a_clear_error(query: str, browse: Browse, person: Callable[..., UUID]) -> None:
    assert browse(person("Amira Kaya")).get(f"/requests/delete{query}").status_code == 400
