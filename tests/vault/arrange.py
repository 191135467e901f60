"""People who are signed in, and their sealed segments, put into the database as the real parts would."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import zstandard

from portal.core import clock
from portal.core.vault_client import Ticket, VaultClient
from tests.cast import Organisation, make_person
from tests.vault.provider import Provider
from wire import content, documents, dsse, segment
from wire.content import Content, Summary
from wire.documents import KeyDocument, Kind, Signer
from wire.segment import Header

ROOT = Path(__file__).parents[2]
Superuser = psycopg.Connection[tuple[Any, ...]]
SECRET = "my salary is a secret"
VAULT_TAKES = (
    "PORTAL_DATABASE_URL",
    "PORTAL_DB_PASSWORD_VAULT",
    "PORTAL_VAULT_KEY",
    "PORTAL_KMS",
    "PORTAL_VAULT_URL",
    "PORTAL_OIDC_ISSUER",
    "PORTAL_OIDC_CLIENT_ID",
    "PORTAL_VAR_DIR",
)
"""What the vault is given of an installation's settings."""


@dataclass
class Insider:
    """A person with a live session and a ticket."""

    person: UUID
    subject: str
    session: UUID
    ticket: str
    key: KeyDocument

    @property
    def recently(self) -> tuple[Any, Any]:
        """A stretch of time that covers what the tests store."""
        return clock.now() - timedelta(hours=1), clock.now() + timedelta(minutes=1)


def start_session(superuser: Superuser, person: UUID) -> UUID:
    """A live session of `person`; its id."""
    session = uuid4()
    superuser.execute(
        "INSERT INTO login_session (id, employee_id, token_hash, issuer, subject, auth_time, expires_at) "
        "SELECT %s, id, %s, issuer, subject, now(), now() + interval '1 hour' FROM employee WHERE id = %s",
        [session, uuid4().bytes, person],
    )
    superuser.commit()
    return session


def sign_in(superuser: Superuser, provider: Provider, client: VaultClient, name: str = "Amira Kaya") -> Insider:
    """A new person, signed in at `provider`, with a ticket of the vault."""
    person = make_person(superuser, name, issuer=provider.issuer)
    row = superuser.execute("SELECT subject FROM employee WHERE id = %s", [person]).fetchone()
    assert row is not None
    session = start_session(superuser, person)
    given = client.ticket(provider.token(provider.claims(row[0])), session)
    return Insider(person, row[0], session, given.ticket, key_of(given))


def key_of(given: Ticket) -> KeyDocument:
    """The key document of a ticket, unchecked."""
    return documents.read(KeyDocument, dsse.payload_of(given.document.encode()))


def typed(text: str = SECRET, start: int | None = None) -> Content:
    """A second of typing, a minute ago."""
    start = clock.to_ms(clock.now()) - 60_000 if start is None else start
    data = {"title": "notes.txt", "events": [[0, "char", text[:1]]], "text": text}
    counts = {"keys": 1, "redacted": 0}
    return Content(Summary(Kind.KEY, "vscode", start, start + 1000, counts, 2, ("user.behavior",)), data)


def screenshot(image: bytes) -> Content:
    """A screenshot, a minute ago."""
    start = clock.to_ms(clock.now()) - 60_000
    data = {"size": [800, 600], "monitor": 0}
    summary = Summary(Kind.SCREENSHOT, "vscode", start, start, {"images": 1}, 3, ("user.behavior",))
    return Content(summary, data, image)


def header_for(who: Insider, what: Content, size: int) -> Header:
    """The honest header for `what`."""
    said = what.summary
    return Header(
        segment=uuid4(),
        device=uuid4(),
        employee=who.person,
        seq=1,
        kind=said.kind,
        context=said.context,
        start=said.start,
        end=said.end,
        counts=said.counts,
        sensitivity=said.sensitivity,
        categories=said.categories,
        policy="ab" * 32,
        policy_version=1,
        lease=uuid4(),
        key=who.key.id,
        size=size,
    )


def store(superuser: Superuser, who: Insider, what: Content, payload: bytes | None = None, **lies: Any) -> Header:
    """Seal `what` (or `payload` in its place) under a header with `lies`, and store it; the header."""
    packed = content.pack(what)
    header = replace(header_for(who, what, len(packed)), **lies)
    data = segment.header_bytes(header)
    sealed = zstandard.compress(packed) if payload is None else payload
    insert(superuser, header, data, segment.seal(data, sealed, who.key.public_key))
    return header


def insert(superuser: Superuser, header: Header, data: bytes, body: bytes) -> None:
    """Put a segment's row into the database, as the gateway does after its checks."""
    row: dict[str, Any] = {
        "employee_id": header.employee,
        "started_at": clock.from_ms(header.start),
        "id": header.segment,
        "ended_at": clock.from_ms(header.end),
        "local_day": clock.from_ms(header.start).date(),
        "device_id": header.device,
        "seq": header.seq,
        "kind": header.kind,
        "context": header.context,
        "counts": json.dumps(header.counts),
        "sensitivity": header.sensitivity,
        "categories": list(header.categories),
        "policy": header.policy,
        "policy_version": header.policy_version,
        "lease_id": header.lease,
        "key_id": header.key,
        "size": header.size,
        "header": data,
        "body": body,
    }
    slots = ", ".join(f"%({name})s" for name in row)
    superuser.execute(f"INSERT INTO segment ({', '.join(row)}) VALUES ({slots})".encode(), row)
    superuser.commit()


def looks_of(superuser: Superuser, person: UUID) -> list[dict[str, Any]]:
    """The person's look rows, oldest first."""
    cursor = superuser.execute(
        "SELECT id, kind, segment_ids, read_at FROM look WHERE employee_id = %s ORDER BY at", [person]
    )
    names = [column.name for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    superuser.commit()
    return rows


@contextmanager
def vault_process(variables: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real `python -m vault`, answering; its log lines go to `log`."""
    command = [sys.executable, "-m", "vault"]
    with log.open("ab") as lines, subprocess.Popen(command, cwd=ROOT, env=dict(variables), stderr=lines) as process:
        try:
            client, deadline = VaultClient(variables["PORTAL_VAULT_URL"]), time.monotonic() + 30
            while not client.healthy():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()
            process.wait(30)


def open_key(document: str, organisation: Organisation) -> KeyDocument:
    """The key document, checked with the vault's key in the trust document."""
    return documents.open_signed(KeyDocument, document.encode(), organisation.trust().keys_of(Signer.VAULT))[0]
