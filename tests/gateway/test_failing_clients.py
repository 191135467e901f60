"""Other OpAMP clients on a bad day: they cannot apply the policy, share a token, never report, or just go away."""

import os
from collections.abc import Callable
from uuid import UUID

import pytest
import requests

from tests.cast import Organisation
from tests.gateway.handmade import CLOSE, description, field, fields, inside, status, websocket
from tests.gateway.process import Gateway, Rows, wait_until
from tests.gateway.test_opamp import stock_device
from wire import documents

CONFIG, STATUS = 3, 7
UNSET, APPLYING, FAILED = 0, 2, 3
EVERYTHING = 0x7FFF
"""Of the capabilities: a supervisor names nearly all."""


@pytest.fixture
def stock(rows: Rows, person: Callable[..., UUID]) -> tuple[UUID, str]:
    """A device with a bearer token."""
    return stock_device(rows, person())


def said(config_hash: bytes, what: int, words: bytes = b"") -> bytes:
    """remote_config_status."""
    return field(STATUS, field(1, config_hash) + field(2, what) + (field(3, words) if words else b""))


def post(gateway: Gateway, token: str, body: bytes) -> dict[int, list[int | bytes]]:
    """One request of a polling client, as opamp-go sends it; the answer."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/x-protobuf",
        "OpAMP-Instance-UID": "0190b4e2-7c1d-7000-8000-000000000000",
        "User-Agent": "Go-http-client/1.1",
        "Accept-Encoding": "gzip",
    }
    answer = requests.post(f"{gateway.url}/v1/opamp", data=body, headers=headers, timeout=30)
    assert answer.status_code == 200
    return fields(answer.content)


def kept(rows: Rows, device: UUID) -> list[tuple[str, str, str]]:
    """What the device is known to have said."""
    return rows.all("SELECT what, policy, detail FROM device_report WHERE device_id = %s ORDER BY id", device)


def test_a_policy_that_cannot_be_applied_is_kept_as_failed_with_its_words(
    gateway: Gateway, rows: Rows, organisation: Organisation, stock: tuple[UUID, str]
) -> None:
    device, token = stock
    uid = os.urandom(16)
    with websocket(gateway.url, token) as line:
        line.message(status(uid, 0, description(), said(b"", UNSET), capabilities=EVERYTHING))
        config_hash = inside(line.told(), CONFIG)[2][0]
        assert isinstance(config_hash, bytes)
        line.message(status(uid, 1, said(config_hash, APPLYING), capabilities=EVERYTHING))
        assert CONFIG not in line.told()
        line.message(status(uid, 2, said(config_hash, FAILED, b"unknown key: kinds"), capabilities=EVERYTHING))
        assert CONFIG not in line.told(), "what it could not apply is not pressed on it again"
        policy = documents.document_hash(organisation.policy())
        wait_until(lambda: kept(rows, device) == [("failed", policy, "unknown key: kinds")])
        line.message(status(uid, 3, capabilities=EVERYTHING))
        assert CONFIG not in line.told()


def test_two_clients_with_one_token_are_each_offered_the_policy(gateway: Gateway, stock: tuple[UUID, str]) -> None:
    uids = [os.urandom(16), os.urandom(16)]
    offered = [post(gateway, stock[1], status(uid, 1, description())) for uid in uids]
    assert [answer[1] for answer in offered] == [[uid] for uid in uids]
    assert all(CONFIG in answer for answer in offered)
    with websocket(gateway.url, stock[1]) as one, websocket(gateway.url, stock[1]) as two:
        for line, uid in ((one, uids[0]), (two, uids[1])):
            line.message(status(uid, 2, description()))
            assert line.told()[1] == [uid]


def test_a_client_that_never_reports_is_answered_and_not_pressed(gateway: Gateway, stock: tuple[UUID, str]) -> None:
    uid = os.urandom(16)
    assert CONFIG in post(gateway, stock[1], status(uid, 1, description()))
    for number in range(2, 6):  # a heartbeat says no more than that it is there
        assert CONFIG not in post(gateway, stock[1], field(1, uid) + field(2, number))


def test_one_that_goes_without_a_word_can_come_back(gateway: Gateway, rows: Rows, stock: tuple[UUID, str]) -> None:
    """opamp-go says agent_disconnect and cuts the connection; others send a close frame without a code."""
    uid = os.urandom(16)
    with websocket(gateway.url, stock[1]) as line:
        line.message(status(uid, 1, description(), capabilities=EVERYTHING))
        line.told()
        line.message(status(uid, 2, field(9, b""), capabilities=EVERYTHING))
    with websocket(gateway.url, stock[1]) as line:
        line.message(status(uid, 3, description(), capabilities=EVERYTHING))
        assert CONFIG in line.told()
        line.send(b"", CLOSE)
        assert line.close_code() == 1000
    seen = "SELECT last_seen_at IS NOT NULL FROM device WHERE id = %s"
    wait_until(lambda: rows.all(seen, stock[0]) == [(True,)])
