"""HR's queue with a hundred thousand requests, through the application: the first page, filters, a page far down."""

from collections.abc import Iterator
from uuid import UUID

from benchmarks.installation import Superuser, crowd, installation
from benchmarks.measure import Figure, median, milliseconds, percentile, timed
from portal.app import create_app
from portal.core.web import state
from portal.core.web.state import STATEMENTS_HEADER
from tests.web_client import Browser, sign_in

PEOPLE, REQUESTS = 1000, 100_000
OPENED, QUICK_OPENED = 60, 20
P95, STATEMENTS = 0.150, 12
OK = 200

# A fifth is open, due over two months around today; the rest ended in the last two years.
_FILL = """
INSERT INTO request (id, employee_id, type, state, law, words, received_at, due_at, closed_at, starts_at, ends_at,
                     contexts)
SELECT gen_random_uuid(), (%(people)s::uuid[])[1 + n %% %(count)s],
       (ARRAY['erase', 'access', 'object', 'port', 'rectify'])[1 + n %% 5],
       CASE WHEN n %% 5 = 0 THEN (ARRAY['open', 'asked_back', 'approved', 'running'])[1 + n / 5 %% 4]
            ELSE (ARRAY['done', 'partial', 'refused', 'withdrawn'])[n %% 5] END,
       CASE WHEN n %% 17 = 0 THEN 'cpra' ELSE 'gdpr' END, '', asked, asked + interval '31 days',
       CASE WHEN n %% 5 = 0 THEN NULL ELSE asked + (n %% 30) * interval '1 day' END,
       asked - interval '9 days', asked, CASE WHEN n %% 3 = 0 THEN ARRAY['outlook'] END
  FROM generate_series(1, %(requests)s) AS n,
       LATERAL (SELECT now() - CASE WHEN n %% 5 = 0 THEN random() * interval '33 days'
                                    ELSE interval '31 days' + random() * interval '700 days' END AS asked) AS at
"""
_HOLDS = """
INSERT INTO legal_hold (id, employee_id, starts_at, ends_at, ground, reason, set_by, expires_at)
SELECT gen_random_uuid(), p, now() - interval '20 days', now(), 'legal_claims', 'x', p, now() + interval '90 days'
  FROM unnest(%(people)s::uuid[]) WITH ORDINALITY AS of (p, n) WHERE n %% 10 = 0
"""
PAGES = {
    "the first page": "/hr",
    "what is overdue": "/hr?urgent=over",
    "filtered by type, law and hold": "/hr?type=erase&law=gdpr&held=1",
    "what was done in 90 days": "/hr?state=finished",
    "a page far down": "/hr?after={far}",
}


def run(*, quick: bool) -> Iterator[Figure]:
    """Each page, alone, beside the page of laws, which asks the database for nothing of its own."""
    with installation() as installed, installed.superuser() as connection:
        people = [member.employee for member in crowd(installed, PEOPLE)]
        far = _fill(connection, people)
        app = create_app(installed.settings, testing=True)
        browser = Browser(app, sign_in(connection, people[0]), installed.settings.require("base_url"))
        for name, address in PAGES.items():
            path = address.format(far=far)
            times, floors = [], []
            for _ in range(QUICK_OPENED if quick else OPENED):
                times.append(timed(lambda: _open(browser, path)))  # noqa: B023 - called at once
                floors.append(timed(lambda: _open(browser, "/hr/laws")))
            statements = int(browser.get(path).headers[STATEMENTS_HEADER])
            worst = percentile(times, 95)
            yield Figure(
                f"HR's queue of {REQUESTS:,} requests: {name}, {statements} statements",
                f"p50 {milliseconds(median(times))}, p95 {milliseconds(worst)}",
                f"the page of laws p50 {milliseconds(median(floors))}",
                f"{median(times) / median(floors):.1f}x",
                f"p95 ≤ {milliseconds(P95)}, ≤ {STATEMENTS} statements",
                worst <= P95 and statements <= STATEMENTS,
            )
        state.of(app).database.dispose()


def _fill(connection: Superuser, people: list[UUID]) -> str:
    """The requests; the cursor of a page behind 15,000 of them."""
    given = {"people": people, "count": len(people), "requests": REQUESTS}
    connection.execute(_FILL.encode(), given)
    connection.execute(_HOLDS.encode(), {"people": people})
    connection.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'hr')", [people[0]])
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE request")
    connection.execute("VACUUM ANALYZE legal_hold")
    row = connection.execute(
        "SELECT due_at, number FROM request WHERE closed_at IS NULL ORDER BY due_at, number OFFSET 15000 LIMIT 1"
    ).fetchone()
    if row is None:
        raise ValueError("there are fewer requests than that")
    return f"{row[0].isoformat().replace('+', '%2B')}~{row[1]}"


def _open(browser: Browser, path: str) -> None:
    if browser.get(path).status_code != OK:
        raise ValueError(f"{path} does not open")
