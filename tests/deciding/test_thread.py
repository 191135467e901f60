"""From the officer's draft to the device: signed in the signing file, published, pushed by the gateway, applied."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page

from portal.app import create_app
from portal.core.config import Settings
from portal.core.web import state
from tests.collector.test_real_gateway import command, device_of, running, status
from tests.deciding.conftest import Chamber
from tests.gateway.process import Gateway, Rows, wait_until
from tests.signing.test_signing import held, open_key, take
from tests.web_client import BASE, Browser, sign_in
from wire import documents, dsse
from wire.documents import Signer

Opened = Callable[..., Page]


@pytest.fixture
def gateway(environment: dict[str, str]) -> Iterator[Gateway]:
    """One for each test: it remembers the policies that the last test took away again."""
    with Gateway(environment) as process:
        yield process


@pytest.fixture
def rows(chamber: Chamber) -> Rows:
    return Rows(chamber.superuser, chamber.organisation)


@pytest.fixture
def hasty(chamber: Chamber, settings: Settings) -> Iterator[Chamber]:
    """The same desks where people need not be told a day before."""
    app = create_app(replace(settings, policy_notice=0), testing=True)
    chamber.browse = lambda who: Browser(app, sign_in(chamber.superuser, who) if who else None, BASE)
    yield chamber
    state.of(app).database.dispose()


@pytest.fixture
def device(gateway: Gateway, rows: Rows, chamber: Chamber, tmp_path: Path) -> Path:
    """Amira's device, enrolled."""
    rows.key(chamber.amira)
    folder = tmp_path / "device"
    folder.mkdir()
    fingerprint = documents.fingerprint(chamber.organisation.trust_envelope())
    code = rows.code(chamber.amira)
    command("enrol", "--server", gateway.url, "--trust", fingerprint, "--code", code, state=folder)
    return folder


def signed_in_the_file(page: Page, to_sign: str, key: Path, folder: Path) -> str:
    """What the signing file gives for this key."""
    open_key(page, key)
    take(page, to_sign, folder)
    page.check("#read")
    page.click("#sign button")
    page.wait_for_selector("#signed:not([hidden])")
    return page.input_value("#envelope")


def key_file(folder: Path, key: Ed25519PrivateKey, signer: Signer) -> Path:
    return held(folder / f"{signer.value}.json", key, signer)


def applied(rows: Rows, device: UUID, digest: str) -> bool:
    """Whether the device said that it obeys this policy."""
    said = rows.all("SELECT what, policy FROM device_report WHERE device_id = %s", device)
    return ("applied", digest) in said


def test_P03_signed_in_two_files_published_and_applied(
    hasty: Chamber,
    device: Path,
    rows: Rows,
    opened: Opened,
    tmp_path: Path,
) -> None:
    """Draft → Omar signs with the file → Clara signs with the file → published → the collector APPLIED it."""
    omar, clara = hasty.as_(hasty.omar), hasty.as_(hasty.clara)
    keys = hasty.organisation
    opted_out = rows.pause(hasty.amira, kinds=["screenshot"])
    with running(device, "--scripted", "3", "--pace", "2"):
        wait_until(lambda: status(device).get("reason") == "recording")
        number = hasty.submit(self_service_hours=1)
        digest = documents.document_hash(hasty.document(number))
        to_sign = omar.get(f"/officer/signing/{number}/to-sign.json").get_data(as_text=True)
        by_omar = signed_in_the_file(opened(), to_sign, key_file(tmp_path, keys.officer, Signer.OFFICER), tmp_path)
        assert omar.post(f"/officer/signing/{number}", {"envelope": by_omar}).status_code == 303
        assert not hasty.published(number)
        to_sign = clara.get(f"/council/policies/{number}/to-sign.json").get_data(as_text=True)
        by_clara = signed_in_the_file(opened(), to_sign, key_file(tmp_path, keys.council, Signer.COUNCIL), tmp_path)
        assert clara.post(f"/council/policies/{number}/sign", {"envelope": by_clara}).status_code == 303
        assert hasty.published(number)
        wait_until(lambda: applied(rows, device_of(device), digest))
        leased = (
            "SELECT permitted FROM lease_span WHERE employee_id = %s AND policy = %s ORDER BY started_at DESC LIMIT 1"
        )
        wait_until(lambda: rows.one(leased, hasty.amira, digest) is not None)
        permitted = rows.one(leased, hasty.amira, digest)
        assert "key" in permitted
        assert "screenshot" not in permitted, "the standing opt-out outlives the new version"
        rows.resume(hasty.amira, opted_out)


def test_a_narrowing_reaches_the_device_at_once(hasty: Chamber, device: Path, rows: Rows) -> None:
    with running(device, "--scripted", "4", "--pace", "2"):
        wait_until(lambda: status(device).get("reason") == "recording")
        policy = hasty.newest()
        number = hasty.submit(rules=tuple(rule for rule in policy.rules if rule.kind.value == "window"))
        assert hasty.officer_signs(number).status_code == 303
        digest = documents.document_hash(hasty.document(number))
        wait_until(lambda: applied(rows, device_of(device), digest))
        wait_until(lambda: list(json.loads((device / "status.json").read_text())["permitted"]) == ["window"])


def test_a_device_enrolled_after_a_narrowing_takes_what_the_council_signed_first(
    hasty: Chamber, gateway: Gateway, rows: Rows, tmp_path: Path
) -> None:
    """The officer's signature alone is enough for a part of what the council signed, also on a new device."""
    number = hasty.submit(max_sensitivity=3)
    assert hasty.officer_signs(number).status_code == 303
    digest = documents.document_hash(hasty.document(number))
    rows.key(hasty.amira)
    fingerprint = documents.fingerprint(hasty.organisation.trust_envelope())
    code = rows.code(hasty.amira)
    command("enrol", "--server", gateway.url, "--trust", fingerprint, "--code", code, state=tmp_path)
    with running(tmp_path, "--scripted", "4", "--pace", "2"):
        wait_until(lambda: status(tmp_path).get("reason") == "recording")
    held = documents.read(type(hasty.newest()), dsse.payload_of((tmp_path / "policy.dsse").read_bytes()))
    assert documents.document_hash(held) == digest
