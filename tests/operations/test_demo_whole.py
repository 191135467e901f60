"""The demo's past in full, as `make demo` fills it in: everything that is promised of it, counted in the database."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.operations import demo
from portal.operations.demo_calendar import WORKING_DAYS
from portal.operations.demo_company import DEPARTMENTS, SITES, SIZE, company
from portal.operations.demo_plan import MOST, Employed, Frame, Story, story, within
from portal.operations.postgres import Postgres
from tests.operations.test_demo_data import Installation, installation
from wire.documents import Kind

SHAPES = """
SELECT count(ends_at) AS timed, count(weekday) AS weekly, count(kinds) AS of_kinds, count(contexts) AS of_apps,
       count(ended_at) AS taken_back,
       count(*) FILTER (WHERE num_nonnulls(ends_at, weekday, kinds, contexts) = 0) AS opted_out
  FROM pause
"""
WORKED = """
SELECT e.site, count(DISTINCT s.local_day) AS days FROM segment s JOIN employee e ON e.id = s.employee_id
 WHERE extract(isodow FROM s.local_day) < 6 GROUP BY e.site
"""


@pytest.fixture(scope="module")
def whole(
    postgres: Postgres, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Everybody, every day. The moment at which the bar is full, nothing is left to be done."""
    with installation(postgres, environment, tmp_path_factory.mktemp("whole")) as made:
        note = made.var / "progress.json"
        process = subprocess.Popen(made.command(SIZE, WORKING_DAYS), env=made.environment, stdout=subprocess.DEVNULL)
        noted: list[dict[str, int]] = []
        while not noted or noted[-1]["done"] < noted[-1]["total"]:
            assert process.poll() in {None, 0}
            if note.exists():
                noted.append(json.loads(note.read_text()))
            time.sleep(0.01)
        assert made.rows("SELECT count(*) AS n FROM petition")[0]["n"] > 0
        assert noted[0]["done"] == 0
        assert process.wait() == 0
        yield made


@pytest.mark.slow
def test_about_300_people_at_three_sites_in_departments_of_3_to_90(whole: Installation) -> None:
    rows = whole.rows("SELECT department, count(*) AS people FROM employee GROUP BY department")
    sizes = {row["department"]: row["people"] for row in rows}
    assert sizes == DEPARTMENTS
    assert (min(sizes.values()), max(sizes.values()), sum(sizes.values())) == (3, 90, 300)
    assert {row["site"] for row in whole.rows("SELECT DISTINCT site FROM employee")} == {site.name for site in SITES}


@pytest.mark.slow
def test_30_working_days_at_each_site(whole: Installation) -> None:
    days = {row["site"]: row["days"] for row in whole.rows(WORKED)}
    assert days.keys() == {site.name for site in SITES}
    assert set(days.values()) <= {WORKING_DAYS, WORKING_DAYS + 1}  # Amira also has a today that has just begun


@pytest.mark.slow
def test_items_of_every_kind_and_sensitivity_and_at_most_100000(whole: Installation) -> None:
    rows = whole.rows("SELECT kind, sensitivity, count(*) AS n FROM segment GROUP BY kind, sensitivity")
    assert {row["kind"] for row in rows} == {kind.value for kind in Kind}
    assert {row["sensitivity"] for row in rows} == {1, 2, 3, 4}
    uploads = whole.rows("SELECT count(*) AS n FROM upload")[0]["n"]
    assert sum(row["n"] for row in rows) < uploads <= MOST == 100_000
    assert uploads > 50_000


@pytest.mark.slow
def test_pauses_of_every_shape_and_refusals_for_every_reason(whole: Installation) -> None:
    (shapes,) = whole.rows(SHAPES)
    assert min(shapes.values()) > 0, shapes
    rows = whole.rows("SELECT reason, count(*) AS n FROM upload WHERE outcome = 'refused' GROUP BY reason")
    assert {row["reason"] for row in rows} == {"paused", "too_old", "outside_lease"}


@pytest.mark.slow
@pytest.mark.parametrize("start", ["2026-03-30 07:00", "2026-07-29 13:00", "2026-11-29 23:00", "2027-01-01 10:30"])
def test_no_start_makes_more_than_100000(start: str) -> None:
    until = clock.to_ms(datetime.fromisoformat(start).replace(tzinfo=UTC))
    frame = Frame(demo.policy(until), "", until, WORKING_DAYS)
    people = [Employed(uuid4(), who, tuple(uuid4() for _ in who.devices), uuid4(), b"") for who in company()]
    stories = {one.id: story(one, frame) for one in people}
    assert within(stories) == stories
    assert sum(len(told.items) for told in stories.values()) > 50_000


def test_what_would_be_more_is_left_out_whole_people_at_a_time() -> None:
    until = clock.to_ms(clock.now())
    frame = Frame(demo.policy(until), "", until, 3)
    people = [Employed(uuid4(), who, tuple(uuid4() for _ in who.devices), uuid4(), b"") for who in company(4)]
    stories: dict[UUID, Story] = {one.id: story(one, frame) for one in people}
    counts = Counter({person: len(told.items) for person, told in stories.items()})
    first = people[0].id
    kept = within(stories, counts[first])
    assert {person for person, told in kept.items() if told.items} == {first}
    assert kept[first] == stories[first]
    assert kept.keys() == stories.keys()
