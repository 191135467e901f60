"""Resident memory that one more connected agent takes in the gateway, beside a bare server of the same library."""

import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fleet import Fleet
from benchmarks.floor import floor, port_of
from benchmarks.installation import crowd, installation
from benchmarks.measure import Figure
from tests.gateway.process import Gateway

SIZE, QUICK_SIZE = 10_000, 1000
TARGET_KB = 18
REST_SECONDS = 8


def run(*, quick: bool) -> Iterator[Figure]:
    """KB a connection, plain."""
    size = QUICK_SIZE if quick else SIZE
    with installation() as installed:
        members = crowd(installed, size)
        with Gateway(installed.variables, PORTAL_LOG_LEVEL="warning") as gateway:
            before = gateway.memory()
            with Fleet(gateway.port, members) as fleet:
                fleet.connect()
                fleet.rest(REST_SECONDS)
                ours = (gateway.memory() - before) / size / 1000
                sample = fleet.sample
        with floor(sample, installed.files, "benchmarks.bare") as process:
            port = port_of(process)
            before = resident(process.pid)
            with Fleet(port, members) as fleet:
                fleet.connect()
                fleet.rest(REST_SECONDS / 2)
                bare = (resident(process.pid) - before) / size / 1000
    yield Figure(
        f"memory a connection, {size:,} connected",
        f"{ours:.1f} kB",
        f"bare aiohttp WebSocket {bare:.1f} kB",
        f"{ours / bare:.1f}x",
        f"≤ {TARGET_KB} kB",
        ours <= TARGET_KB,
    )


def resident(pid: int) -> int:
    """Resident bytes of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
