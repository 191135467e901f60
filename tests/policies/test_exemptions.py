"""Who is exempt, by grade: what counts as exempt, what is published of it; no small group can be told (D01)."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.identity.rules import grade_of
from portal.policies.exemptions.jobs import exemption_counter
from portal.policies.exemptions.rules import TOGETHER, UNKNOWN, Count, Group, counted, exempt, publishable
from portal.policies.rules import Workplace
from tests.deciding.conftest import Chamber, chamber
from tests.wire.samples import POLICY
from wire.policy import Audience

__all__ = ["chamber"]
NOW = POLICY.not_before
EVERYBODY = dataclasses.replace(POLICY, audience=Audience(None, None, None))
BERLIN = dataclasses.replace(EVERYBODY, audience=Audience(("Berlin",), None, None))
SPARED = dataclasses.replace(EVERYBODY, version=POLICY.version + 1, audience=Audience(None, ("Board",), None), rules=())
K = 10
TEN = Count(TOGETHER, 10, 10)


def at(site: str = "Paris", department: str = "Works") -> Workplace:
    return Workplace(site, department, "FR")


def test_exempt_is_whom_no_policy_covers_or_one_that_permits_nothing() -> None:
    assert exempt([], at(), NOW)
    assert exempt([BERLIN], at(), NOW)
    assert not exempt([BERLIN], at("Berlin"), NOW)
    assert not exempt([EVERYBODY], at(), NOW)
    assert exempt([EVERYBODY, SPARED], at(department="Board"), NOW)
    assert not exempt([EVERYBODY, SPARED], at(), NOW)
    assert exempt([EVERYBODY], at(), EVERYBODY.expires), "over"
    nowhere = dataclasses.replace(EVERYBODY, rules=tuple(dataclasses.replace(one, contexts=()) for one in POLICY.rules))
    assert exempt([nowhere], at(), NOW)


def test_people_are_counted_by_grade() -> None:
    groups = [
        Group("executive", at(department="Board"), 12),
        Group("executive", at(), 3),
        Group("staff", at(), 90),
        Group(None, at("Berlin"), 5),
    ]
    found = counted(groups, [EVERYBODY, SPARED], NOW)
    assert found == {"executive": (15, 12), "staff": (90, 0), UNKNOWN: (5, 0)}


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"staff": (90, 0)}, [Count("staff", 90, None)]),
        ({"staff": (90, 9)}, [Count("staff", 90, None)]),
        ({"staff": (90, 10)}, [Count("staff", 90, 10)]),
        ({"staff": (90, 80)}, [Count("staff", 90, 80)]),
        ({"staff": (90, 81)}, [Count("staff", 90, None)]),
        ({"executive": (12, 12)}, [Count("executive", 12, 12)]),
        ({"executive": (9, 9)}, [Count(TOGETHER, None, None)]),
        (
            {"executive": (4, 4), "manager": (6, 6), "staff": (50, 0)},
            [Count("staff", 50, None), Count(TOGETHER, 10, 10)],
        ),
        ({}, []),
    ],
)
def test_D01_no_number_tells_of_few(counts: dict[str, tuple[int, int]], shown: list[Count]) -> None:
    assert publishable(counts, K) == shown


@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(1, 40), st.integers(0, 40)).map(sorted)))
def test_D01_by_property_no_cell_is_small(found: dict[str, list[int]]) -> None:
    for one in publishable({grade: (people, free) for grade, (free, people) in found.items() if people}, K):
        assert one.people is None or one.people >= K
        if one.exempt is not None:
            assert one.people is not None
            assert one.exempt >= K
            assert one.people - one.exempt == 0 or one.people - one.exempt >= K


def test_a_grade_is_the_first_group_that_fits() -> None:
    told = {"executive": ("Chiefs",), "manager": ("Leads", "cn=leads,ou=groups")}
    assert grade_of(["Leads", "Chiefs"], told) == "executive"
    assert grade_of(["Leads"], told) == "manager"
    assert grade_of(["cn=leads,ou=groups"], told) == "manager"
    assert grade_of([], told) == "staff"
    assert grade_of(["Chiefs"], {}) is None


@pytest.fixture
def graded(chamber: Chamber, person: Callable[..., UUID]) -> Iterator[Chamber]:
    """Twelve executives where nothing may be captured, and this month not counted yet."""
    for _ in range(12):
        person(grade="executive", country="Nowhere")
    for _ in range(3):
        person(grade="adviser", country="Nowhere")
    chamber.superuser.execute("DELETE FROM pub.exemption")
    chamber.superuser.commit()
    yield chamber
    chamber.superuser.execute("DELETE FROM pub.exemption")
    chamber.superuser.execute("UPDATE employee SET grade = NULL")
    chamber.superuser.commit()


def count(database: Database) -> None:
    with database.transaction("worker") as session:
        exemption_counter(lambda _session, _day: K)(session, clock.now())


def rows(desks: Chamber) -> list[tuple[Any, ...]]:
    found = desks.superuser.execute("SELECT grade, people, exempt FROM pub.exemption ORDER BY month, grade").fetchall()
    desks.superuser.rollback()
    return found


def test_everybody_and_the_council_read_it(graded: Chamber, database: Database) -> None:
    for who, page in ((graded.amira, "/policy"), (graded.clara, "/council/policies")):
        assert "Not counted yet" in graded.as_(who).get(page).text
    count(database)
    assert ("executive", 12, None) in rows(graded) or ("executive", 12, 12) in rows(graded)
    assert "adviser" not in {grade for grade, *_ in rows(graded)}
    for who, page in ((graded.amira, "/policy"), (graded.clara, "/council/policies")):
        text = graded.as_(who).get(page).text
        assert "Who is exempt, by grade" in text
        assert "Executives" in text
        assert "adviser" not in text


def test_it_is_counted_once_a_month(graded: Chamber, database: Database, person: Callable[..., UUID]) -> None:
    count(database)
    before = rows(graded)
    person(grade="executive")
    count(database)
    assert rows(graded) == before
    graded.superuser.execute("UPDATE pub.exemption SET month = month - %s", [timedelta(days=31)])
    graded.superuser.commit()
    count(database)
    assert ("executive", 13) in {(grade, people) for grade, people, _ in rows(graded)}


@pytest.mark.parametrize(
    ("login", "statement"),
    [
        ("worker", "UPDATE pub.exemption SET exempt = 99"),
        ("worker", "DELETE FROM pub.exemption"),
        ("web_officer", "INSERT INTO pub.exemption (month, grade, k) VALUES (now(), 'staff', 10)"),
        ("web_council", "SELECT grade FROM employee"),
        ("web_hr", "SELECT grade FROM employee"),
        ("web_employee", "SELECT session_grade('', 'executive')"),
    ],
)
def test_D01_the_database_lets_nobody_else(settings: Settings, login: str, statement: str) -> None:
    with (
        psycopg.connect(settings.conninfo(login)) as connection,
        pytest.raises(psycopg.Error, match="permission denied"),
    ):
        connection.execute(statement.encode())
