"""Exports with a real vault process: over its socket, killed with SIGKILL in the middle, cut off on the way."""

import signal
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from portal.core import clock
from portal.core.vault_client import NoArchive, TicketRefused, VaultClient, VaultRequestError, VaultUnavailable
from tests.vault import exporting
from tests.vault.arrange import Insider, Superuser, store, typed, vault_process
from tests.vault.exporting import Archive, await_state, over_http
from vault.service import Vault


@pytest.fixture
def own_variables(variables: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """A vault beside the one of the other tests, on a socket of its own."""
    return variables | {"PORTAL_VAULT_URL": f"unix:{tmp_path / 'v.sock'}"}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What that vault logs."""
    return tmp_path / "vault.log"


def test_from_the_click_to_the_download(client: VaultClient, superuser: Superuser, amira: Insider) -> None:
    header = store(superuser, amira, typed())
    made = over_http(client, amira)
    row = await_state(superuser, made, lambda row: row["finished_at"])
    assert (row["state"], row["reason"]) == ("ready", None)
    stream = client.download(amira.ticket, made)
    data = b"".join(stream)
    assert len(data) == stream.size == row["archive_bytes"]
    assert [item["id"] for item in Archive(data).items()] == [str(header.segment)]


def test_R01_killed_in_the_middle_it_goes_on_where_it_was(
    vault: Vault, own_variables: dict[str, str], superuser: Superuser, vault_stands_still: Insider, log: Path
) -> None:
    """Killed three times, each time one batch further, then left alone."""
    amira = vault_stands_still
    start = clock.to_ms(clock.now() - timedelta(hours=1))
    headers = [store(superuser, amira, typed(f"number {number}", start=start + number)) for number in range(1200)]
    made, seen = exporting.order(vault, amira), 0
    for _ in range(3):
        with vault_process(own_variables, log) as process:
            row = await_state(superuser, made, lambda row, seen=seen: row["items_done"] > seen)
            process.send_signal(signal.SIGKILL)
            process.wait(30)
        assert exporting.state(superuser, made)["finished_at"] is None
        seen = row["items_done"]
    with vault_process(own_variables, log):
        row = await_state(superuser, made, lambda row: row["finished_at"])
        data = b"".join(VaultClient(own_variables["PORTAL_VAULT_URL"]).download(amira.ticket, made))
    assert (row["state"], row["reason"]) == ("ready", None)
    assert [item["id"] for item in Archive(data).items()] == [str(header.segment) for header in headers]


def test_bad_requests_are_told_as_such(client: VaultClient, amira: Insider) -> None:
    with pytest.raises(VaultRequestError, match="400 bad_request"):
        client.order_export(
            amira.ticket, None, None, ["everything"], stores=False, language="en", timezone="UTC", request=None
        )
    with pytest.raises(VaultRequestError, match="400 bad_request"):
        client.order_export(
            amira.ticket, None, None, None, stores=False, language="en", timezone="../../etc/passwd", request=None
        )
    now = clock.now()
    with pytest.raises(VaultRequestError, match="400 bad_request"):
        client.order_export(amira.ticket, now, now, None, stores=False, language="en", timezone="UTC", request=None)
    with pytest.raises(TicketRefused):
        client.order_export("x", None, None, None, stores=False, language="en", timezone="UTC", request=None)
    with pytest.raises(NoArchive):
        client.download(amira.ticket, uuid4())
    with pytest.raises(NoArchive):
        client.append_rows(uuid4(), 0, 0, [], done=True)


def test_an_archive_cut_off_is_not_taken_for_a_whole_one(
    client: VaultClient, superuser: Superuser, amira: Insider
) -> None:
    store(superuser, amira, typed())
    made = over_http(client, amira)
    await_state(superuser, made, lambda row: row["finished_at"])
    superuser.execute("DELETE FROM export_chunk WHERE order_id = %s AND file > 20", [made])
    superuser.commit()
    with pytest.raises(VaultUnavailable):
        b"".join(client.download(amira.ticket, made))
