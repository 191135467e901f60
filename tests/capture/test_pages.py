"""/data with something in it: the calendar, the day, filters, refusals, strangers."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from flask import Flask

from portal.capture import pages, queries
from portal.capture.queries import REFUSED_AT_MOST
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from tests.captured import store_item
from tests.web_client import Browser, statements
from wire import codec
from wire.documents import Kind

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
NOON = datetime.combine(clock.now().date() - timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=12)
DAY = NOON.date().isoformat()
MOST_STATEMENTS = 12


def _refuse(superuser: Superuser, person: UUID, at: datetime, reason: str) -> None:
    superuser.execute(
        "INSERT INTO upload (device_id, segment_id, employee_id, content_hash, outcome, reason, seq, kind, context,"
        " started_at, ended_at, local_day) VALUES (%s, %s, %s, %s, 'refused', %s, 1, 'key', 'vscode', %s, %s, %s)",
        [uuid4(), uuid4(), person, b"x", reason, at, at + timedelta(seconds=5), at.date()],
    )
    superuser.commit()


def _pause(superuser: Superuser, person: UUID, starts: datetime, ends: datetime) -> None:
    superuser.execute(
        "INSERT INTO pause (id, employee_id, source, number, starts_at, ends_at) VALUES (%s, %s, 'page', 1, %s, %s)",
        [uuid4(), person, starts, ends],
    )
    superuser.commit()


def test_the_day_lists_each_kind_with_its_context_and_sensitivity(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    for minute, kind in enumerate(Kind):
        store_item(superuser, amira, NOON + timedelta(minutes=minute), kind, sensitivity=4)
    answer = browse(amira).get(f"/data/{DAY}")
    page = answer.get_data(as_text=True)
    assert statements(answer) <= MOST_STATEMENTS
    for words in (
        "Keyboard, 12 keys",
        "Mouse, 9 points",
        "2 clicks",
        "Screenshot",
        "1 window title",
        "AI conversation",
    ):
        assert words in page
    assert "Visual Studio Code" in page
    assert "special category" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [("kind=key", 2), ("kind=key&kind=click", 3), ("sensitivity=4", 1), ("context=outlook", 1), ("kind=sound", 4)],
)
def test_filters_narrow_the_list_and_its_count(
    query: str, shown: int, browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    store_item(superuser, amira, NOON, Kind.KEY, sensitivity=4)
    store_item(superuser, amira, NOON, Kind.KEY)
    store_item(superuser, amira, NOON, Kind.CLICK)
    store_item(superuser, amira, NOON, Kind.WINDOW, context="outlook")
    page = browse(amira).get(f"/data/{DAY}?{query}").get_data(as_text=True)
    assert f"{shown} item" in page
    assert page.count(f"/data/{DAY}/") == shown + 2, "one link an item, and twice the search form"


def test_a_pause_and_what_was_refused_in_it_stand_between_the_items(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    store_item(superuser, amira, NOON)
    _pause(superuser, amira, NOON + timedelta(hours=1), NOON + timedelta(hours=2))
    _refuse(superuser, amira, NOON + timedelta(minutes=70), "paused")
    _refuse(superuser, amira, NOON + timedelta(minutes=75), "paused")
    _refuse(superuser, amira, NOON + timedelta(hours=3), "not_in_policy")
    page = browse(amira).get(f"/data/{DAY}").get_data(as_text=True)
    assert "2 uploads were refused and not stored." in page
    assert "The policy does not allow this kind here." in page


def test_of_very_many_refused_uploads_the_day_says_that_there_are_more(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    _pause(superuser, amira, NOON, NOON + timedelta(hours=1))
    for second in range(REFUSED_AT_MOST):
        _refuse(superuser, amira, NOON + timedelta(seconds=second), "paused")
    page = browse(amira).get(f"/data/{DAY}").get_data(as_text=True)
    assert f"At least {REFUSED_AT_MOST} uploads were refused and not stored." in page
    assert f"The newest {REFUSED_AT_MOST} are told here." in page


def test_the_calendar_leads_to_days_with_something_in_them(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    for _ in range(3):
        store_item(superuser, amira, NOON)
    answer = browse(amira).get("/data")
    page = answer.get_data(as_text=True)
    assert statements(answer) <= MOST_STATEMENTS
    assert f'href="/data/{DAY}"' in page
    assert "3 items were captured about you" in page


def test_a_long_day_comes_in_pages_without_losing_an_item(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    items = [store_item(superuser, amira, NOON + timedelta(seconds=second)) for second in range(130)]
    browser = browse(amira)
    pages = "".join(browser.get(f"/data/{DAY}?page={page}").get_data(as_text=True) for page in (1, 2, 3))
    assert all(str(item.segment) in pages for item in items)


def test_the_lanes_join_what_lies_close_and_count_it(
    person: Callable[..., UUID], superuser: Superuser, settings: Settings
) -> None:
    """Items of 30 seconds: gaps of exactly 90 seconds join, longer ones part, a long item holds its bar open."""
    amira = person("Amira Kaya")
    for kind in (Kind.KEY, Kind.CLICK):
        for second in (0, 20, 140, 261, 262):
            store_item(superuser, amira, NOON + timedelta(seconds=second), kind)
    long = NOON + timedelta(hours=1)
    store_item(superuser, amira, long, end=clock.to_ms(long + timedelta(minutes=5)))
    store_item(superuser, amira, long + timedelta(minutes=1))
    store_item(superuser, amira, long + timedelta(minutes=6))
    database = Database(settings)
    with database.transaction("web_employee", amira) as session:
        bars = queries.stretches(session, amira, NOON.date())
    database.dispose()
    seconds = [(kind, (begins - NOON).seconds, (ends - NOON).seconds, items) for kind, begins, ends, items in bars]
    expected = [(0, 170, 3), (261, 292, 2)]
    assert sorted(seconds) == sorted(
        [(kind, *bar) for kind in (Kind.KEY, Kind.CLICK) for bar in expected] + [(Kind.KEY, 3600, 3990, 3)]
    )


def test_a_strangers_item_is_not_there(browse: Browse, person: Callable[..., UUID], superuser: Superuser) -> None:
    item = store_item(superuser, person("Amira Kaya"), NOON)
    browser = browse(person("Ben Okafor"))
    assert browser.get(f"/data/{DAY}/{item.segment}").status_code == 404
    assert str(item.segment) not in browser.get(f"/data/{DAY}").get_data(as_text=True)


def test_without_a_ticket_the_item_says_how_to_open_it(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    item = store_item(superuser, amira, NOON)
    page = browse(amira).get(f"/data/{DAY}/{item.segment}").get_data(as_text=True)
    assert "only after a fresh sign-in" in page
    assert "Works agreement on assistant training" in page


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "0000-00-00", "2026-11-21T10:00"])
def test_what_is_not_a_day_is_not_found(day: str, browse: Browse, person: Callable[..., UUID]) -> None:
    assert browse(person("Amira Kaya")).get(f"/data/{day}").status_code == 404


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_edges_of_the_calendar_do_not_break(day: date, browse: Browse, person: Callable[..., UUID]) -> None:
    assert browse(person("Amira Kaya")).get(f"/data/{day.isoformat()}").status_code == 404


@pytest.mark.parametrize("text", ["", " ", "x" * 201])
def test_a_search_needs_words(text: str, browse: Browse, person: Callable[..., UUID]) -> None:
    answer = browse(person("Amira Kaya")).post(f"/data/{DAY}/search", {"text": text})
    assert answer.status_code == 422
    assert "Type 1 to 200 characters to look for." in answer.text


ENDS_OF_TIME = (
    datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    clock.from_ms(codec.MAX_TIME),
)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize("at", ENDS_OF_TIME, ids=str)
def test_R06_what_a_device_said_of_the_ends_of_time_breaks_no_page(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser, at: datetime, zone: str
) -> None:
    amira, device = person("Amira Kaya", timezone=zone), uuid4()
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    superuser.execute(
        "INSERT INTO upload (device_id, segment_id, employee_id, content_hash, outcome, reason, seq, kind, context,"
        " started_at, ended_at, local_day) VALUES (%s, %s, %s, %s, 'refused', 'in_future', 1, 'key', '', %s, %s, %s)",
        [device, uuid4(), amira, b"x", at, at, today],
    )
    superuser.execute(
        "INSERT INTO device (id, employee_id, kind, name, public_key) VALUES (%s, %s, 'collector', 'Laptop', %s)",
        [device, amira, device.bytes * 2],
    )
    for what in ("received", "stopped", "applied"):
        superuser.execute(
            "INSERT INTO device_report (employee_id, device_id, what, directive, last_seq, reported_at, detail)"
            " VALUES (%s, %s, %s, 99, 0, %s, '')",
            [amira, device, what, at],
        )
    superuser.commit()
    own = browse(amira)
    for pauses in (0, 1):
        for path in ("/", "/data", f"/data/{today}", "/settings", "/policy"):
            assert own.get(path).status_code == 200, path
        if not pauses:
            assert own.post("/pauses", {"for": "30m"}).status_code == 303


def test_a_number_of_a_stretch_leads_to_just_what_it_counts(
    app: Flask, browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, utc = person("Amira Kaya"), ZoneInfo("UTC")
    for minute in (0, 20, 40):
        store_item(superuser, amira, NOON + timedelta(minutes=minute))
    begins, ends = NOON + timedelta(minutes=10), NOON + timedelta(minutes=30)
    midnight = NOON - timedelta(hours=12)
    with app.test_request_context():
        stretch = pages.list_url(begins, ends, utc, kind=["key"])
        whole = pages.list_url(midnight, midnight + timedelta(days=1), utc, kind=["key"])
    assert "from=" not in whole
    shown = browse(amira).get(stretch)
    assert statements(shown) <= MOST_STATEMENTS
    assert ">1 item</h2>" in re.sub(r"\s+", " ", shown.text).replace("> ", ">").replace(" <", "<")
    assert "Only what began in this time:" in shown.text
    assert "from%3D" not in shown.text
    for wrong in ("from=soon", f"from={NOON.date()}", "from="):
        assert "3 items" in browse(amira).get(f"/data/{DAY}?{wrong}").text
