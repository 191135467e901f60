"""An export of everything, from the click to the last byte downloaded: how many items a second, and how much memory.

The reference opens the same sealed items one after the other and does nothing else.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import zstandard
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from benchmarks.installation import Installation, Superuser, installation
from benchmarks.measure import Figure, step
from portal.core import clock
from portal.core.config import Settings
from portal.core.vault_client import VaultClient
from tests.cast import make_person
from tests.vault.arrange import start_session, vault_process
from vault.looks import ticket_hash
from vault.opening import open_row
from vault.service import Vault, build
from vault.stamps import Stamps
from wire import content, segment
from wire.content import Content, Summary
from wire.documents import Kind
from wire.segment import Header

ITEMS, QUICK_ITEMS = 100_000, 5_000
SAMPLE: Final = 1000
GROWTH_MB: Final = 32
SLOWDOWN: Final = 6.0
WORDS = "The quick brown fox jumps over the lazy dog, and nobody wrote down why it did so. "


@dataclass(frozen=True)
class Someone:
    """A person with a ticket and a key."""

    employee: UUID
    ticket: str
    key: UUID
    private: X25519PrivateKey


def run(*, quick: bool) -> Iterator[Figure]:
    """Throughput beside plain opening, and the vault's peak for a tenth and for all of the items."""
    items = QUICK_ITEMS if quick else ITEMS
    with installation() as installed, installed.superuser() as superuser:
        vault = build(Settings.from_env(installed.variables))
        few, many = (someone(vault, installed, superuser) for _ in range(2))
        with step(f"seal {items:,} items"):
            fill(superuser, few, items // 10)
            fill(superuser, many, items)
        alone = opened_a_second(superuser, many)
        small, _, _ = exported(installed, superuser, few)
        peak, seconds, size = exported(installed, superuser, many)
        vault.store.close()
    rate = items / seconds
    yield Figure(
        f"export of {items:,} items, click to last byte ({size / 1e6:.0f} MB)",
        f"{rate:,.0f} items a second",
        f"opening them, nothing else {alone:,.0f} a second",
        f"{alone / rate:.1f}x",
        f"≤ {SLOWDOWN}x",
        alone / rate <= SLOWDOWN,
    )
    yield Figure(
        f"the vault's peak memory over an export of {items:,} items",
        f"{peak:.0f} MB",
        f"of {items // 10:,} items {small:.0f} MB",
        f"+{peak - small:.0f} MB",
        f"≤ +{GROWTH_MB} MB",
        peak - small <= GROWTH_MB,
    )


def someone(vault: Vault, installed: Installation, superuser: Superuser) -> Someone:
    """A new person, signed in."""
    employee = make_person(superuser)
    session = start_session(superuser, employee)
    key, _ = vault.keys.ensure(employee, clock.now())
    ticket = Stamps(installed.organisation.vault).ticket(employee)
    superuser.execute("INSERT INTO vault_ticket VALUES (%s, %s, %s)", [ticket_hash(ticket), employee, session])
    superuser.commit()
    with vault.store.transaction() as connection:
        private = vault.keys.private(connection, key, employee)
    if private is None:
        raise RuntimeError("the key that was just made does not open")
    return Someone(employee, ticket, key, private)


def fill(superuser: Superuser, who: Someone, count: int) -> None:
    """`count` items of typing, a second each, over the last days."""
    names = (
        "employee_id, started_at, id, ended_at, local_day, device_id, seq, kind, context, counts, sensitivity, "
        "categories, policy, policy_version, lease_id, key_id, size, header, body"
    )
    first = clock.to_ms(clock.now()) - (count + 60) * 5000
    public = who.private.public_key().public_bytes_raw()
    with superuser.cursor().copy(f"COPY segment ({names}) FROM STDIN".encode()) as into:
        for number in range(count):
            into.write_row(_row(who, public, number, first + number * 5000))
    superuser.commit()


def _row(who: Someone, public: bytes, number: int, start: int) -> tuple[Any, ...]:
    data = {"title": "notes.txt", "events": [[0, "char", "x"]] * 20, "text": f"{number} {WORDS * 4}"}
    summary = Summary(Kind.KEY, "vscode", start, start + 1000, {"keys": 20, "redacted": 0}, 2, ("user.behavior",))
    packed = content.pack(Content(summary, data))
    header = Header(
        uuid4(), who.key, who.employee, number, Kind.KEY, "vscode", start, start + 1000, summary.counts, 2,
        ("user.behavior",), "ab" * 32, 1, who.key, who.key, len(packed),
    )  # fmt: skip
    said = segment.header_bytes(header)
    body = segment.seal(said, zstandard.compress(packed), public)
    begins, ends = clock.from_ms(start), clock.from_ms(start + 1000)
    return (
        who.employee, begins, header.segment, ends, begins.date(), header.device, number, "key", "vscode",
        json.dumps(header.counts), 2, ["user.behavior"], header.policy, 1, header.lease, header.key, len(packed), said,
        body,
    )  # fmt: skip


def opened_a_second(superuser: Superuser, who: Someone) -> float:
    """How many of the items one thread opens in a second, from rows in memory."""
    cursor = superuser.execute("SELECT * FROM segment WHERE employee_id = %s LIMIT %s", [who.employee, SAMPLE])
    names = [column.name for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    begins = time.perf_counter()
    for row in rows:
        open_row(row, who.private)
    return len(rows) / (time.perf_counter() - begins)


def exported(installed: Installation, superuser: Superuser, who: Someone) -> tuple[float, float, int]:
    """Peak memory of a fresh vault (MB), seconds from the click to the last byte, and the archive's bytes."""
    client = VaultClient(installed.variables["PORTAL_VAULT_URL"])
    with vault_process(installed.variables, installed.files / "vault.log") as process:
        begins = time.perf_counter()
        made, _ = client.order_export(
            who.ticket, None, None, None, stores=False, language="en", timezone="UTC", request=None
        )
        while not _finished(superuser, made):
            time.sleep(0.2)
        size = sum(len(piece) for piece in client.download(who.ticket, made))
        return _peak_mb(process.pid), time.perf_counter() - begins, size


def _finished(superuser: Superuser, made: UUID) -> bool:
    row = superuser.execute("SELECT state, finished_at FROM export_order WHERE id = %s", [made]).fetchone()
    superuser.commit()
    if row is not None and row[1] is not None and row[0] != "ready":
        raise RuntimeError(f"the export ended as {row[0]}")
    return row is not None and row[1] is not None


def _peak_mb(pid: int) -> float:
    """The most resident memory a process ever had (proc(5), VmHWM)."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1000
