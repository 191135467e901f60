"""Orders and archives, for tests: what the person's click does, and what stands in the ZIP."""

import io
import json
import time
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.core import clock
from portal.core.vault_client import VaultClient
from tests.vault.arrange import Insider, Superuser
from vault.exports.orders import Scope
from vault.service import Vault

EVERYTHING = Scope(None, None, None, stores=False, language="en", timezone="Europe/Berlin")


@dataclass(frozen=True)
class Archive:
    """A ZIP that was downloaded."""

    data: bytes

    @property
    def zip(self) -> zipfile.ZipFile:
        """It, checked: every file's checksum is right."""
        opened = zipfile.ZipFile(io.BytesIO(self.data))
        assert opened.testzip() is None
        return opened

    def text(self, name: str) -> str:
        """A file's text."""
        return self.zip.read(name).decode()

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The objects of a JSON Lines file."""
        return [json.loads(line) for line in self.text(name).splitlines()]

    def items(self) -> list[dict[str, Any]]:
        """Every item of every kind."""
        names = [name for name in self.zip.namelist() if name.startswith("data/items/")]
        return [item for name in names for item in self.lines(name)]

    def manifest(self) -> dict[str, Any]:
        """The manifest."""
        told: dict[str, Any] = json.loads(self.text("manifest.json"))
        return told


def order(vault: Vault, who: Insider, scope: Scope = EVERYTHING) -> UUID:
    """An order of `who`."""
    return vault.orders.take(who.ticket, scope, clock.now())[0]


def step(vault: Vault, superuser: Superuser, made: UUID) -> dict[str, Any]:
    """Take one step of this order, whatever waits besides; its row."""
    superuser.execute("UPDATE export_order SET next_try_at = '2000-01-01' WHERE id = %s", [made])
    superuser.commit()
    vault.runner.step(clock.now())
    return state(superuser, made)


def run(vault: Vault, superuser: Superuser, made: UUID) -> dict[str, Any]:
    """Take steps until the order is finished; its row."""
    for _ in range(500):
        row = step(vault, superuser, made)
        if row["finished_at"] is not None:
            return row
    raise AssertionError(row)


def fetch(vault: Vault, who: Insider, made: UUID) -> Archive:
    """Download the archive."""
    found = vault.downloads.begin(who.ticket, made)
    data = b"".join(found.data)
    assert len(data) == found.size
    return Archive(data)


def export(vault: Vault, superuser: Superuser, who: Insider, scope: Scope = EVERYTHING) -> Archive:
    """From the click to the download."""
    made = order(vault, who, scope)
    assert run(vault, superuser, made)["state"] == "ready"
    return fetch(vault, who, made)


def state(superuser: Superuser, made: UUID) -> dict[str, Any]:
    """The order's row."""
    cursor = superuser.execute("SELECT * FROM export_order WHERE id = %s", [made])
    names = [column.name for column in cursor.description or ()]
    row = cursor.fetchone()
    superuser.commit()
    assert row is not None
    return dict(zip(names, row, strict=True))


def await_state(superuser: Superuser, made: UUID, wanted: Any, seconds: float = 120) -> dict[str, Any]:
    """The order's row once `wanted(row)` holds."""
    deadline = time.monotonic() + seconds
    while not wanted(row := state(superuser, made)):
        assert time.monotonic() < deadline, row
        time.sleep(0.05)
    return row


def stretch(who: Insider) -> tuple[datetime, datetime]:
    """A stretch that covers what the tests store."""
    starts, until = who.recently
    return starts, until


def over_http(client: VaultClient, who: Insider) -> UUID:
    """An order by the way the web takes."""
    told = client.order_export(who.ticket, None, None, None, stores=False, language="en", timezone="UTC", request=None)
    return told[0]
