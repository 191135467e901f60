"""The preview of a deletion over 200 datasets with known counts: the whole form with it, through the application."""

from collections.abc import Iterator
from uuid import UUID

from benchmarks.installation import Superuser, crowd, installation
from benchmarks.measure import Figure, median, milliseconds, percentile, timed
from portal.app import create_app
from portal.core.web import state
from portal.core.web.state import STATEMENTS_HEADER
from tests.web_client import Browser, sign_in

SOURCES, DATASETS = 8, 200
ITEMS = 10_000
OPENED, QUICK_OPENED = 60, 20
LIMIT, STATEMENTS = 1.0, 12
OK = 200

# A day's worth of minutes every day, six weeks long.
_ITEMS = """
INSERT INTO segment (employee_id, started_at, id, ended_at, local_day, device_id, seq, kind, context, counts,
                     sensitivity, categories, policy, policy_version, lease_id, key_id, size, header, body)
SELECT d.employee_id, t, gen_random_uuid(), t + interval '40 seconds', (t AT TIME ZONE 'Europe/Berlin')::date, d.id, n,
       (ARRAY['key', 'pointer', 'window'])[1 + n %% 3], (ARRAY['vscode', 'jira', 'sheets'])[1 + n / 60 %% 3],
       '{}', 1 + n %% 4, '{user.content}', 'policy', 1, d.id, d.id, 900, '\\x00', '\\x00'
  FROM device d, generate_series(1, %(items)s) AS n,
       LATERAL (SELECT now() - interval '42 days' + n * interval '6 minutes' AS t) AS at
 WHERE d.employee_id = %(person)s
"""
_SOURCES = """
INSERT INTO source (id, name, connector, setting)
SELECT gen_random_uuid(), 'lake' || n, 'hive', 'PORTAL_SOURCE_LAKE' || n || '_URL'
  FROM generate_series(1, %(sources)s) AS n
"""
_DATASETS = """
INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, time_column, kind_column,
                     context_column, described_by, state)
SELECT gen_random_uuid(), s.id, s.name || ' table ' || n, 'events.t' || n, 'who', 'email', 'at', 'kind',
       CASE WHEN n %% 2 = 0 THEN 'app' END, 'yaml', 'usable'
  FROM source s, generate_series(1, %(each)s) AS n
"""
_COUNTS = """
INSERT INTO dataset_count (employee_id, dataset_id, rows, by_kind, counted_at)
SELECT %(person)s, id, 60, '{"key": 10, "click": 20, "window": 30}', now() - interval '3 hours' FROM dataset
"""
PREVIEWS = {
    "everything": "",
    "two kinds": "&kind=key&kind=window",
    "of one app, which half of the stores cannot tell apart": "&context=jira",
}
"""What is chosen → the rest of the query."""


def run(*, quick: bool) -> Iterator[Figure]:
    """The form without a store elsewhere, then with all of them."""
    opened = QUICK_OPENED if quick else OPENED
    with installation() as installed, installed.superuser() as connection:
        person = crowd(installed, 1)[0].employee
        connection.execute(_ITEMS.encode(), {"items": ITEMS, "person": person})
        connection.commit()
        app = create_app(installed.settings, testing=True)
        browser = Browser(app, sign_in(connection, person), installed.settings.require("base_url"))
        bare = {name: _asked(browser, query, opened) for name, query in PREVIEWS.items()}
        _fill(connection, person)
        for name, query in PREVIEWS.items():
            yield _figure(name, _asked(browser, query, opened), bare[name])
        state.of(app).database.dispose()


def _fill(connection: Superuser, person: UUID) -> None:
    connection.execute(_SOURCES.encode(), {"sources": SOURCES})
    connection.execute(_DATASETS.encode(), {"each": DATASETS // SOURCES})
    connection.execute(_COUNTS.encode(), {"person": person})
    connection.commit()
    connection.autocommit = True
    connection.execute("ANALYZE")


def _asked(browser: Browser, query: str, opened: int) -> tuple[list[float], int]:
    """Seconds of each preview, and its statements."""
    statements = 0

    def ask() -> None:
        nonlocal statements
        answer = browser.get(f"/requests/new?type=erase{query}")
        if answer.status_code != OK:
            raise ValueError("the preview does not open")
        statements = int(answer.headers[STATEMENTS_HEADER])

    return [timed(ask) for _ in range(opened)], statements


def _figure(name: str, found: tuple[list[float], int], bare: tuple[list[float], int]) -> Figure:
    times, statements = found
    worst, floor = percentile(times, 95), median(bare[0])
    return Figure(
        f"the preview over {DATASETS} datasets with known counts: {name}, {statements} statements",
        f"p50 {milliseconds(median(times))}, p95 {milliseconds(worst)}",
        f"the same without a store elsewhere p50 {milliseconds(floor)}, {bare[1]} statements",
        f"{median(times) / floor:.1f}x",
        f"p95 ≤ {milliseconds(LIMIT)}, as many statements, ≤ {STATEMENTS}",
        worst <= LIMIT and statements == bare[1] <= STATEMENTS,
    )
