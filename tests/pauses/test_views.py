"""The pause pages: refusals first, then each way to pause."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest

from portal.core import clock
from portal.core.db import Database
from portal.pauses import rules
from portal.pauses.jobs import announce_ends
from portal.pauses.queries import pauses
from tests.web_client import Browser

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
ZONE = "Europe/Berlin"
END = re.compile(r"/pauses/([0-9a-f-]{36})/end")


def _kept(database: Database, person: UUID) -> list[rules.Pause]:
    with database.transaction("web_employee", person) as session:
        return pauses(session, person, ZONE, clock.now())


@pytest.mark.parametrize(
    "form",
    [
        {"for": "5m"},
        {"for": ""},
        {"for": "until"},
        {"for": "until", "until": "2026-01-01T10:00"},
        {"for": "until", "until": "2199-01-01T10:00"},
        {"for": "until", "until": "soon"},
        {"for": "30m", "kinds": "sound"},
        {"for": "30m", "contexts": "x" * 101},
    ],
)
def test_what_is_no_pause_is_refused_with_the_form(
    form: dict[str, object], browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    assert browse(amira).post("/pauses", form).status_code == 422
    assert _kept(database, amira) == []


@pytest.mark.parametrize(("length", "minutes"), [("30m", 30), ("1h", 60), ("opt_out", None)])
def test_one_click_pauses_everything(
    length: str, minutes: int | None, browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    answer = browse(amira).post("/pauses", {"for": length})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    kept = _kept(database, amira)[0]
    assert kept.ends == (None if minutes is None else kept.starts + minutes * 60_000)
    assert (kept.kinds, kept.contexts) == (None, None)


def test_the_rest_of_today_ends_at_the_persons_own_midnight(
    browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya", timezone="Pacific/Auckland")
    browse(amira).post("/pauses", {"for": "today"})
    ends = _kept(database, amira)[0].ends
    assert ends is not None
    local = clock.from_ms(ends).astimezone(ZoneInfo("Pacific/Auckland"))
    assert (local.hour, local.minute) == (0, 0) or ends - _kept(database, amira)[0].starts == 30 * 60_000


def test_a_part_is_paused_and_ended_from_the_list(
    browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    browser.post("/pauses", {"for": "1h", "kinds": ["screenshot"], "contexts": ["vscode"]})
    page = browser.get("/pauses").get_data(as_text=True)
    assert "Screenshots" in page
    assert "Visual Studio Code" in page
    found = END.search(page)
    assert found
    assert browse(person("Ben Okafor")).post(f"/pauses/{found.group(1)}/end").status_code == 404
    browser.post(f"/pauses/{found.group(1)}/end")
    assert _kept(database, amira) == []


def test_a_weekly_pause_needs_half_an_hour_and_stands_in_the_list(
    browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    assert browser.post("/pauses/weekly", {"weekday": "3", "from_time": "12:00", "minutes": "29"}).status_code == 422
    browser.post("/pauses/weekly", {"weekday": "3", "from_time": "12:00", "minutes": "60"})
    assert "Wednesday" in browser.get("/pauses").get_data(as_text=True)
    assert _kept(database, amira)[0].weekly == rules.Weekly(3, 720, 60, ZONE)


def test_overlapping_pauses_count_as_one_until_the_last_ends(
    browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    browser.post("/pauses", {"for": "30m"})
    browser.post("/pauses", {"for": "1h"})
    later = max(pause.ends or 0 for pause in _kept(database, amira))
    shown = clock.from_ms(later).astimezone(ZoneInfo(ZONE)).strftime("%H:%M")
    page = browser.get("/").get_data(as_text=True)
    assert "Paused until" in page
    assert shown in page
    browser.post("/pauses/resume")
    assert _kept(database, amira) == []


def test_the_end_is_told_once_before_it_happens(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    browser.post("/pauses", {"for": "30m"})
    early, late = clock.now(), clock.now() + timedelta(minutes=27)
    for moment in (early, late, late):
        with database.transaction("worker") as session:
            announce_ends(session, moment)
    told = superuser.execute("SELECT kind FROM notification WHERE employee_id = %s", [amira]).fetchall()
    assert told == [("pause_ends",)]
    assert "Your pause ends at" in browser.get("/").get_data(as_text=True)


def test_a_pause_that_another_one_prolongs_is_not_announced(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    browser.post("/pauses", {"for": "30m"})
    browser.post("/pauses", {"for": "1h"})
    with database.transaction("worker") as session:
        announce_ends(session, clock.now() + timedelta(minutes=27))
    assert superuser.execute("SELECT FROM notification WHERE employee_id = %s", [amira]).fetchone() is None


def test_what_was_told_is_closed_by_its_person_alone(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    browser.post("/pauses", {"for": "30m"})
    with database.transaction("worker") as session:
        announce_ends(session, clock.now() + timedelta(minutes=27))
    row = superuser.execute("SELECT id FROM notification WHERE employee_id = %s", [amira]).fetchone()
    assert row
    browse(person("Ben Okafor")).post(f"/notifications/{row[0]}/seen")
    assert "Your pause ends at" in browser.get("/").get_data(as_text=True)
    browser.post(f"/notifications/{row[0]}/seen")
    assert "Your pause ends at" not in browser.get("/").get_data(as_text=True)
