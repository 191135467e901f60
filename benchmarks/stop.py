"""A stop for all: from just before its COMMIT until every agent's signed answer is committed and acknowledged.

The references are those of a pause for each, with the stop's own bytes: a broadcast by epoll that keeps nothing, and
the same with each device's signature checked.
"""

from collections.abc import Iterator
from uuid import UUID, uuid4

from benchmarks.fanout import REST_SECONDS, ROUNDS, Spent, acknowledged, connected, floors
from benchmarks.installation import Installation, Member, Superuser, crowd, installation
from benchmarks.measure import Figure, median, milliseconds, spread, step
from gateway.opamp import reply
from portal.core.clock import to_ms
from portal.stops.rules import document
from wire import documents, opamp
from wire.documents import Stop
from wire.policy import Audience

SIZES, QUICK_SIZES = (1000, 5000, 10_000), (1000,)
RATIO = 2.5
EVERYBODY = Audience(None, None, None)
_STOP = """
WITH made AS (INSERT INTO stop (id, reason, by_role, asked_at) VALUES (%s, 'benchmark', 'works_council',
                                date_trunc('milliseconds', clock_timestamp())) RETURNING id)
SELECT wake_gateways('stop', id) FROM made
"""
_RESUME = """
WITH ended AS (UPDATE stop SET resume_envelope = %s, resumed_at = clock_timestamp() WHERE id = %s RETURNING id)
SELECT wake_gateways('stop', id) FROM ended
"""


def run(*, quick: bool) -> Iterator[Figure]:
    """A stop for all with each number of agents, beside the floor."""
    sizes = QUICK_SIZES if quick else SIZES
    with installation() as installed:
        members = crowd(installed, max(sizes))
        for size in sizes:
            with step(f"{size} agents"):
                yield _with(installed, members[:size])


def _with(installed: Installation, members: list[Member]) -> Figure:
    with installed.superuser() as connection, connected(installed, members) as (fleet, gateway):
        spent = Spent(gateway, fleet)
        rounds = []
        for _ in range(ROUNDS):
            stop = uuid4()
            fleet.sign_stopped(0, f"stop={stop}")
            connection.execute(_STOP, [stop])
            rounds.append(spent.by(lambda: acknowledged(fleet, connection.commit)))
            kept = connection.execute("SELECT count(*) FROM stop_answer WHERE stop_id = %s", [stop]).fetchone()
            if kept != (len(members),):
                raise AssertionError(f"{kept} answers of {len(members)} are kept")
            _resume(installed, connection, stop)
            fleet.rest(REST_SECONDS)
    sample = _sample(installed)
    plain, checking = floors(installed, members, sample, 0, 0), floors(installed, members, sample, 0, 1)
    took, core = [seconds for seconds, _ in rounds], [seconds for _, seconds in rounds]
    ratio = median(took) / median(checking)
    return Figure(
        f"a stop for all of {len(members):,} agents, acknowledged durably",
        f"{spread(took)}, {milliseconds(median(core))} of a core",
        f"epoll broadcast {spread(plain)}; with each signature checked {milliseconds(median(checking))}",
        f"{median(took) / median(plain):.1f}x; {ratio:.1f}x",
        f"≤ {RATIO}x of the second",
        ratio <= RATIO,
    )


def _resume(installed: Installation, connection: Superuser, stop: UUID) -> None:
    row = connection.execute("SELECT number, asked_at FROM stop WHERE id = %s", [stop]).fetchone()
    if row is None:
        raise AssertionError("the stop is gone")
    keys = [installed.organisation.officer, installed.organisation.council]
    envelope = documents.sign(document(stop, row[0], to_ms(row[1]), EVERYBODY), keys).decode()
    connection.execute(_RESUME, [envelope, stop])
    connection.commit()


def _sample(installed: Installation) -> bytes:
    """A message of the size of a stop, under names that the reference changes."""
    envelope = documents.sign(Stop(uuid4(), 1, 0, None), [installed.organisation.lease])
    config = opamp.remote_config({"directive": envelope, "policy": b"{}"})
    return opamp.to_frame(reply(bytes(16), config=config))
