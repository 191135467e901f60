"""A change for all: from just before its COMMIT until every agent's answer is committed and acknowledged.

The second reference does the same signatures as the gateway must: one made for each person, one of each device checked.
"""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from benchmarks.fleet import Fleet
from benchmarks.floor import GO, floor, port_of
from benchmarks.installation import Installation, Member, Superuser, crowd, installation
from benchmarks.measure import Figure, median, milliseconds, spread, step
from tests.gateway.process import Gateway

SIZES, QUICK_SIZES = (1000, 5000, 10_000), (1000,)
ROUNDS = 3
SECONDS = 300
HEARD_SECONDS = 1
REST_SECONDS = 8
"""Until the leases that follow a pause are with all agents: no part of the pause, and not to disturb the next round."""

_PAUSE_ALL = """
WITH numbered AS (UPDATE employee SET directive_number = directive_number + 1 WHERE id = ANY(%s)
                  RETURNING id, directive_number),
     added AS (INSERT INTO pause (id, employee_id, source, number, starts_at)
               SELECT gen_random_uuid(), id, 'page', directive_number, now() FROM numbered RETURNING id)
SELECT count(wake_gateways('pause', id)) FROM added
"""
_RESUME_ALL = """
WITH numbered AS (UPDATE employee SET directive_number = directive_number + 1 WHERE id = ANY(%s)
                  RETURNING id, directive_number),
     ended AS (UPDATE pause p SET ended_at = now(), ended_number = n.directive_number FROM numbered n
                WHERE p.employee_id = n.id AND p.ended_at IS NULL RETURNING p.id)
SELECT count(wake_gateways('pause', id)) FROM ended
"""


def run(*, quick: bool) -> Iterator[Figure]:
    """A pause of each, its end, and a policy for all, with each number of agents, beside the floor."""
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
    with installed.superuser() as connection, connected(installed, members) as (fleet, gateway):
        spent = Spent(gateway, fleet)
        numbers = _numbers(connection, fleet)
        rounds = [spent.by(lambda: _pauses(connection, fleet, number)) for number in numbers]  # noqa: B023 - called here
        policies = [spent.by(lambda: _policy(installed, connection, fleet)) for _ in range(ROUNDS)]
        heard: list[float] = []
        narrowings = [
            spent.by(lambda: _policy(installed, connection, fleet, less, heard))  # noqa: B023 - called here
            for less in range(1, ROUNDS + 1)
        ]
        sample = fleet.sample
    plain = floors(installed, members, sample, 0, 0)
    signing = floors(installed, members, sample, 1, 0)
    checking = floors(installed, members, sample, 1, 1)
    for what, times, same in (
        ("a pause for each", rounds[::2], checking),
        ("its end for each", rounds[1::2], checking),
        ("a policy for all", policies, signing),
        ("a policy that takes something away, for all", narrowings, signing),
    ):
        yield _figure(f"{what} of {len(members):,} agents, acknowledged durably", times, plain, same)
    yield Figure(
        f"the same, until the last of {len(members):,} agents has it",
        spread(heard),
        f"epoll broadcast, acknowledged {spread(plain)}",
        f"{median(heard) / median(plain):.1f}x",
        f"≤ {HEARD_SECONDS} s",
        max(heard) <= HEARD_SECONDS,
    )


def _figure(what: str, rounds: list[tuple[float, float]], plain: list[float], same: list[float]) -> Figure:
    took, core = [seconds for seconds, _ in rounds], [seconds for _, seconds in rounds]
    return Figure(
        what,
        f"{spread(took)}, {milliseconds(median(core))} of a core",
        f"epoll broadcast {spread(plain)}; with the same signatures made and checked {milliseconds(median(same))}",
        f"{median(took) / median(plain):.1f}x; {median(took) / median(same):.1f}x",
        "-",
        met=True,
    )


class Spent:
    """Processor seconds of the gateway: they say more than the clock where others use the machine, too."""

    def __init__(self, gateway: Gateway, fleet: Fleet) -> None:
        self._fleet = fleet
        self._process = psutil.Process(gateway.process.pid if gateway.process else 0)

    def by(self, work: Callable[[], float]) -> tuple[float, float]:
        """What `work` returns, and what the gateway spent meanwhile; then rest until nothing follows any more."""
        before = self._now()
        took, spent = work(), self._now() - before
        self._fleet.rest(REST_SECONDS)
        return took, spent

    def _now(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system


def _numbers(connection: Superuser, fleet: Fleet) -> list[int]:
    person = fleet.lines[0].member.employee
    row = connection.execute("SELECT directive_number FROM employee WHERE id = %s", [person]).fetchone()
    connection.commit()
    number: int = row[0] if row else 0
    return list(range(number + 1, number + 2 * ROUNDS + 1))


def _pauses(connection: Superuser, fleet: Fleet, number: int) -> float:
    fleet.sign_stopped(number)
    people = [line.member.employee for line in fleet.lines]
    connection.execute(_PAUSE_ALL if number % 2 else _RESUME_ALL, [people])
    return acknowledged(fleet, connection.commit)


def _policy(
    installed: Installation, connection: Superuser, fleet: Fleet, less: int = 0, heard: list[float] | None = None
) -> float:
    fleet.begin("policy")
    installed.next_policy(connection, less=less)
    begins = time.monotonic()
    took = acknowledged(fleet, connection.commit)
    if heard is not None:
        heard.append(max(line.heard for line in fleet.lines) - begins)
    return took


def floors(installed: Installation, members: list[Member], sample: bytes, signatures: int, checks: int) -> list[float]:
    """Seconds of each round of the reference."""
    with floor(sample, installed.files, signatures=signatures, checks=checks) as process:
        port = port_of(process)
        with Fleet(port, members) as fleet, socket.create_connection(("127.0.0.1", port)) as trigger:
            fleet.connect()
            times = []
            for number in range(ROUNDS + 1):
                fleet.sign_stopped(number)
                times.append(acknowledged(fleet, lambda: trigger.sendall(GO)))
                fleet.rest(0.5)
    return times


def acknowledged(fleet: Fleet, change: Callable[[], object]) -> float:
    """Seconds from before `change` until the last agent's acknowledgement."""
    begins = time.monotonic()
    change()
    fleet.until(lambda: fleet.done == len(fleet.lines), SECONDS)
    return max(line.done for line in fleet.lines) - begins
