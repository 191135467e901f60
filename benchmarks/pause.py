"""One person's pause, end to end, while many are connected: asked in a web transaction → device's `stopped` durable."""

import time
from collections.abc import Iterator
from uuid import UUID

from benchmarks.fanout import connected
from benchmarks.fleet import Fleet, Line
from benchmarks.installation import Superuser, crowd, installation
from benchmarks.measure import Figure, median, milliseconds, percentile, timed
from portal.core import clock
from portal.core.db import Database
from portal.pauses import actions

SIZES, QUICK_SIZES = (1000, 5000, 10_000), (1000,)
SAMPLES, QUICK_SAMPLES = 300, 60
APART_SECONDS = 0.05
SECONDS = 60
P50, P99 = 0.020, 0.050


def run(*, quick: bool) -> Iterator[Figure]:
    """p50 and p99 with each number of agents connected; leases are renewed meanwhile as ever."""
    sizes, samples = (QUICK_SIZES, QUICK_SAMPLES) if quick else (SIZES, SAMPLES)
    with installation() as installed:
        members = crowd(installed, max(sizes))
        database = Database(installed.settings)
        for size in sizes:
            with installed.superuser() as connection, connected(installed, members[:size]) as (fleet, _):
                commits, times = [], []
                for line in fleet.lines[:: max(1, size // samples)][:samples]:
                    fleet.rest(APART_SECONDS)
                    times.append(_pause(database, fleet, line))
                    commits.append(timed(lambda: _commit(connection)))
            yield _figure(size, times, commits)
        database.dispose()


def _figure(size: int, times: list[float], commits: list[float]) -> Figure:
    middle, late = median(times), percentile(times, 99)
    return Figure(
        f"one pause end to end, {size:,} connected, {len(times)} times",
        f"p50 {milliseconds(middle)}, p99 {milliseconds(late)}",
        f"one commit p50 {milliseconds(median(commits))}, p99 {milliseconds(percentile(commits, 99))}",
        f"{middle / median(commits):.1f}x",
        "p50 ≤ 20 ms, p99 ≤ 50 ms",
        middle <= P50 and late <= P99,
    )


def _pause(database: Database, fleet: Fleet, line: Line) -> float:
    fleet.begin("directive")
    line.sign_stopped(1)
    begins = time.monotonic()
    _ask(database, line.member.employee)
    fleet.until(lambda: bool(line.done), SECONDS)
    return line.done - begins


def _ask(database: Database, person: UUID) -> None:
    with database.transaction("web_employee", person) as session:
        actions.ask(session, person, actions.Asked(starts_at=clock.now(), ends_at=None))


def _commit(connection: Superuser) -> None:
    connection.execute("INSERT INTO audit_entry (actor_role, action) VALUES ('employee', 'benchmark')")
    connection.commit()
