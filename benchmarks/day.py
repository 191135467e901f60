"""The pages of a day and of now: opened through the real application, and by fifty people at once through gunicorn."""

import http.client
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from flask import Flask, jsonify

from benchmarks.installation import Installation, Superuser, crowd, installation
from benchmarks.measure import Figure, median, milliseconds, percentile, timed
from benchmarks.web import serving
from portal.app import create_app
from portal.capture import queries
from portal.capture.queries import Filter
from portal.core import clock
from portal.core.web import state
from portal.core.web.state import STATEMENTS_HEADER
from portal.identity.queries import SESSION_COOKIE
from tests.web_client import Browser, sign_in

ITEMS, EVENTS_EACH = 480, 10
OPENED, QUICK_OPENED = 60, 15
PEOPLE = 50
SECONDS, QUICK_SECONDS = 30, 8
READING = (1.0, 3.0)
RATIO, STATEMENTS = 3.3, 12
P95 = 0.150
OK = 200

# Eight stretches of twenty minutes, in each minute keys, pointer and titles; breaks of forty minutes between.
_FILL = """
INSERT INTO segment (employee_id, started_at, id, ended_at, local_day, device_id, seq, kind, context, counts,
                     sensitivity, categories, policy, policy_version, lease_id, key_id, size, header, body)
SELECT d.employee_id, t, gen_random_uuid(), t + interval '40 seconds', (t AT TIME ZONE 'Europe/Berlin')::date, d.id, n,
       at.kind, (ARRAY['vscode', 'jira', 'sheets'])[1 + n / 60 %% 3],
       jsonb_build_object(counted, %(each)s, 'redacted', 0), 1 + n %% 4,
       '{user.content}', %(policy)s, 1, d.id, d.id, 900, '\\x00', '\\x00'
  FROM device d, generate_series(1, %(items)s) AS n,
       LATERAL (SELECT %(start)s + n / 3 * interval '1 minute' + n / 60 * interval '40 minutes' AS t,
                       (ARRAY['key', 'pointer', 'window'])[1 + n %% 3] AS kind,
                       (ARRAY['keys', 'points', 'titles'])[1 + n %% 3] AS counted) AS at
 ORDER BY d.employee_id, t
"""


def run(*, quick: bool) -> Iterator[Figure]:
    """One person's pages, then fifty people's."""
    with installation() as installed, installed.superuser() as connection:
        people = [member.employee for member in crowd(installed, PEOPLE)]
        start = datetime.combine(clock.now().date() - timedelta(days=1), datetime.min.time(), clock.now().tzinfo)
        start += timedelta(hours=7)
        policy = connection.execute("SELECT hash FROM policy").fetchone()
        bounds = {"items": ITEMS, "each": EVENTS_EACH, "start": start, "policy": policy[0] if policy else ""}
        connection.execute(_FILL.encode(), bounds)
        connection.commit()
        path = f"/data/{start.date()}"
        yield from _alone(installed, connection, people[0], path, QUICK_OPENED if quick else OPENED)
        yield from _together(installed, connection, people, path, QUICK_SECONDS if quick else SECONDS)


def _alone(installed: Installation, connection: Superuser, person: UUID, path: str, opened: int) -> Iterator[Figure]:
    app = create_app(installed.settings, testing=True)
    browser = Browser(app, sign_in(connection, person), installed.settings.require("base_url"))
    bare = _bare(app, connection, person, path)
    for name, address in (("my day, 480 items of 10 events each", path), ("the page of now", "/")):
        times, floors, statements = [], [], 0
        for _ in range(opened):
            times.append(timed(lambda: _open(browser, address)))  # noqa: B023 - called at once
            floors.append(timed(bare))
        statements = int(browser.get(address).headers[STATEMENTS_HEADER])
        ratio = median(times) / median(floors)
        yield Figure(
            f"{name}, through the application, {statements} statements",
            milliseconds(median(times)),
            f"the day's rows as JSON, nothing else {milliseconds(median(floors))}",
            f"{ratio:.1f}x",
            f"≤ {RATIO}x, ≤ {STATEMENTS} statements",
            ratio <= RATIO and statements <= STATEMENTS,
        )
    yield _queries(app, person, path, opened, bare)
    state.of(app).database.dispose()


def _queries(app: Flask, person: UUID, path: str, opened: int, bare: Callable[[], object]) -> Figure:
    day = datetime.fromisoformat(path.rpartition("/")[2]).date()

    def read() -> None:
        with state.of(app).database.transaction("web_employee", person) as session:
            queries.stretches(session, person, day)
            queries.items(session, person, day, Filter())
            queries.totals(session, person, day, Filter())

    times, floors = [], []
    for _ in range(opened):
        times.append(timed(read))
        floors.append(timed(bare))
    ratio = median(times) / median(floors)
    what = "my day: its three queries about items alone"
    return Figure(
        what, milliseconds(median(times)), f"as above {milliseconds(median(floors))}", f"{ratio:.1f}x", "-", met=True
    )


def _bare(app: Flask, connection: Superuser, person: UUID, path: str) -> Callable[[], object]:
    """The least a page could do: all rows of the day by one statement without row-level security, as JSON."""
    day = path.rpartition("/")[2]

    def read() -> object:
        query = "SELECT id::text, started_at, ended_at, kind, context, counts FROM segment"
        rows = connection.execute(f"{query} WHERE employee_id = %s AND local_day = %s".encode(), [person, day])
        found = rows.fetchall()
        with app.app_context(), app.test_request_context():
            return jsonify(found).get_data()

    return read


def _open(browser: Browser, path: str) -> None:
    if browser.get(path).status_code != OK:
        raise ValueError(f"{path} does not open")


def _together(
    installed: Installation, connection: Superuser, people: list[UUID], path: str, seconds: float
) -> Iterator[Figure]:
    tokens = [sign_in(connection, person) for person in people]
    with serving(installed) as port:
        for round_path in (path, "/"):
            _load(port, tokens, round_path, 2)
            read = _load(port, tokens, round_path, seconds)
            bare = _load(port, tokens, "/healthz", seconds / 3)
            at_once = _burst(port, tokens, round_path)
            floor = _burst(port, tokens, "/healthz")
            name = "my day" if round_path == path else "the page of now"
            yield _late(f"{name}: {PEOPLE} people, each a page every 1 to 3 s", read, bare, P95)
            yield _late(f"{name}: {PEOPLE} clicks in the same moment", at_once, floor, None)


def _late(what: str, times: list[float], beside: list[float], most: float | None) -> Figure:
    late, floor = percentile(times, 95), percentile(beside, 95)
    return Figure(
        f"{what}, {len(times)} pages",
        f"p50 {milliseconds(median(times))}, p95 {milliseconds(late)}",
        f"/healthz alike p95 {milliseconds(floor)}",
        f"{late / floor:.1f}x",
        "-" if most is None else f"p95 ≤ {milliseconds(most)}",
        most is None or late <= most,
    )


def _load(port: int, tokens: list[str], path: str, seconds: float) -> list[float]:
    """Seconds of each page while everybody reads 1 to 3 s between two."""
    end = time.monotonic() + seconds
    times: list[float] = []

    def person(token: str) -> None:
        draw = random.Random(token)  # noqa: S311 - how long somebody reads
        time.sleep(draw.uniform(0, READING[1]))
        with client(port) as ask:
            while time.monotonic() < end:
                times.append(timed(lambda: ask(path, token)))
                time.sleep(draw.uniform(*READING))

    with ThreadPoolExecutor(len(tokens)) as pool:
        list(pool.map(person, tokens))
    return times


def _burst(port: int, tokens: list[str], path: str) -> list[float]:
    """Seconds of each page when all ask in the same moment."""
    gate = threading.Barrier(len(tokens))

    def person(token: str) -> float:
        with client(port) as ask:
            gate.wait()
            return timed(lambda: ask(path, token))

    with ThreadPoolExecutor(len(tokens)) as pool:
        return list(pool.map(person, tokens))


@contextmanager
def client(port: int) -> Iterator[Callable[[str, str], None]]:
    """Asks for a page as somebody, on one connection that is kept while the server keeps it."""
    connection = http.client.HTTPConnection("localhost", port, timeout=60)

    def ask(path: str, token: str) -> None:
        connection.request("GET", path, headers={"Cookie": f"{SESSION_COOKIE}={token}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != OK:
            raise ValueError(f"{path}: {answer.status}")

    yield ask
    connection.close()
