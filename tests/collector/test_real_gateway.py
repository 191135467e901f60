"""The collector as it is, against the gateway as it is: real processes, a real database."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from collector import store
from collector.clock import SystemClock
from collector.state import StateDir
from collector.timekeeping import Seen
from tests.cast import Organisation
from tests.gateway.process import ROOT, Gateway, Rows, wait_until
from wire import documents


@pytest.fixture(scope="module")
def gateway(environment: dict[str, str]) -> Iterator[Gateway]:
    with Gateway(environment) as process:
        yield process


@pytest.fixture
def rows(superuser: psycopg.Connection[tuple[object, ...]], organisation: Organisation) -> Rows:
    return Rows(superuser, organisation)


@pytest.fixture
def enrolled(
    gateway: Gateway, rows: Rows, person: Callable[..., UUID], organisation: Organisation, tmp_path: Path
) -> Path:
    """The state directory of a device enrolled by the command that the portal shows."""
    amira = person()
    rows.key(amira)
    fingerprint = documents.fingerprint(organisation.trust_envelope())
    command("enrol", "--server", gateway.url, "--trust", fingerprint, "--code", rows.code(amira), state=tmp_path)
    return tmp_path


def command(*arguments: str, state: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "collector", *arguments, "--state", str(state)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def status(state: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(command("status", "--json", state=state))
    return told


@contextmanager
def running(state: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "collector", "run", "--segment-seconds", "1", *arguments, "--state", str(state)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=30)[1]
        assert "Traceback" not in errors, errors


def device_of(state: Path) -> UUID:
    return UUID(json.loads((state / "identity.json").read_text())["device"])


def test_the_gateways_refusals_are_said_in_german(
    gateway: Gateway, rows: Rows, person: Callable[..., UUID], organisation: Organisation, tmp_path: Path
) -> None:
    fingerprint = documents.fingerprint(organisation.trust_envelope())
    enrol = ["enrol", "--server", gateway.url, "--trust", fingerprint, "--state", str(tmp_path), "--code"]
    for code, sentence in (
        (rows.code(person()), "Der Schlüssel für das, was von Ihnen erfasst wird, ist noch nicht erzeugt."),
        ("WRONG", "Dieser Code ist falsch, schon verwendet oder älter als 15 Minuten."),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "collector", *enrol, code],
            cwd=ROOT,
            env=os.environ | {"LC_ALL": "de_DE.UTF-8"},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        assert f"Daylight-Collector: Der Server hat abgelehnt: {sentence}" in done.stderr


@pytest.mark.parametrize("way", [(), ("--http",)])
def test_scripted_work_is_stored_until_the_person_pauses(enrolled: Path, rows: Rows, way: tuple[str, ...]) -> None:
    device = device_of(enrolled)
    employee = rows.one("SELECT employee_id FROM device WHERE id = %s", device)
    stored = "SELECT count(*) FROM upload WHERE device_id = %s AND outcome = 'stored'"
    said = "SELECT what FROM device_report WHERE device_id = %s ORDER BY received_at, id"
    with running(enrolled, "--scripted", "7", "--pace", "3", *way):
        wait_until(lambda: rows.one(stored, device) > 3)
        pause = rows.pause(employee)
        wait_until(lambda: ("stopped",) in rows.all(said, device))
        wait_until(lambda: status(enrolled)["reason"] == "paused")
        rows.resume(employee, pause)
        wait_until(lambda: ("resumed",) in rows.all(said, device))
        count = rows.one(stored, device)
        wait_until(lambda: rows.one(stored, device) > count)
    refused = rows.all("SELECT reason FROM upload WHERE device_id = %s AND outcome = 'refused'", device)
    assert refused == []
    order = [what for (what,) in rows.all(said, device)]
    assert order.index("received") < order.index("stopped") < order.index("resumed")


def test_P05_a_device_that_believed_a_wrong_clock_records_again(enrolled: Path, rows: Rows) -> None:
    device, clock = device_of(enrolled), SystemClock()
    ahead = clock.wall_ms() + 3_600_000
    seen = Seen(ahead, clock.boot_id(), ahead - clock.boot_ms())
    store.keep_time(StateDir(enrolled), seen)
    stored = "SELECT count(*) FROM upload WHERE device_id = %s AND outcome = 'stored'"
    with running(enrolled, "--scripted", "7", "--pace", "3"):
        wait_until(lambda: rows.one(stored, device) > 0, 90)


def test_R02_a_word_lost_with_the_server_is_said_again(
    environment: dict[str, str], rows: Rows, person: Callable[..., UUID], organisation: Organisation, tmp_path: Path
) -> None:
    fingerprint = documents.fingerprint(organisation.trust_envelope())
    amira = person()
    rows.key(amira)
    applied = "SELECT count(*) FROM device_report WHERE device_id = %s AND what = 'applied'"
    with Gateway(environment) as own:
        code = rows.code(amira)
        command("enrol", "--server", own.url, "--trust", fingerprint, "--code", code, state=tmp_path)
        device = device_of(tmp_path)
        with running(tmp_path, "--no-probes"):
            wait_until(lambda: rows.one(applied, device) > 0)
            own.kill()
            rows.do("DELETE FROM device_report WHERE device_id = %s", device)  # as if it had not been written yet
            own.start()
            wait_until(lambda: rows.one(applied, device) > 0, 60)


def test_a_pause_here_reaches_the_portal_and_a_removed_device_keeps_nothing(enrolled: Path, rows: Rows) -> None:
    device = device_of(enrolled)
    open_pauses = "SELECT count(*) FROM pause WHERE device_id = %s AND source = 'device' AND ended_at IS NULL"
    with running(enrolled, "--scripted", "8", "--pace", "3") as process:
        wait_until(lambda: status(enrolled).get("reason") == "recording")
        command("pause", "--minutes", "30", state=enrolled)
        wait_until(lambda: rows.one(open_pauses, device) == 1)
        wait_until(lambda: status(enrolled)["reason"] == "paused_here")
        command("resume", state=enrolled)
        wait_until(lambda: rows.one(open_pauses, device) == 0)
        wait_until(lambda: status(enrolled)["reason"] == "recording")
        rows.remove(device)
        wait_until(lambda: process.poll() is not None)
        assert process.returncode == 3
    assert not list((enrolled / "spool").iterdir())
    assert not list(enrolled.glob("*.dsse"))


def test_P10_a_collector_that_does_as_its_policy_says_is_verified(enrolled: Path, rows: Rows) -> None:
    device = device_of(enrolled)
    said = "SELECT what FROM device_report WHERE device_id = %s AND what IN ('verified', 'contradicted')"
    with running(enrolled, "--scripted", "7"):
        wait_until(lambda: rows.all(said, device) == [("verified",)])
    assert rows.all("SELECT DISTINCT outcome FROM upload WHERE device_id = %s", device) in ([("stored",)], [])
