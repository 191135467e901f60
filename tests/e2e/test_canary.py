"""C01: what was typed, asked, looked for, exported is in no dump, WAL, log or temporary file; nor is a usable key."""

import base64
import os
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from playwright.sync_api import Browser, sync_playwright
from psycopg.rows import dict_row

from portal.core.config import Settings
from portal.operations.installation import complete, local_addresses
from portal.operations.postgres import DATABASE, Postgres, binary
from portal.operations.runtime import Runtime
from tests.collector.display import display, wait_until
from tests.collector.test_real_input import await_context, command, status
from tests.e2e.parts import CHROMIUM_FLAGS, Demo, Person, collector, demo
from vault.keys import unwrap
from vault.kms.choose import from_settings

CANARY = "zaunkoenig"
TITLE = "Zilpzalp"
ASKED = "rohrdommel"
SOUGHT = "wiedehopf"
CANARIES = (CANARY, TITLE, ASKED, SOUGHT)
NOT_OURS = {"secrets", "kms", "collectors"}
"""Of `var`: what holds keys by design, read only by the processes they belong to."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo")) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def searched(running: Demo, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo after somebody typed, asked an AI tool, opened both, exported all, and searched for words."""
    folder = tmp_path_factory.mktemp("desk")
    day = datetime.now(ZoneInfo("Europe/Berlin")).date().isoformat()
    person = Person(browser, running.portal, "amira", javascript=True)
    with display(folder) as screen, collector(screen, person.add_device("This machine"), folder / "state") as state:
        wait_until(lambda: status(state).get("reason") == "recording")
        screen.entry("xterm", TITLE)
        await_context(state, "terminal")
        screen.xdotool("type", "--delay", "60", f"{CANARY} ")
        command(screen, "prompt", "--context", "chat", "--prompt", ASKED, "--answer", "So.", state=state)
        wait_until(lambda: CANARY in person.typed(day))
        wait_until(lambda: any(ASKED in item for item in person.open_items(day, "prompt")))
        wait_until(lambda: any(TITLE in item for item in person.open_items(day, "window")))
        assert CANARY in _exported(person)
        for words, found in ((CANARY, "1 item"), (SOUGHT, "0 items")):
            person.open(f"/data/{day}")
            person.page.fill("#f-text", words)
            person.press("Search")
            person.page.get_by_role("heading", name=found).wait_for()
    person.close()
    return running


def _exported(person: Person) -> str:
    """Order everything, wait for the archive, and download it: what stands in its file of typed text."""
    person.open("/exports")
    person.press("Order the export")
    person.page.locator("#export").get_by_text("Your archive is ready.").wait_for(timeout=120_000)
    with person.page.expect_download() as got:
        person.press("Download the archive")
    with zipfile.ZipFile(got.value.path()) as archive:
        return archive.read("data/items/key.jsonl").decode()


def _settings(running: Demo) -> Settings:
    runtime = Runtime(running.var)
    given = complete({}, runtime, local_addresses(int(running.portal.rpartition(":")[2]), runtime))
    return Settings.from_env(given | {"PORTAL_DATABASE_URL": Postgres(runtime).url()})


def _private_keys(running: Demo) -> list[bytes]:
    """Every person's private key, unwrapped as only the vault can, to look for it elsewhere."""
    kms = from_settings(_settings(running))
    server = Postgres(Runtime(running.var))
    with psycopg.connect(server.superuser_conninfo(DATABASE), row_factory=dict_row) as connection:
        rows = connection.execute(
            "SELECT k.*, e.issuer, e.subject FROM employee_key k JOIN employee e ON e.id = k.employee_id"
        ).fetchall()
    return [unwrap(kms, row) for row in rows]


def _spellings(secret: bytes) -> list[bytes]:
    """How a secret may stand somewhere: as it is, in hexadecimal, in base64, in UTF-16."""
    wide = secret.decode("latin-1").encode("utf-16-le")
    return [secret, secret.hex().encode(), base64.b64encode(secret)[: len(secret) * 4 // 3 - 4], wide]


def _places(running: Demo, folder: Path) -> Iterator[tuple[str, bytes]]:
    """A dump, every file of PostgreSQL's directory with its WAL, the logs, the temporary files of all processes."""
    server = Postgres(Runtime(running.var))
    with psycopg.connect(server.superuser_conninfo(DATABASE), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    dump = folder / "dump.sql"
    subprocess.run([binary("pg_dump"), "--file", dump, server.superuser_conninfo(DATABASE)], check=True)
    yield "dump", dump.read_bytes()
    yield "terminal", running.output.read_bytes()
    for base, _, names in os.walk(running.var):
        if Path(base).relative_to(running.var).parts[:1] and Path(base).relative_to(running.var).parts[0] in NOT_OURS:
            continue
        for name in names:
            path = Path(base, name)
            if path.is_file():
                yield str(path.relative_to(running.var)), path.read_bytes()


def test_C01_no_plaintext_anywhere(searched: Demo, tmp_path: Path) -> None:
    wanted = [spelling for canary in CANARIES for spelling in _spellings(canary.encode())]
    found = [place for place, data in _places(searched, tmp_path) if any(spelling in data for spelling in wanted)]
    assert found == []


def test_C01_no_usable_key_anywhere(searched: Demo, tmp_path: Path) -> None:
    keys = _private_keys(searched)
    assert keys
    assert all(X25519PrivateKey.from_private_bytes(key) for key in keys)
    wanted = [spelling for key in keys for spelling in _spellings(key)[:3]]
    found = [place for place, data in _places(searched, tmp_path) if any(spelling in data for spelling in wanted)]
    assert found == []


def test_C01_the_search_would_find_what_is_there(searched: Demo, tmp_path: Path) -> None:
    """The same search finds what the server may know: the context's id, and the device's name."""
    places = {place for place, data in _places(searched, tmp_path) if b"This machine" in data and b"terminal" in data}
    assert "dump" in places
    assert any(place.startswith("postgres/pg_wal/") for place in places)
