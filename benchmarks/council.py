"""The council's report from a year of releases, beside the same sums made on the fly; and the job that makes one."""

from collections.abc import Iterator
from datetime import date
from time import perf_counter
from uuid import UUID

from benchmarks.installation import Installation, Superuser, installation
from benchmarks.measure import Figure, median, milliseconds, timed
from portal.app import create_app
from portal.core.db import Database
from portal.core.web import state
from portal.council import queries
from portal.council.pages import MOST_COLUMNS
from portal.council.shown import COMPARED
from portal.releases import items, measuring, periods
from portal.releases import queries as named
from portal.releases.actions import release
from portal.releases.contributions import SMALLEST_GROUP
from portal.releases.places import COMPANY, Level
from tests.cast import make_person
from tests.web_client import Browser, sign_in

PEOPLE, QUICK_PEOPLE = 70_000, 4_000
WEEKS = 52
OPENED, REPEATED = 40, 5
WEEK = periods.week(date(2026, 11, 16))
REPORT_MS, PAGE_MS, JOB_S, RATIO, FIRST_RATIO = 20, 150, 300, 300, 100
OK, SITES = 200, 30
LINE = (items.PEOPLE, "share.paused")

# 30 sites in 10 countries, 20 departments of very different size in each; four kinds in three apps every day.
_PEOPLE = """
INSERT INTO employee (id, issuer, subject, name, country, site, department)
SELECT gen_random_uuid(), 'bench', n::text, 'Somebody', 'C' || n %% 30 %% 10, 'Site ' || n %% 30,
       'Department ' || floor(20 * power(random(), 2.5))::int
  FROM generate_series(1, %(people)s) AS n
"""
_DAYS = """
INSERT INTO employee_day
SELECT e.id, %(start)s::date + d, (ARRAY['key', 'click', 'screenshot', 'prompt'])[k],
       (ARRAY['vscode', 'outlook', 'jira', 'chat'])[1 + (k + d) %% 4], 1 + k %% 4, 1 + (random() * 90)::int,
       (random() * 900000)::int, 1000
  FROM employee e, generate_series(0, 4) AS d, generate_series(1, 4) AS k
 WHERE e.issuer = 'bench' AND random() < 0.9
"""
_PAUSES = """
INSERT INTO pause (id, employee_id, source, number, asked_at, starts_at, ends_at)
SELECT gen_random_uuid(), id, 'page', 1, %(start)s, %(start)s, %(start)s::timestamptz + random() * interval '2 hours'
  FROM employee WHERE issuer = 'bench' AND random() < 0.3
"""
# The weeks before it, with the same figures: to a page a release is a release.
_EARLIER = """
WITH made AS (
    INSERT INTO pub.release (id, span, starts_on, ends_on, quarter, k, hash)
    SELECT gen_random_uuid(), 'week', starts_on - 7 * n, ends_on - 7 * n, quarter, k, hash
      FROM pub.release, generate_series(1, %(weeks)s) AS n WHERE id = %(release)s RETURNING id)
INSERT INTO pub.figure
SELECT made.id, level, country, site, department, item, value, why, because_site, because_department, step
  FROM made, pub.figure WHERE release_id = %(release)s
"""


def run(*, quick: bool) -> Iterator[Figure]:
    """One release for everybody, fifty-one like it, then the pages that read them."""
    people = QUICK_PEOPLE if quick else PEOPLE
    with installation() as installed, installed.superuser() as connection:
        _fill(connection, people)
        database = Database(installed.settings)
        began = perf_counter()
        with database.transaction("worker") as session:
            made = release(session, WEEK, SMALLEST_GROUP, WEEK.due)
        took = perf_counter() - began
        yield Figure(
            f"the release of a week for {people:,} people, checked by the attacker",
            f"{took:.1f} s", f"limit {JOB_S} s", f"{took / JOB_S:.3f} of it", f"≤ {JOB_S} s", took <= JOB_S,
        )  # fmt: skip
        connection.execute(_EARLIER.encode(), {"release": made, "weeks": WEEKS - 1})
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE pub.figure")
        yield from _pages(installed, connection, database, people)
        database.dispose()


def _pages(installed: Installation, connection: Superuser, database: Database, people: int) -> Iterator[Figure]:
    app = create_app(installed.settings, testing=True)
    clara = make_person(connection, "Clara Voss")
    connection.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'works_council')", [clara])
    browser = Browser(app, sign_in(connection, clara), installed.settings.require("base_url"))
    pages: dict[str, list[float]] = {"/council": [], "/about": []}
    first, read = [], []
    for _ in range(OPENED):
        for path, times in pages.items():
            times.append(timed(lambda: _open(browser, path)))  # noqa: B023 - called at once
        read.append(timed(lambda: _read(database, clara)))
    for _ in range(OPENED):
        queries.RELEASES.clear()
        queries.FIGURES.clear()
        first.append(timed(lambda: _read(database, clara)))
    fly = [timed(lambda: _on_the_fly(database)) for _ in range(REPEATED)]
    for what, times, goal in (("", read, RATIO), (", a process's first reading", first, FIRST_RATIO)):
        ratio = median(fly) / median(times)
        yield Figure(
            f"the figures of the council's report from {WEEKS} releases for {people:,} people{what}",
            f"p50 {milliseconds(median(times))}",
            f"one week's sums from each person's days p50 {milliseconds(median(fly))}",
            f"{ratio:.0f}x faster",
            f"≤ {REPORT_MS} ms, ≥ {goal}x at {PEOPLE:,} people",
            median(times) * 1000 <= REPORT_MS and (people < PEOPLE or ratio >= goal),
        )
    whole, floor = median(pages["/council"]), median(pages["/about"])
    yield Figure(
        f"the whole page, {MOST_COLUMNS} weeks of {SITES} sites beside each other",
        f"p50 {milliseconds(whole)}", f"the page About p50 {milliseconds(floor)}", f"{whole / floor:.1f}x", "≤ 150 ms",
        whole * 1000 <= PAGE_MS,
    )  # fmt: skip
    state.of(app).database.dispose()


def _read(database: Database, clara: UUID) -> None:
    """What the front page reads, as the council's login."""
    with database.transaction("web_council", clara) as session:
        found = queries.releases(session)
        ids = [one.id for one in reversed(found[:MOST_COLUMNS])]
        for read in (
            queries.cells(session, ids, COMPANY, LINE),
            queries.inside(session, ids, COMPANY, Level.SITE, LINE, COMPARED),
        ):
            if len(read) != MOST_COLUMNS:
                raise ValueError("releases are missing")


def _on_the_fly(database: Database) -> None:
    with database.transaction("worker") as session:
        measuring.counts(session, WEEK, items.splits(named.contexts(session, WEEK), items.WEEKLY))
        measuring.shares(session, WEEK)


def _open(browser: Browser, path: str) -> None:
    if browser.get(path).status_code != OK:
        raise ValueError(f"{path} does not open")


def _fill(connection: Superuser, people: int) -> None:
    """People, a week of their work, pauses."""
    given = {"people": people, "start": WEEK.starts_on}
    for statement in (_PEOPLE, _DAYS, _PAUSES):
        connection.execute(statement.encode(), given)
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE employee_day")
    connection.autocommit = False
