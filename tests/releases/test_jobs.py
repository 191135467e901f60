"""The job: once a period, all of it or nothing, by whom and when."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import event, text
from sqlalchemy.exc import ProgrammingError

from portal.core.clock import to_ms
from portal.core.config import ConfigError, Settings
from portal.operations.demo_statistics import publish_since
from portal.operations.schema import alembic_config
from portal.releases import periods
from portal.releases.actions import Told, digest
from portal.releases.jobs import releaser
from portal.releases.panels import Hidden, Why
from portal.releases.periods import Span
from portal.releases.places import Level, Place
from portal.releases.tables import Value
from tests.releases.conftest import MONDAY, Company, week


class StoppedError(Exception):
    """The worker was killed here."""


def test_the_first_week(company: Company) -> None:
    company.works(company.everybody(), MONDAY)
    assert company.release(week(1)) == 1
    assert company.release(week(1)) == 0
    found = company.figures()
    assert found["company", "", "", "", "people"] == 114
    assert found["site", "", "Berlin", "", "people"] == 64
    assert found["department", "", "Berlin", "Legal", "people"] == "small"
    assert found["company", "", "", "", "share.captured"] == 80
    assert found["company", "", "", "", "items"] == company.value("SELECT sum(items) FROM employee_day")
    assert found["department", "", "Berlin", "Finance", "people"] == "linked"
    assert ("department", "", "Berlin", "Legal", "items") not in found


def test_A05_people_made_up_in_the_directory_make_no_group_of_a_few(company: Company) -> None:
    company.works(company.everybody(), MONDAY)
    real = company.everybody()
    told = company.hire("DE", "Berlin", "Legal", 9)
    for person in [*told, *real]:
        company.superuser.execute(
            "INSERT INTO directory_entry (employee_id, user_name, resource) VALUES (%s, %s, '{}')",
            [person, str(person)],
        )
    for person in real:
        company.superuser.execute(
            "INSERT INTO device (id, employee_id, name, kind, platform, public_key) "
            "VALUES (%s, %s, 'Laptop', 'collector', 'linux', %s)",
            [uuid4(), person, os.urandom(32)],
        )
    company.superuser.commit()
    company.release(week(1))
    found = company.figures()
    assert found["company", "", "", "", "people"] == 114
    assert found["department", "", "Berlin", "Legal", "people"] == "small"


def test_nothing_before_everything_has_come(company: Company) -> None:
    assert company.release(week(1) - timedelta(days=1)) == 0


def test_two_workers_make_each_release_once(company: Company) -> None:
    company.works(company.everybody(), MONDAY)
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(company.release, [week(1), week(1)])) == 1
    company.release(week(1))
    assert company.value("SELECT count(*) FROM pub.release") == 1
    assert company.value("SELECT count(*) FROM audit_entry WHERE action = 'release.published'") == 1


def test_stopped_at_any_statement_there_is_no_half_release(company: Company) -> None:
    company.works(company.everybody(), MONDAY)
    engine, left = company.database.engine("worker"), 0

    def stop(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise StoppedError

    event.listen(engine, "before_cursor_execute", stop)
    for at in range(200):
        left = at
        with suppress(StoppedError):
            with company.database.transaction("worker") as session:
                assert releaser(since=MONDAY)(session, periods.week(MONDAY).due)
            break
        assert company.value("SELECT count(*) FROM pub.release") == 0
        assert company.value("SELECT count(*) FROM pub.figure") == 0
        assert company.value("SELECT count(*) FROM panel_cell") == 0
    event.remove(engine, "before_cursor_execute", stop)
    assert at > 10
    assert company.release(week(1)) == 0
    assert company.figures()["company", "", "", "", "people"] == 114


def test_A04_what_was_published_stays_as_it_was(company: Company) -> None:
    company.works(company.everybody(), MONDAY)
    company.release(week(1))
    before = company.figures()
    company.superuser.execute("DELETE FROM employee_day")
    company.superuser.commit()
    assert company.release(week(2)) == 1
    assert company.figures() == before
    with company.database.transaction("worker") as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text("UPDATE pub.figure SET value = 0"))


def test_the_hash_is_that_of_the_figures_and_an_entry_of_the_log(company: Company) -> None:
    company.works(company.everybody(), MONDAY)
    company.release(week(1))
    rows = company.superuser.execute(
        "SELECT level, country, site, department, item, value, why, step FROM pub.figure"
    ).fetchall()
    figures = {
        Value(Place(Level(row[0]), *row[1:4]), row[4]): Told(row[5], Hidden(Why(row[6])) if row[6] else None, row[7])
        for row in rows
    }
    told = company.value("SELECT hash FROM pub.release")
    assert digest(periods.week(MONDAY), figures) == told
    assert company.value("SELECT detail->>'hash' FROM audit_entry WHERE action = 'release.published'") == told
    other = next(value for value, one in figures.items() if one.value)
    assert digest(periods.week(MONDAY), figures | {other: Told(1)}) != told


def test_A05_who_comes_within_a_quarter_is_not_counted_before_the_next(company: Company) -> None:
    company.works(company.everybody(), MONDAY)
    company.release(week(1))
    fresh = company.hire("DE", "Berlin", "Engineering", 2)
    company.works(company.everybody(), week(1), items=10)
    company.works(fresh, week(1), "key", items=100)
    company.release(week(2))
    found = company.figures(week(1))
    assert found["company", "", "", "", "people"] == 114
    assert found["company", "", "", "", "items"] == 114 * 5 * 10


def test_A05_two_who_left_hide_their_site_in_the_next_quarter(company: Company) -> None:
    company.works(company.everybody(), MONDAY)
    company.release(week(1))
    for person in company.who["Dublin", "Sales"][:2]:
        company.superuser.execute("UPDATE employee SET left_at = now() WHERE id = %s", [person])
    company.superuser.commit()
    january = periods.monday(date(2027, 1, 4))
    company.works(company.everybody(), january)
    company.release(january + periods.WEEK)
    found = company.figures(january)
    assert found["site", "", "Dublin", "", "people"] == "changed"
    assert found["department", "", "Dublin", "Sales", "people"] == "changed"
    assert found["company", "", "", "", "people"] == "changed"


def test_whoever_is_erased_leaves_no_trace_in_the_panels(company: Company) -> None:
    company.works(company.everybody(), MONDAY)
    company.release(week(1))
    person = company.everybody()[0]
    company.superuser.execute("DELETE FROM panel_person WHERE employee_id = %s", [person])  # as erase_person does
    company.superuser.commit()
    assert company.value("SELECT count(*) FROM panel_member") == 114
    company.release(week(2))
    assert company.figures(week(1))["company", "", "", "", "people"] == 114


def test_one_person_who_makes_most_of_it_hides_it(company: Company) -> None:
    company.works(company.everybody(), MONDAY, items=1)
    company.works(company.who["Zürich", "Research"][:1], MONDAY, "key", items=100_000)
    company.release(week(1))
    found = company.figures()
    assert found["company", "", "", "", "items"] == found["company", "", "", "", "hours"] == "few"
    assert found["site", "", "Berlin", "", "hours"] == company.value(
        "SELECT sum(milliseconds) FROM employee_day d JOIN employee e ON e.id = d.employee_id WHERE site = 'Berlin'"
    )
    assert found["site", "", "Berlin", "", "items"] == "few", "with it, that nobody there pressed a key"
    assert found["site", "", "Zürich", "", "items"] == "few"


def test_months_are_whole_weeks_and_partial_ones_are_left_out() -> None:
    now = datetime(2026, 12, 31, tzinfo=UTC)
    found = list(periods.periods(date(2026, 10, 14), now))
    assert [(one.span.value, str(one.starts_on), str(one.ends_on)) for one in found if one.span is Span.MONTH] == [
        ("month", "2026-11-02", "2026-12-07"),
    ]
    assert str(found[0].starts_on) == "2026-10-12"
    assert found.index(periods.month(date(2026, 11, 2))) == found.index(periods.week(date(2026, 11, 30))) + 1
    assert periods.week(date(2026, 12, 28)).quarter == date(2026, 10, 1)


@pytest.mark.parametrize("given", ["0", "7", "8", "9", "-1", "ten"])
def test_no_setting_makes_groups_smaller(given: str) -> None:
    with pytest.raises(ConfigError, match="PORTAL_SMALLEST_GROUP"):
        Settings.from_env({"PORTAL_SMALLEST_GROUP": given})


def test_groups_can_be_larger(company: Company) -> None:
    assert Settings.from_env({"PORTAL_SMALLEST_GROUP": "15"}).smallest_group == 15
    company.works(company.everybody(), MONDAY)
    company.release(week(1), k=15)
    assert company.figures()["department", "", "Dublin", "Sales", "people"] == "small"


def test_the_demo_has_its_past_weeks_as_on_their_days_and_not_twice(company: Company) -> None:
    for number in range(5):
        company.works(company.everybody(), week(number))
    until = to_ms(periods.week(week(3)).due)
    assert publish_since(company.settings, MONDAY - timedelta(days=3), until) == 5
    assert publish_since(company.settings, MONDAY - timedelta(days=3), until) == 0
    assert company.value("SELECT max(released_at) FROM pub.release") == periods.week(week(3)).due
    assert company.figures(week(3))["company", "", "", "", "people"] == 114


def test_A04_shares_of_few_people_in_releases_already_made_are_taken_back(company: Company) -> None:
    """By the migration, which says so beside them; what was told of many people stays."""
    company.works(company.everybody(), MONDAY)
    company.release(week(1))
    move = alembic_config(company.settings)
    command.downgrade(move, "20261201_1924")
    change = (
        "UPDATE pub.figure SET value = 55, why = NULL WHERE item = 'share.paused'",
        "UPDATE pub.figure SET value = 500 WHERE item = 'people' AND level = 'company'",
        "UPDATE pub.figure SET value = NULL, why = 'linked' WHERE item IN ('hours', 'people') AND site = 'Berlin'",
    )
    for statement in change:
        company.superuser.execute(statement.encode())
    company.superuser.commit()
    command.upgrade(move, "20261201_1975")
    found = company.figures()
    assert found["company", "", "", "", "share.paused"] == 55
    assert found["site", "", "Dublin", "", "share.paused"] == "withdrawn"
    assert found["site", "", "Berlin", "", "hours"] == "few"
    assert found["site", "", "Berlin", "", "people"] == "linked"
    assert company.value("SELECT withdrawn_at FROM pub.release")


def test_A05_a_panel_is_that_of_the_quarters_first_day(company: Company) -> None:
    """Also where its first release is made days later: who came meanwhile is not counted, who left is."""
    company.works(company.everybody(), MONDAY)
    company.release(week(1))
    job = releaser(since=MONDAY)
    new_year = datetime(2027, 1, 1, 0, 5, tzinfo=UTC)
    while True:
        with company.database.transaction("worker") as session:
            if not job(session, new_year):
                break
    left = company.who["Zürich", "Research"][:1]
    company.superuser.execute("UPDATE employee SET left_at = now() WHERE id = ANY (%s)", [left])
    company.superuser.commit()
    company.hire("CH", "Zürich", "Research", 3)
    january = periods.monday(date(2027, 1, 4))
    company.works(company.everybody(), january)
    company.release(january + periods.WEEK)
    assert company.figures(january)["company", "", "", "", "people"] == 114
    counted = "SELECT counted_on FROM pub.release WHERE quarter = %s LIMIT 1"
    assert company.value(counted, date(2027, 1, 1)) == date(2027, 1, 1)
    assert company.value(counted, date(2026, 10, 1)) == week(1) + timedelta(days=2), (
        "the day on which the job first ran"
    )


def test_quarters_are_opened_in_their_order() -> None:
    found = list(periods.quarters(date(2026, 10, 1), date(2027, 4, 1)))
    assert [str(one) for one in found] == ["2026-07-01", "2026-10-01", "2027-01-01", "2027-04-01"]
    assert list(periods.quarters(date(2026, 10, 7), date(2026, 12, 31))) == [date(2026, 10, 1)]
