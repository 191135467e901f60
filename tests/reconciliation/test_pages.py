"""The person's page of a check, the marks on days, and the desks of officer and council."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.db import Database
from portal.reconciliation.jobs import gather, sharer
from portal.reconciliation.rules import tellable
from portal.releases.jobs import smallest_group
from tests.gateway.process import Rows
from tests.reconciliation.conftest import Day
from tests.web_client import Browser

Browse = Callable[[UUID | None], Browser]
YESTERDAY = clock.now().date() - timedelta(days=1)


def checked(rows: Rows, person: UUID, state: str, *found: dict[str, Any], day: date = YESTERDAY) -> None:
    """A check as the worker writes it."""
    rows.do(
        "INSERT INTO reconciliation (employee_id, day, due_at, state, checked_at, missing, figures) "
        'VALUES (%s, %s, now(), %s, now(), %s, \'{"sent": [], "held": [], "missing": []}\')',
        *(person, day, "amber" if state == "gone" else state, int(state == "amber")),
    )
    for one in found:
        values = {"what": "lost", "kind": "key", "context": "vscode", "place": "", "items": 3, "device_class": "linux"}
        values |= {"id": uuid4(), "employee_id": person, "day": day, "segment_ids": []} | one
        names, slots = ", ".join(values), ", ".join(["%s"] * len(values))
        rows.do(f"INSERT INTO reconciliation_finding ({names}) VALUES ({slots})", *values.values())


def officer_of(rows: Rows, person: Callable[..., UUID], role: str) -> UUID:
    made = person("Omar Officer")
    rows.do("INSERT INTO role_grant (employee_id, role) VALUES (%s, %s)", made, role)
    return made


@pytest.mark.parametrize("path", [f"/data/{YESTERDAY}/check", "/officer/reconciliation", "/council/reconciliation"])
def test_nobody_sees_a_check_without_signing_in(browse: Browse, path: str) -> None:
    assert browse(None).get(path).status_code in {302, 303, 401}


@pytest.mark.parametrize("path", ["/officer/reconciliation", "/council/reconciliation"])
def test_the_desks_are_closed_to_everybody_else(
    browse: Browse, person: Callable[..., UUID], rows: Rows, path: str
) -> None:
    other = "works_council" if "officer" in path else "privacy_officer"
    for who in (person(), officer_of(rows, person, "hr"), officer_of(rows, person, other)):
        assert browse(who).get(path).status_code == 403


def test_only_get_and_only_real_days(browse: Browse, person: Callable[..., UUID]) -> None:
    browser = browse(person())
    assert browser.get("/data/2026-13-01/check").status_code == 404
    assert browser.get(f"/data/{YESTERDAY}/check").status_code == 200


def test_a_stranger_sees_an_unchecked_day(browse: Browse, person: Callable[..., UUID], rows: Rows) -> None:
    amira, ben = person(), person("Ben Okafor")
    checked(rows, amira, "red", {"context": "payroll"})
    mine, other = browse(amira).get(f"/data/{YESTERDAY}/check").text, browse(ben).get(f"/data/{YESTERDAY}/check").text
    assert "does not agree" in mine
    assert "payroll" in mine
    assert "has not been checked" in other
    assert "payroll" not in other


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("green", "Everything agrees"),
        ("amber", "Not known yet"),
        ("gone", "Not to be known any more"),
        ("red", "Does not agree"),
    ],
)
def test_calendar_and_day_show_the_state_in_words(
    browse: Browse, person: Callable[..., UUID], rows: Rows, state: str, word: str
) -> None:
    amira = person()
    checked(rows, amira, state, *([{}] if state == "red" else []))
    browser = browse(amira)
    assert word in browser.get(f"/data?until={YESTERDAY}").text
    assert word in browser.get(f"/data/{YESTERDAY}").text
    assert word in browser.get(f"/data/{YESTERDAY}/check").text


def test_pages_stay_small(browse: Browse, person: Callable[..., UUID], rows: Rows) -> None:
    amira = person()
    checked(rows, amira, "red", {})
    browser = browse(amira)
    for path in (f"/data/{YESTERDAY}/check", f"/data/{YESTERDAY}", "/data"):
        assert (path, int(browser.get(path).headers["Daylight-Statements"])) <= (path, 12)


def test_the_page_itself_finds_and_reports_what_the_database_hides_from_it(
    day: Day, browse: Browse, superuser: psycopg.Connection[object], rows: Rows
) -> None:
    day.tally()
    assert day.check() == "green"
    browser = browse(day.person)
    assert "Everything agrees" in browser.get(f"/data/{day.day}/check").text
    superuser.execute("CREATE POLICY hide ON segment AS RESTRICTIVE TO web_employee USING (kind <> 'key')")
    superuser.commit()
    try:
        page = browser.get(f"/data/{day.day}/check").text
    finally:
        superuser.execute("DROP POLICY hide ON segment")
        superuser.commit()
    assert "Stored, and not shown on the page" in page
    assert "Does not agree" in page
    assert day.found() == [("not_shown", "key", "vscode", 2)]
    assert "Does not agree" in browser.get(f"/data/{day.day}").text


def test_a_person_who_deletes_meanwhile_sees_no_alarm(day: Day, browse: Browse) -> None:
    day.tally()
    assert day.check() == "green"
    day.rows.do("UPDATE segment SET erasure_id = %s WHERE id = %s", uuid4(), day.headers[0].segment)
    assert "Everything agrees" in browse(day.person).get(f"/data/{day.day}/check").text


def test_the_notification_leads_to_the_check(day: Day, browse: Browse) -> None:
    day.rows.do("DELETE FROM segment WHERE id = %s", day.headers[2].segment)
    day.tally()
    assert day.check() == "red"
    page = browse(day.person).get("/").text
    assert "found something about your data that does not agree" in page
    assert f"/data/{day.day}/check" in page


def test_officer_and_council_see_no_person_and_no_small_number(
    browse: Browse, person: Callable[..., UUID], rows: Rows, database: Database
) -> None:
    day = YESTERDAY - timedelta(days=20)
    for number in range(11):
        checked(rows, person(f"Person {number}"), "red", {"context": "payroll"}, day=day)
    checked(rows, person("Someone Alone"), "red", {"what": "in_pause", "kind": "Secret words"}, day=day)
    for number in range(9):
        checked(rows, person(f"Green {number}"), "green", day=day)
    with database.transaction("worker") as session:
        gather(session, clock.now())
        sharer(smallest_group(10))(session, clock.now())
    with database.transaction("worker") as session:
        gather(session, clock.now())
        sharer(smallest_group(10))(session, clock.now())
    officer = browse(officer_of(rows, person, "privacy_officer")).get("/officer/reconciliation").text
    assert "Stored, captured during a pause" in officer
    assert "33" in officer
    assert "payroll" not in officer
    assert "Someone" not in officer
    assert "Secret" not in officer
    assert "another kind" in officer
    council = browse(officer_of(rows, person, "works_council")).get("/council/reconciliation").text
    assert "Sent by a device, and not here: 11" not in council, "with 12 in all it would tell of one"
    assert "Stored, captured during a pause" not in council
    shares = rows.all("SELECT measure, people FROM reconciliation_share WHERE day = %s AND people IS NOT NULL", day)
    assert sorted(shares) == [("red", 12)]


def test_days_of_removed_devices_are_counted_apart(
    browse: Browse, person: Callable[..., UUID], rows: Rows, database: Database
) -> None:
    day = YESTERDAY - timedelta(days=25)
    for state, people in (("gone", 11), ("amber", 12)):
        for number in range(people):
            checked(rows, person(f"Person {number}"), state, day=day)
    with database.transaction("worker") as session:
        gather(session, clock.now())
        sharer(smallest_group(10))(session, clock.now())
    shares = rows.all("SELECT measure, people FROM reconciliation_share WHERE day = %s AND people IS NOT NULL", day)
    assert sorted(shares) == [("amber", 12), ("gone", 11)]
    council = browse(officer_of(rows, person, "works_council")).get("/council/reconciliation").text
    assert re.search(r'data-label="Not to be known any more"><span>\s*11\b', council)


@pytest.mark.parametrize(("k", "told", "words"), [(8, True, "fewer than 10"), (12, False, "fewer than 12")])
def test_A04_the_council_reads_of_k_people_and_never_of_fewer_than_ten(
    browse: Browse, person: Callable[..., UUID], rows: Rows, database: Database, k: int, *, told: bool, words: str
) -> None:
    day = YESTERDAY - timedelta(days=5 + k)
    for number in range(11):
        checked(rows, person(f"Person {number}"), "green", day=day)
    for number in range(9):
        checked(rows, person(f"Red {number}"), "red", day=day)
    with database.transaction("worker") as session:
        sharer(smallest_group(k))(session, clock.now())
    kept = dict(rows.all("SELECT measure, people FROM reconciliation_share WHERE day = %s", day))
    assert (kept["green"], kept["red"]) == (11 if told else None, None)
    page = browse(officer_of(rows, person, "works_council")).get("/council/reconciliation").text
    assert words in page


def test_A04_a_day_is_told_once_and_never_again(person: Callable[..., UUID], rows: Rows, database: Database) -> None:
    """Two readings of one day that differ would be a person: neither before a deletion and after, nor within a day."""
    day, fresh = YESTERDAY - timedelta(days=26), YESTERDAY
    for number in range(30):
        checked(rows, person(f"Person {number}"), "green", day=day)
        checked(rows, person(f"Late {number}"), "green", day=fresh)
    told = "SELECT measure, people FROM reconciliation_share WHERE day = %s AND people IS NOT NULL"
    for _ in range(2):
        with database.transaction("worker") as session:
            sharer(smallest_group(10))(session, clock.now())
        assert rows.all(told, day) == [("green", 30)]
        assert rows.all(told, fresh) == [], "it may still change"
        checked(rows, person("One more"), "green", day=day)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"red": 40, "lost": 40}, True),
        ({"red": 40, "lost": 30}, True),
        ({"red": 40, "lost": 31}, False),
        ({"red": 9, "lost": 9}, False),
    ],
)
def test_A04_what_does_not_agree_differs_from_all_red_days_by_nobody_or_k(
    counts: dict[str, int], *, told: bool
) -> None:
    assert tellable("lost", counts, 10) is told


def test_D01_the_council_has_no_number_under_its_k_in_its_reach(rows: Rows) -> None:
    for people, k in ((9, 10), (9, 9), (11, 12)):
        with pytest.raises(psycopg.errors.CheckViolation):
            rows.do(
                "INSERT INTO reconciliation_share (day, measure, people, k) VALUES (now(), 'red', %s, %s)", people, k
            )
        rows.connection.rollback()


def test_empty_desks_say_so(browse: Browse, person: Callable[..., UUID], rows: Rows) -> None:
    for table in ("mismatch", "reconciliation_share"):
        rows.do(f"DELETE FROM {table}")
    officer = browse(officer_of(rows, person, "privacy_officer"))
    assert "Nothing to look into" in officer.get("/officer/reconciliation").text
    assert "Daily check" in officer.get("/officer/reconciliation").text
    assert (
        "No day was checked yet"
        in browse(officer_of(rows, person, "works_council")).get("/council/reconciliation").text
    )
