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
from portal.pauses.actions import MOST_OPEN, Asked, ask
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


def test_a_part_of_nothing_is_asked_about_and_everything_can_be_chosen(
    browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    answer = browser.post("/pauses", {"for": "30m", "part": "yes"})
    assert answer.status_code == 422
    assert '<a href="#f-kinds">Tick what you want to pause, or tick Everything.</a>' in answer.text
    assert "Pause this part" in answer.text
    assert _kept(database, amira) == []
    browser.post("/pauses", {"for": "30m", "part": "yes", "kinds": "screenshot"})
    page = browser.get("/").text
    assert "Paused: " in page
    assert "Also paused" not in page
    browser.post("/pauses", {"for": "30m", "part": "yes", "kinds": "key", "everything": "yes"})
    assert [bool(one.kinds) for one in _kept(database, amira)].count(False) == 1
    assert "Also paused: " in browser.get("/").text


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


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize("until", ["0001-01-01T00:00", "9999-12-31T23:59", "1999-12-31T23:59", "2200-01-01T00:00"])
def test_R06_a_moment_of_a_far_year_is_refused_with_the_form(
    until: str, zone: str, browse: Browse, person: Callable[..., UUID]
) -> None:
    answer = browse(person("Amira Kaya", timezone=zone)).post("/pauses", {"for": "until", "until": until})
    assert answer.status_code == 422
    assert "Choose a moment at least 30 minutes and at most a year from now." in answer.text


@pytest.mark.parametrize("path", ["/pauses", "/pauses/weekly"])
def test_an_app_that_the_policy_does_not_name_is_refused(
    path: str, browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    form: dict[str, object] = {
        "for": "30m",
        "weekday": "3",
        "from_time": "12:00",
        "minutes": "60",
        "contexts": ["vscode", "nonexistent"],
    }
    answer = browse(amira).post(path, form)
    assert answer.status_code == 422
    assert "Your policy has no app or site “nonexistent”" in answer.text
    assert _kept(database, amira) == []


@pytest.mark.parametrize(
    ("begins", "minutes", "words"),
    [
        ("00:00", "1440", "every Wednesday, the whole day"),
        ("23:59", "1440", "every Wednesday, from 23:59 to 23:59 the next day"),
        ("22:00", "180", "every Wednesday, from 22:00 to 01:00 the next day"),
        ("22:00", "120", "every Wednesday, 22:00\u201300:00"),
    ],
)
def test_a_weekly_pause_says_when_it_ends(
    begins: str, minutes: str, words: str, browse: Browse, person: Callable[..., UUID]
) -> None:
    browser = browse(person("Amira Kaya"))
    browser.post("/pauses/weekly", {"weekday": "3", "from_time": begins, "minutes": minutes})
    page = re.sub(r"\s+", " ", browser.get("/pauses", headers={"Accept-Language": "en-GB"}).text)
    assert words in page


def _announced(database: Database, after: timedelta) -> int:
    with database.transaction("worker") as session:
        return announce_ends(session, clock.now() + after)


def _told_at(browser: Browser, monkeypatch: pytest.MonkeyPatch, after: timedelta) -> str:
    """The first page as it is so much later."""
    later = clock.now() + after
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        return browser.get("/").text


SOON = timedelta(minutes=27)


def test_P06_nothing_starts_again_where_another_pause_goes_on(
    browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    browser = browse(person("Amira Kaya"))
    browser.post("/pauses", {"for": "30m", "kinds": ["screenshot"]})
    browser.post("/pauses", {"for": "opt_out"})
    _announced(database, SOON)
    assert "ends at" not in browser.get("/").text


def test_P06_the_end_of_a_part_is_told_as_the_end_of_that_part(
    browse: Browse, database: Database, person: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browse(person("Amira Kaya"))
    browser.post("/pauses", {"for": "30m", "kinds": ["screenshot"], "contexts": ["vscode"]})
    _announced(database, SOON)
    page = _told_at(browser, monkeypatch, SOON)
    assert "From then on this may be recorded again: Screenshots in Visual Studio Code." in page
    assert "Recording starts again then" not in page


def test_P06_what_stays_paused_is_told_with_the_end_of_a_pause(
    browse: Browse, database: Database, person: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browse(person("Amira Kaya"))
    browser.post("/pauses", {"for": "30m"})
    browser.post("/pauses", {"for": "opt_out", "kinds": ["screenshot"]})
    _announced(database, SOON)
    page = _told_at(browser, monkeypatch, SOON)
    assert "From then on this may be recorded again: Keyboard, Mouse, Clicks, Window titles, AI prompts." in page


@pytest.mark.parametrize("then", [{"for": "opt_out"}, {"for": "1h"}, None])
def test_P06_what_was_told_of_a_pause_goes_when_the_pause_changes(
    then: dict[str, object] | None,
    browse: Browse,
    database: Database,
    person: Callable[..., UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser = browse(person("Amira Kaya"))
    browser.post("/pauses", {"for": "30m"})
    _announced(database, SOON)
    assert "Your pause ends at" in _told_at(browser, monkeypatch, SOON)
    assert "Your pause ends at" not in _told_at(browser, monkeypatch, timedelta(minutes=31))
    browser.post("/pauses", then) if then else browser.post("/pauses/resume")
    assert "Your pause ends at" not in _told_at(browser, monkeypatch, SOON)


def test_R04_too_many_pauses_are_refused_in_words_and_everything_is_paused_all_the_same(
    browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    with database.transaction("web_employee", amira) as session:
        for number in range(MOST_OPEN):
            ask(session, amira, Asked(clock.now(), None, contexts=(f"app-{number}",)))
    part: dict[str, object] = {"for": "opt_out", "kinds": "key"}
    weekly: dict[str, object] = {"weekday": "1", "from_time": "10:00", "minutes": "60"}
    for path, form in (("/pauses", part), ("/pauses/weekly", weekly)):
        answer = browser.post(path, form)
        assert answer.status_code == 409
        assert "You have 50 open pauses" in answer.get_data(as_text=True)
    assert browser.post("/pauses", {"for": "30m"}).status_code == 303
    assert len(_kept(database, amira)) == MOST_OPEN + 1


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("/pauses/weekly", {"weekday": "1", "from_time": "x", "minutes": "60"}, "Wählen Sie eine Uhrzeit."),
        ("/pauses", {"for": "30m", "kinds": "KEY"}, "Wählen Sie Arten aus der Liste."),
    ],
)
def test_what_the_forms_library_says_is_said_in_ones_own_language(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser, path: str, form: dict[str, object], words: str
) -> None:
    amira = person("Amira Kaya")
    superuser.execute("UPDATE employee SET locale = 'de' WHERE id = %s", [amira])
    superuser.commit()
    answer = browse(amira).post(path, form)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
