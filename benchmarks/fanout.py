"""A change for all: from just before its COMMIT until every agent's answer is committed and acknowledged."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.fleet import Fleet
from benchmarks.floor import GO, floor, port_of
from benchmarks.installation import Installation, Member, Superuser, crowd, installation
from benchmarks.measure import Figure, median, spread, step
from tests.gateway.process import Gateway

SIZES, QUICK_SIZES = (1000, 5000, 10_000), (1000,)
ROUNDS = 4
SECONDS = 300
RATIO, FIRST_RATIO = 1.5, 2.5

_PAUSE_ALL = """
WITH numbered AS (UPDATE employee SET directive_number = directive_number + 1 WHERE id = ANY(%s)
                  RETURNING id, directive_number),
     added AS (INSERT INTO pause (id, employee_id, source, number, starts_at)
               SELECT gen_random_uuid(), id, 'page', directive_number, now() FROM numbered RETURNING id)
SELECT count(pg_notify('pause', id::text)) FROM added
"""
_RESUME_ALL = """
WITH numbered AS (UPDATE employee SET directive_number = directive_number + 1 WHERE id = ANY(%s)
                  RETURNING id, directive_number),
     ended AS (UPDATE pause p SET ended_at = now(), ended_number = n.directive_number FROM numbered n
                WHERE p.employee_id = n.id AND p.ended_at IS NULL RETURNING p.id)
SELECT count(pg_notify('pause', id::text)) FROM ended
"""


def run(*, quick: bool) -> Iterator[Figure]:
    """Pauses for all and a policy for all, with each number of agents, beside the floor."""
    sizes = QUICK_SIZES if quick else SIZES
    with installation() as installed:
        members = crowd(installed, max(sizes))
        for size in sizes:
            with step(f"{size} agents"):
                yield from _with(installed, members[:size])


@contextmanager
def connected(installed: Installation, members: list[Member]) -> Iterator[tuple[Fleet, Gateway]]:
    """A gateway of its own with these agents connected."""
    with Gateway(installed.variables, PORTAL_LOG_LEVEL="warning") as gateway, Fleet(gateway.port, members) as fleet:
        fleet.connect()
        yield fleet, gateway


def _with(installed: Installation, members: list[Member]) -> Iterator[Figure]:
    with installed.superuser() as connection, connected(installed, members) as (fleet, _):
        pauses = [_pauses(connection, fleet, number) for number in _numbers(connection, fleet)]
        policies = [_policy(installed, connection, fleet) for _ in range(ROUNDS)]
        sample = fleet.sample
    floors = _floors(installed, members, sample)
    wanted = f"≤ {RATIO}x (first ≤ {FIRST_RATIO}x)"
    for what, times in (("a pause for each", pauses), ("a policy for all", policies)):
        ratio = median(times) / median(floors)
        yield Figure(
            f"{what} of {len(members):,} agents, acknowledged durably",
            spread(times),
            f"epoll broadcast {spread(floors)}",
            f"{ratio:.1f}x",
            wanted,
            ratio <= FIRST_RATIO,
        )


def _numbers(connection: Superuser, fleet: Fleet) -> list[int]:
    person = fleet.lines[0].member.employee
    row = connection.execute("SELECT directive_number FROM employee WHERE id = %s", [person]).fetchone()
    connection.commit()
    number: int = row[0] if row else 0
    return list(range(number + 1, number + ROUNDS + 1))


def _pauses(connection: Superuser, fleet: Fleet, number: int) -> float:
    fleet.sign_stopped(number)
    people = [line.member.employee for line in fleet.lines]
    connection.execute(_PAUSE_ALL if number % 2 else _RESUME_ALL, [people])
    return _acknowledged(fleet, connection.commit)


def _policy(installed: Installation, connection: Superuser, fleet: Fleet) -> float:
    fleet.begin("policy")
    installed.next_policy(connection)
    return _acknowledged(fleet, connection.commit)


def _floors(installed: Installation, members: list[Member], sample: bytes) -> list[float]:
    with floor(sample, installed.files) as process:
        port = port_of(process)
        with Fleet(port, members) as fleet, socket.create_connection(("127.0.0.1", port)) as trigger:
            fleet.connect()
            times = []
            for number in range(ROUNDS + 1):
                fleet.sign_stopped(number)
                times.append(_acknowledged(fleet, lambda: trigger.sendall(GO)))
    return times


def _acknowledged(fleet: Fleet, change: Callable[[], object]) -> float:
    """Seconds from before `change` until the last agent's acknowledgement."""
    begins = time.monotonic()
    change()
    fleet.until(lambda: fleet.done == len(fleet.lines), SECONDS)
    took = max(line.done for line in fleet.lines) - begins
    fleet.rest(0.5)
    return took
