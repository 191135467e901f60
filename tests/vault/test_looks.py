"""Looks over HTTP at a real vault process: whose they are, and that the log line comes first (C05)."""

import json
import signal
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.config import Settings
from portal.core.vault_client import ItemState, TicketRefused, VaultClient, VaultRequestError, VaultUnavailable
from portal.operations.postgres import DATABASE, Postgres
from tests.vault import arrange
from tests.vault.arrange import SECRET, Insider, Superuser, looks_of, screenshot, store, typed
from vault.api import MAX_RESULTS
from vault.looks import ticket_hash


def opened(client: VaultClient, who: Insider, *segments: Any) -> dict[Any, Any]:
    starts, until = who.recently
    _, items = client.look(who.ticket, list(segments), starts, until, "own")
    return {item.segment: item for item in items}


def test_a_person_opens_what_was_typed(client: VaultClient, superuser: Superuser, amira: Insider) -> None:
    header = store(superuser, amira, typed())
    item = opened(client, amira, header.segment)[header.segment]
    assert (item.state, item.fields, item.blob) == (ItemState.OPENED, (), b"")
    assert item.data == {"title": "notes.txt", "events": [[0, "char", "m"]], "text": SECRET}
    assert item.header["counts"] == {"keys": 1, "redacted": 0}


def test_a_screenshot_comes_with_its_image(client: VaultClient, superuser: Superuser, amira: Insider) -> None:
    image = bytes(range(256)) * 1000
    header = store(superuser, amira, screenshot(image))
    assert opened(client, amira, header.segment)[header.segment].blob == image


def test_C05_opens_equal_log_lines(client: VaultClient, superuser: Superuser, amira: Insider) -> None:
    headers = [store(superuser, amira, typed()) for _ in range(3)]
    for header in headers:
        opened(client, amira, header.segment)
    opened(client, amira, *(header.segment for header in headers))
    client.search(amira.ticket, [headers[0].segment], *amira.recently, "salary")
    looks = looks_of(superuser, amira.person)
    assert [(look["kind"], len(look["segment_ids"])) for look in looks] == [("open", 1)] * 3 + [
        ("open", 3),
        ("search", 1),
    ]
    assert all(look["read_at"] for look in looks)


def test_C05_another_readers_ticket_opens_nothing(
    client: VaultClient, superuser: Superuser, amira: Insider, ben: Insider
) -> None:
    header = store(superuser, amira, typed())
    item = opened(client, ben, header.segment)[header.segment]
    assert (item.state, item.data, item.header) == (ItemState.MISSING, None, None)
    assert looks_of(superuser, amira.person) == []


@pytest.mark.parametrize("ticket", ["x", "A" * 43])
def test_C05_without_a_ticket_nothing_opens(
    client: VaultClient, superuser: Superuser, amira: Insider, ticket: str
) -> None:
    header = store(superuser, amira, typed())
    with pytest.raises(TicketRefused, match="ticket_refused"):
        client.look(ticket, [header.segment], *amira.recently, "own")
    with pytest.raises(TicketRefused, match="ticket_refused"):
        client.search(ticket, [header.segment], *amira.recently, "salary")
    assert looks_of(superuser, amira.person) == []


@pytest.mark.parametrize("end", ["ended_at = now()", "expires_at = now() - interval '1 second'"])
def test_C05_a_ticket_dies_with_its_session(
    client: VaultClient, superuser: Superuser, amira: Insider, end: str
) -> None:
    header = store(superuser, amira, typed())
    superuser.execute(f"UPDATE login_session SET {end} WHERE id = %s".encode(), [amira.session])
    superuser.commit()
    with pytest.raises(TicketRefused, match="ticket_refused"):
        opened(client, amira, header.segment)
    assert looks_of(superuser, amira.person) == []


def test_C05_signing_out_ends_the_ticket(
    client: VaultClient, superuser: Superuser, settings: Settings, amira: Insider
) -> None:
    header = store(superuser, amira, typed())
    row = superuser.execute("SELECT token_hash FROM login_session WHERE id = %s", [amira.session]).fetchone()
    superuser.commit()
    with psycopg.connect(settings.conninfo("web_session")) as web:
        web.execute("SELECT session_end(%s)", row)
    with pytest.raises(TicketRefused, match="ticket_refused"):
        opened(client, amira, header.segment)
    assert superuser.execute("SELECT FROM vault_ticket WHERE session_id = %s", [amira.session]).fetchall() == []


def test_C05_an_erased_item_is_missing(client: VaultClient, superuser: Superuser, amira: Insider) -> None:
    kept, erased = store(superuser, amira, typed()), store(superuser, amira, typed())
    superuser.execute("UPDATE segment SET erasure_id = %s WHERE id = %s", [uuid4(), erased.segment])
    superuser.commit()
    items = opened(client, amira, kept.segment, erased.segment)
    assert (items[kept.segment].state, items[erased.segment].state) == (ItemState.OPENED, ItemState.MISSING)


def test_what_started_outside_the_stretch_is_missing(client: VaultClient, superuser: Superuser, amira: Insider) -> None:
    header = store(superuser, amira, typed())
    start = clock.from_ms(header.start)
    _, (item,) = client.look(amira.ticket, [header.segment], start - timedelta(minutes=1), start, "own")
    assert item.state is ItemState.MISSING
    _, (item,) = client.look(amira.ticket, [header.segment], start, start + timedelta(milliseconds=1), "own")
    assert item.state is ItemState.OPENED


def test_C05_a_vault_killed_after_the_log_line_gives_no_content(
    variables: dict[str, str], superuser: Superuser, amira: Insider, postgres: Postgres, tmp_path: Path
) -> None:
    header, answers = store(superuser, amira, typed()), []
    other = variables | {"PORTAL_VAULT_URL": f"unix:{postgres.runtime.socket_directory() / 'v2.sock'}"}

    def ask() -> None:
        with suppress(VaultUnavailable):
            answers.append(opened(VaultClient(other["PORTAL_VAULT_URL"]), amira, header.segment))

    with (
        psycopg.connect(postgres.superuser_conninfo(DATABASE)) as blocker,
        arrange.vault_process(other, tmp_path / "log") as process,
    ):
        blocker.execute("LOCK TABLE segment IN ACCESS EXCLUSIVE MODE")  # look_begin passes, look_read waits
        thread = Thread(target=ask)
        thread.start()
        deadline = time.monotonic() + 30
        while not (looks := looks_of(superuser, amira.person)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        blocker.rollback()
        thread.join(30)
    assert answers == []
    assert [(look["segment_ids"], look["read_at"]) for look in looks] == [([header.segment], None)]


def test_a_vault_starts_again_where_one_was_killed(
    variables: dict[str, str], postgres: Postgres, tmp_path: Path
) -> None:
    address = f"unix:{postgres.runtime.socket_directory() / 'v3.sock'}"
    other = variables | {"PORTAL_VAULT_URL": address}
    with arrange.vault_process(other, tmp_path / "log") as process:
        process.kill()
        process.wait(30)
    with arrange.vault_process(other, tmp_path / "log"):
        assert VaultClient(address).healthy()
    assert not Path(address.removeprefix("unix:")).exists()


def test_search_finds_words_whatever_their_case(client: VaultClient, superuser: Superuser, amira: Insider) -> None:
    header, other = store(superuser, amira, typed("Prüfung der STRASSE")), store(superuser, amira, typed("nothing"))
    segments = [header.segment, other.segment]
    found = client.search(amira.ticket, segments, *amira.recently, "PRÜFUNG  der")
    (snippet,) = found.results.pop(header.segment)
    assert snippet.text[snippet.start : snippet.end] == "Prüfung der"
    assert (found.results, found.unread) == ({}, 0)


def test_search_says_how_many_there_are_when_it_shows_fewer(
    client: VaultClient, superuser: Superuser, amira: Insider
) -> None:
    segments = [store(superuser, amira, typed("heron")).segment for _ in range(MAX_RESULTS + 1)]
    found = client.search(amira.ticket, segments, *amira.recently, "heron")
    assert (len(found.results), found.matching) == (MAX_RESULTS, MAX_RESULTS + 1)


def test_search_finds_only_ones_own(client: VaultClient, superuser: Superuser, amira: Insider, ben: Insider) -> None:
    header = store(superuser, amira, typed())
    found = client.search(ben.ticket, [header.segment], *ben.recently, "salary")
    assert (found.results, found.unread) == ({}, 1)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{" * 100_000,
        b'{"ticket": 1}',
        json.dumps({"ticket": "x", "segments": [], "from": 0, "until": 1, "purpose": "own"}).encode(),
        json.dumps({"ticket": "x", "segments": ["no"], "from": 0, "until": 1, "purpose": "own"}).encode(),
        json.dumps({"ticket": "x", "segments": [str(uuid4())], "from": 1, "until": 1, "purpose": "own"}).encode(),
        json.dumps({"ticket": "x", "segments": [str(uuid4())], "from": 0, "until": True, "purpose": "own"}).encode(),
        json.dumps({"ticket": "x", "segments": [str(uuid4())], "from": 0, "until": 1, "purpose": " "}).encode(),
        json.dumps({"ticket": "x", "segments": [str(uuid4())], "from": 0, "until": 1, "more": 1}).encode(),
        b"x" * (2 << 20),
    ],
)
def test_a_malformed_request_is_refused(client: VaultClient, body: bytes) -> None:
    status, answer = client._request("POST", "/looks", body)
    assert status in {400, 413}
    assert json.loads(answer)["error"] == "bad_request"


def test_a_mistake_of_ours_is_told_as_such(client: VaultClient, amira: Insider) -> None:
    with pytest.raises(VaultRequestError, match="400 bad_request"):
        client.look(amira.ticket, [], *amira.recently, "own")


def test_a_vault_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    client = VaultClient(f"unix:{tmp_path / 'none.sock'}", timeout_s=1)
    assert not client.healthy()
    with pytest.raises(VaultUnavailable):
        client.ensure_key(uuid4())


def test_no_log_line_holds_content_ticket_token_or_person(
    client: VaultClient, superuser: Superuser, amira: Insider, vault_log: Path
) -> None:
    header = store(superuser, amira, typed())
    opened(client, amira, header.segment)
    client.search(amira.ticket, [header.segment], *amira.recently, "salary")
    with pytest.raises(TicketRefused):
        client.ticket("eyJhbGciOiJub25lIn0.e30.", amira.session)
    lines = vault_log.read_text()
    assert "vault.look" in lines
    forbidden = (SECRET, "salary", amira.ticket, ticket_hash(amira.ticket).hex(), str(amira.person), amira.subject)
    assert [word for word in forbidden if word in lines] == []
