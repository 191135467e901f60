"""All agents come back at once: connections a second, each with its device looked up and a lease written and signed.

The second reference checks each request's signature and makes two for each agent, as the gateway must.
"""

from collections.abc import Iterator

from benchmarks.fleet import Fleet
from benchmarks.floor import floor, port_of
from benchmarks.installation import crowd, installation
from benchmarks.measure import Figure, median
from tests.gateway.process import Gateway

SIZE, QUICK_SIZE = 5000, 1000
ROUNDS = 3
AGENTS, SECONDS = 20_000, 80
"""So many are back before a lease ends: renewed every 40 s, it holds for 120."""


def run(*, quick: bool) -> Iterator[Figure]:
    """Agents a second until each has its first configuration; the database knows all of them, the gateway none."""
    size = QUICK_SIZE if quick else SIZE
    with installation() as installed:
        members = crowd(installed, size)
        ours, floors, signing = [], [], []
        for _ in range(ROUNDS):
            with (
                Gateway(installed.variables, PORTAL_LOG_LEVEL="warning") as gateway,
                Fleet(gateway.port, members) as fleet,
            ):
                ours.append(size / fleet.connect())
                sample = fleet.sample
            with floor(sample, installed.files) as process, Fleet(port_of(process), members) as fleet:
                floors.append(size / fleet.connect())
            with (
                floor(sample, installed.files, signatures=2, checks=1) as process,
                Fleet(port_of(process), members) as fleet,
            ):
                signing.append(size / fleet.connect())
    ratio = median(ours) / median(floors)
    yield Figure(
        f"reconnect storm, {size:,} agents, until each has its lease",
        f"{median(ours):,.0f} a second",
        f"epoll accept and answer {median(floors):,.0f} a second, with the same signatures {median(signing):,.0f}",
        f"{ratio:.2f}x; {median(ours) / median(signing):.2f}x",
        f"≥ {AGENTS // SECONDS} a second",
        median(ours) >= AGENTS / SECONDS,
    )
