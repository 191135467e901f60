"""P04 with a real cut: the collector as it is, in a network namespace of its own, and a cable that is cut.

Asserted by signed times: the headers of what was captured, the lease's length, and the moment of the cut by one clock.
Where the machine allows no namespaces, pytest lists both as not run here.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.cast import Organisation
from tests.collector import network
from tests.collector.network import Cable
from tests.collector.test_real_gateway import device_of, status
from tests.gateway.agent import now
from tests.gateway.process import ROOT, Gateway, Rows, wait_until
from tests.gateway.test_opamp import publish
from wire import documents

TTL_S = 6
WHY_NOT = network.missing()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=f"not run here: {WHY_NOT}")


@pytest.fixture
def rows(superuser: psycopg.Connection[tuple[object, ...]], organisation: Organisation) -> Rows:
    return Rows(superuser, organisation)


@pytest.fixture
def device(
    environment: dict[str, str], rows: Rows, organisation: Organisation, person: Callable[..., UUID], tmp_path: Path
) -> Iterator[tuple[Cable, Path, dict[str, str]]]:
    """The cable, the state of a device enrolled through it, and the environment that knows its certificate."""
    site = f"site-{uuid4()}"
    amira = person(site=site)
    rows.key(amira)
    pem = network.certificate(tmp_path)
    known = os.environ | {"SSL_CERT_FILE": str(pem)}
    with Gateway(environment) as gateway:
        publish(rows, organisation, site, lease_ttl_s=TTL_S)
        with network.cable() as cable, network.tls_in_front(cable, gateway.port, pem) as server:
            state = tmp_path / "state"
            fingerprint = documents.fingerprint(organisation.trust_envelope())
            enrol = ("enrol", "--server", server, "--trust", fingerprint, "--code", rows.code(amira))
            done = collector(cable, known, *enrol, "--state", str(state))
            assert done.wait(60) == 0, done.communicate()
            done.communicate()
            yield cable, state, known


def collector(cable: Cable, environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """`python -m collector` at the device's end of the cable."""
    command = cable.inside(sys.executable, "-m", "collector", *arguments)
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


@contextmanager
def recording(cable: Cable, state: Path, environment: dict[str, str], *way: str) -> Iterator[None]:
    """The collector at work on a script."""
    run = ("run", "--segment-seconds", "1", "--scripted", "7", "--pace", "3", *way, "--state", str(state))
    process = collector(cable, environment, *run)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=60)[1]
        assert "Traceback" not in errors, errors


def captured(rows: Rows, device: UUID) -> list[tuple[int, int]]:
    """Begin and end of each stored segment, in Unix milliseconds, as its signed header says."""
    headers: list[dict[str, Any]] = [
        json.loads(bytes(header)) for (header,) in rows.all("SELECT header FROM segment WHERE device_id = %s", device)
    ]
    return sorted((header["start"], header["end"]) for header in headers)


@pytest.mark.parametrize("way", [(), ("--http",)], ids=["websocket", "http"])
def test_P04_capture_stops_within_the_lease_after_the_cable_is_cut(
    device: tuple[Cable, Path, dict[str, str]], rows: Rows, way: tuple[str, ...]
) -> None:
    cable, state, environment = device
    number = device_of(state)
    with recording(cable, state, environment, *way):
        wait_until(lambda: len(captured(rows, number)) > 2)
        cable.cut()
        cut = now()
        wait_until(lambda: status(state)["reason"] == "permit_over")
        stopped = status(state)["server_time"]
        cable.mend()
        mended = now()
        wait_until(lambda: status(state)["reason"] == "recording", 120)
        wait_until(lambda: any(start > mended for start, _ in captured(rows, number)), 120)
        wait_until(lambda: status(state)["waiting"] <= 2)
    spans = captured(rows, number)
    longest = cut + TTL_S * 1000
    assert stopped >= cut
    assert [span for span in spans if cut < span[1] <= longest], "it went on for as long as it was permitted to"
    assert not [span for span in spans if span[1] > longest and span[0] < mended]
    refused = rows.all("SELECT reason FROM upload WHERE device_id = %s AND outcome = 'refused'", number)
    assert refused == []
