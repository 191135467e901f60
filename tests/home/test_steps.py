"""What the first page says of each device on its way to a pause, from what devices reported."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.capture import jobs
from portal.core import clock
from portal.core.db import Database
from tests.captured import store_item
from tests.web_client import Browser, statements

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
ALL = {"key": ["vscode"], "screenshot": ["vscode"]}
STEPS = re.compile(r'<ol class="steps"[^>]*>(.*?)</ol>', re.DOTALL)
TRUTH = re.compile(r'id="truth"[^>]*>(.*?)</p>', re.DOTALL)
_LEASE = """
INSERT INTO lease_span (id, employee_id, devices, policy, directive, key_id, permitted, started_at, valid_until)
SELECT %s, %s, %s, hash, %s, gen_random_uuid(), %s, %s, %s FROM policy ORDER BY version LIMIT 1
"""


class Home:
    """A person with one device, and what is in the database about both."""

    def __init__(self, browser: Browser, superuser: Superuser, person: UUID) -> None:
        self.browser, self.superuser, self.person = browser, superuser, person
        self.device = uuid4()
        self.do(
            "INSERT INTO device (id, employee_id, kind, name, public_key, last_seen_at, added_at)"
            " VALUES (%s, %s, 'collector', 'ThinkPad', %s, now(), now() - interval '1 year')",
            [self.device, person, self.device.bytes * 2],
        )

    def do(self, statement: str, values: list[Any]) -> None:
        self.superuser.execute(statement.encode(), values)
        self.superuser.commit()

    def lease(self, permitted: dict[str, list[str]], began: datetime, lasts: timedelta = timedelta(minutes=2)) -> None:
        now = clock.now()
        kept = psycopg.types.json.Jsonb(permitted)
        self.do(_LEASE, [uuid4(), self.person, [self.device], 1, kept, began, now + lasts])

    def pause(self, number: int, starts: datetime, ends: datetime | None = None, **more: Any) -> None:
        columns = {"id": uuid4(), "employee_id": self.person, "source": "page", "number": number}
        columns |= {"starts_at": starts, "ends_at": ends} | more
        names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
        self.do(f"INSERT INTO pause ({names}) VALUES ({marks})", list(columns.values()))
        self.do("UPDATE employee SET directive_number = %s WHERE id = %s", [number, self.person])

    def weekly(self, number: int, begins: datetime, minutes: int = 60) -> None:
        self.do("UPDATE employee SET timezone = 'UTC' WHERE id = %s", [self.person])
        minute = begins.hour * 60 + begins.minute
        self.pause(number, clock.now() - 20 * DAY, weekday=begins.isoweekday(), from_minute=minute, minutes=minutes)

    def report(self, what: str, directive: int, at: datetime, received: datetime | None = None) -> None:
        self.do(
            "INSERT INTO device_report (employee_id, device_id, what, directive, last_seq, reported_at, received_at)"
            " VALUES (%s, %s, %s, %s, 7, %s, %s)",
            [self.person, self.device, what, directive, at, received or at],
        )

    def says(self, path: str = "/") -> tuple[str, list[str]]:
        """The sentence, and the steps of each device."""
        page = self.browser.get(path)
        assert statements(page) <= 12
        truth = TRUTH.search(page.text)
        assert truth
        return _flat(truth.group(1)), [_flat(steps) for steps in STEPS.findall(page.text)]


def _flat(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup)).strip()


@pytest.fixture
def home(browse: Browse, superuser: Superuser, person: Callable[..., UUID]) -> Home:
    amira = person("Amira Kaya")
    return Home(browse(amira), superuser, amira)


@pytest.mark.parametrize("days", [3, 80])
def test_P06_a_device_that_stopped_days_ago_has_stopped(home: Home, days: int) -> None:
    asked = clock.now() - days * DAY
    home.pause(1, asked)
    home.report("received", 1, asked + 0.2 * SECOND)
    home.report("stopped", 1, asked + 0.4 * SECOND)
    home.report("stopped", 1, clock.now() - DAY)
    home.lease({}, asked)
    truth, steps = home.says()
    assert truth == "You have opted out."
    assert len(steps) == 1
    assert "received 0.2 s" in steps[0]
    assert "stopped 0.4 s" in steps[0]


def test_P06_a_device_that_is_away_does_not_record_by_the_permit_of_another(home: Home) -> None:
    """Each of a person's devices is named in the permit that is renewed for those that are here."""
    home.lease(ALL, clock.now() - DAY)
    assert home.says()[0] == "Your device is recording."
    home.do("UPDATE device SET last_seen_at = now() - interval '110 seconds' WHERE id = %s", [home.device])
    assert home.says()[0] == "Your device is recording."  # it may hold the permit that it took last
    home.do("UPDATE device SET last_seen_at = now() - interval '123 seconds' WHERE id = %s", [home.device])
    assert home.says()[0] != "Your device is recording."
    home.do("UPDATE device SET last_seen_at = NULL WHERE id = %s", [home.device])
    assert home.says()[0] != "Your device is recording."


def test_P06_a_device_added_after_a_pause_did_not_take_so_long_to_stop(home: Home) -> None:
    asked = clock.now() - 20 * DAY
    home.pause(1, asked)
    home.do("UPDATE device SET added_at = now() - interval '1 day' WHERE id = %s", [home.device])
    for what in ("received", "stopped"):
        home.report(what, 1, clock.now() - DAY + 3 * SECOND)
    home.lease({}, clock.now() - DAY)
    assert home.says()[1][0].endswith("received stopped")


def test_P06_a_device_has_stopped_still_when_its_first_word_is_forgotten(home: Home, database: Database) -> None:
    asked = clock.now() - 200 * DAY
    home.pause(1, asked)
    for age in (200, 150, 100):
        for what in ("received", "stopped"):
            home.report(what, 1, clock.now() - age * DAY + SECOND)
    home.lease({}, asked)
    more = True
    while more:
        with database.transaction("worker") as session:
            more = jobs.forget_reports(session, clock.now())
    truth, steps = home.says()
    assert truth == "You have opted out."
    assert steps[0].endswith("received stopped")


def test_P06_many_reports_since_a_pause_began_are_not_read(home: Home) -> None:
    asked = clock.now() - 60 * DAY
    home.pause(1, asked)
    home.do(
        "INSERT INTO device_report (employee_id, device_id, what, directive, last_seq, reported_at, received_at)"
        " SELECT %s, %s, what, 1, n, at, at FROM generate_series(1, 20000) n,"
        " LATERAL (SELECT %s::timestamptz + n * interval '4 minutes' AS at) t,"
        " unnest(ARRAY['received', 'stopped']) what",
        [home.person, home.device, asked],
    )
    home.do("ANALYZE device_report", [])
    home.lease({}, asked)
    began = clock.now()
    truth, steps = home.says()
    assert truth == "You have opted out."
    assert "stopped 240 s" in steps[0]
    assert clock.now() - began < timedelta(seconds=1)


def test_P06_what_was_said_the_week_before_is_no_answer_to_this_week(home: Home) -> None:
    begins = clock.now().replace(second=0, microsecond=0)
    home.weekly(6, begins)
    for what in ("received", "stopped"):
        home.report(what, 6, begins - 7 * DAY + SECOND)
    home.lease(ALL, begins - DAY)
    truth, steps = home.says()
    assert truth == "Your device is stopping."
    assert len(steps) == 1
    assert "0.0 s" not in steps[0]
    assert "received" in steps[0]  # it knows of this pause since it was asked for
    assert re.search(r"stopping \d+ s|stops by itself by", steps[0])
    home.report("stopped", 6, begins + 0.3 * SECOND)
    truth, steps = home.says()
    assert truth.startswith("Paused until")
    assert "received stopped 0.3 s" in steps[0]  # nobody measured when it received what it has known for weeks


def test_P06_a_word_of_the_week_before_that_arrives_late_is_no_answer(home: Home) -> None:
    begins = clock.now().replace(second=0, microsecond=0)
    home.weekly(6, begins)
    home.report("stopped", 6, begins - 7 * DAY + SECOND, received=clock.now())
    home.lease(ALL, begins - DAY)
    assert home.says()[0] == "Your device is stopping."


def test_P06_a_pause_that_continues_one_a_device_stopped_for_has_reached_it(home: Home) -> None:
    """The device knew of both before the first began, and has been out of reach since."""
    begins = clock.now().replace(second=0, microsecond=0)
    home.weekly(3, begins)
    home.pause(5, begins - timedelta(minutes=50), begins)
    for what in ("received", "stopped"):
        home.report(what, 5, begins - timedelta(minutes=50) + 0.4 * SECOND)
    home.lease({}, begins - timedelta(minutes=50))
    truth, steps = home.says()
    assert truth.startswith("Paused until")
    assert steps[0].endswith("received stopped")


def test_P06_a_pause_that_a_device_does_not_know_of_has_not_reached_it(home: Home) -> None:
    now = clock.now()
    home.pause(5, now - timedelta(minutes=50), now - SECOND)
    home.pause(6, now - timedelta(minutes=10), now + timedelta(hours=1))
    for what in ("received", "stopped"):
        home.report(what, 5, now - timedelta(minutes=49))
    home.lease(ALL, now - DAY)
    truth, steps = home.says()
    assert truth == "Your device is stopping."
    assert "not reached" in steps[0]


def test_P06_a_lease_from_before_the_pause_is_no_recording_after_it(home: Home) -> None:
    now = clock.now()
    home.lease(ALL, now - DAY)
    home.pause(5, now - timedelta(seconds=20), None, ended_at=now - SECOND, ended_number=6)
    for what in ("received", "stopped"):
        home.report(what, 5, now - timedelta(seconds=19))
    assert home.says()[0] == "Your device is starting again."
    assert "Your device is recording." not in home.browser.get("/state").text
    home.lease(ALL, clock.now(), timedelta(minutes=3))
    assert home.says()[0] == "Your device is recording."


def test_P06_a_device_that_a_pause_never_reached_goes_on_by_the_lease_it_has(home: Home) -> None:
    now = clock.now()
    home.lease(ALL, now - DAY)
    home.pause(5, now - timedelta(seconds=20), None, ended_at=now - SECOND, ended_number=6)
    assert home.says()[0] == "Your device is recording."


def test_the_offer_and_the_day_say_the_same_number_after_a_pause(home: Home) -> None:
    home.lease(ALL, clock.now() - DAY)
    home.browser.post("/pauses", {"for": "1h"})
    for items in (1, 2):
        store_item(home.superuser, home.person, clock.now())
        home.superuser.commit()
        later = home.browser.get("/state").text
        offered = re.search(r"(\d+) items?\.", later)
        counted = re.search(r'id="today-count" hx-swap-oob="true">.*?(\d+) items?<', later)
        assert offered
        assert counted
        assert int(offered.group(1)) == int(counted.group(1)) == items
    assert 'id="today-count"><a' in home.browser.get("/").text


def test_P06_a_pause_of_a_part_shows_how_it_reaches_each_device(home: Home) -> None:
    home.lease(ALL, clock.now() - DAY)
    home.browser.post("/pauses", {"for": "1h", "kinds": ["screenshot"]})
    page = home.browser.get("/").text
    assert 'hx-trigger="every 1s"' in page
    truth, steps = home.says()
    assert truth == "Your device is recording."
    assert len(steps) == 1
    assert "receiving" in steps[0]
    assert "last=today&amp;kind=screenshot" in page
    at = clock.now() + 0.1 * SECOND
    home.report("received", 1, at)
    assert "stopping" in home.says()[1][0]
    home.report("stopped", 1, at)
    assert re.search(r"received \d\.\d s stopped \d\.\d s", home.says("/state")[1][0])
    assert 'hx-trigger="every 1s"' not in home.browser.get("/").text


def test_P06_a_pause_of_a_part_stands_in_its_day(home: Home) -> None:
    begins = clock.now() - timedelta(minutes=5)
    home.do("UPDATE employee SET timezone = 'UTC' WHERE id = %s", [home.person])
    home.pause(1, begins, clock.now() + timedelta(hours=1), kinds=["screenshot"], contexts=["vscode"])
    page = _flat(home.browser.get(f"/data/{clock.now().date()}").text)
    assert "Paused by you: Screenshots in Visual Studio Code" in page
