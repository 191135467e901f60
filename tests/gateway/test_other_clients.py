"""Clients we did not write: what opamp-go, the OpenTelemetry collector and its supervisor send, byte by byte."""

import gzip
import os
from collections.abc import Callable
from uuid import UUID

import pytest
import requests

from tests.cast import Organisation
from tests.gateway.handmade import (
    ACCEPTS_CONFIG,
    BINARY,
    CLOSE,
    PING,
    PONG,
    STATUS,
    TEXT,
    Fields,
    Line,
    applied,
    description,
    field,
    fields,
    inside,
    status,
    websocket,
)
from tests.gateway.process import Gateway, Rows, wait_until
from tests.gateway.test_opamp import reports, stock_device
from wire import documents

SECONDS = 30
CONFIG, FLAGS, CAPABILITIES, IDENTIFICATION, CUSTOM = 3, 6, 7, 8, 10
ERROR = 2
UNAVAILABLE_TO_US = (CONFIG, ERROR)
OFFERS = "permessage-deflate; client_max_window_bits"


@pytest.fixture
def stock(rows: Rows, person: Callable[..., UUID]) -> tuple[UUID, str]:
    """A device with a bearer token."""
    return stock_device(rows, person())


def post(gateway: Gateway, token: str, body: bytes, **headers: str) -> requests.Response:
    """One request of a plain HTTP client."""
    sent = {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(f"{gateway.url}/v1/opamp", data=body, headers=sent, timeout=SECONDS)


def first(line: Line, uid: bytes, *more: bytes) -> Fields:
    """The first status report; the configuration that comes as the answer."""
    line.message(status(uid, 0, description(), *more))
    offered = line.told()
    assert CONFIG in offered
    return offered


def test_a_go_client_connects_is_offered_the_policy_once_and_confirms_it(
    gateway: Gateway, rows: Rows, organisation: Organisation, stock: tuple[UUID, str]
) -> None:
    device, token = stock
    uid = os.urandom(16)
    extras = (
        f"Sec-WebSocket-Extensions: {OFFERS}",
        "Sec-WebSocket-Protocol: opamp",
        f"OpAMP-Instance-UID: {uid.hex()}",
    )
    with websocket(gateway.url, token, *extras) as line:
        assert "permessage-deflate" not in line.answer
        offered = first(line, uid)
        assert (offered[1], offered[CAPABILITIES]) == ([uid], [3])
        entry = inside(offered, CONFIG, 1, 1)
        assert entry[1] == [b"policy"]
        config_hash = inside(offered, CONFIG)[2][0]
        assert isinstance(config_hash, bytes)
        line.message(status(uid, 1, applied(config_hash)))
        answer = line.told()
        assert (answer[1], CONFIG in answer, FLAGS in answer) == ([uid], False, False)
        wait_until(lambda: reports(rows, device) == [("applied", documents.document_hash(organisation.policy()))])
        line.message(status(uid, 2))  # a heartbeat
        assert CONFIG not in line.told()
        line.message(status(uid, 3, field(9, b"")))  # agent_disconnect
        assert line.told()[1] == [uid]
        line.send(b"\x03\xe8", CLOSE)
        assert line.close_code() == 1000
    with websocket(gateway.url, token) as line:  # the same run again: it has the policy already
        line.message(status(uid, 4, description(), applied(config_hash)))
        assert CONFIG not in line.told()
        rows.notify("device", device)  # its person is read anew: still nothing new for it
        line.message(status(uid, 5))
        assert CONFIG not in line.told()


@pytest.mark.parametrize("over", ["websocket", "http"])
def test_a_policy_that_another_process_offered_is_confirmed_to_this_one(
    gateway: Gateway, rows: Rows, organisation: Organisation, stock: tuple[UUID, str], over: str
) -> None:
    device, token = stock
    uid = os.urandom(16)
    config = inside(fields(post(gateway, token, status(uid, 1, description())).content), CONFIG)
    config_hash = config[2][0]
    assert isinstance(config_hash, bytes)
    another = status(os.urandom(16), 1, description(), applied(config_hash))
    if over == "http":
        assert CONFIG not in fields(post(gateway, token, another).content)
    else:
        with websocket(gateway.url, token) as line:
            line.message(another)
            assert CONFIG not in line.told()
    wait_until(lambda: reports(rows, device) == [("applied", documents.document_hash(organisation.policy()))])


def test_an_agent_that_accepts_no_configuration_is_answered_and_sent_none(
    gateway: Gateway, rows: Rows, stock: tuple[UUID, str]
) -> None:
    device, token = stock
    with websocket(gateway.url, token) as line:
        line.message(status(os.urandom(16), 1, description(), capabilities=STATUS))
        assert not set(line.told()) & set(UNAVAILABLE_TO_US)
        rows.notify("device", device)
        line.message(status(os.urandom(16), 2, capabilities=STATUS))
        assert CONFIG not in line.told()
    answer = post(gateway, token, status(os.urandom(16), 1, description(), capabilities=STATUS))
    assert CONFIG not in fields(answer.content)


def test_an_agent_that_cannot_confirm_is_offered_a_configuration_once(
    gateway: Gateway, stock: tuple[UUID, str]
) -> None:
    uid, told = os.urandom(16), []
    for number in range(3):
        more = (description(),) if number == 0 else ()
        answer = post(gateway, stock[1], status(uid, number, *more, capabilities=STATUS | ACCEPTS_CONFIG))
        told.append(CONFIG in fields(answer.content))
    assert told == [True, False, False]


@pytest.mark.parametrize("over", ["websocket", "http"])
def test_missed_messages_are_noticed(gateway: Gateway, stock: tuple[UUID, str], over: str) -> None:
    uid = os.urandom(16)
    steps = [(7, (description(),), 0), (8, (), 0), (10, (), 1), (11, (), 0), (0, (description(),), 0), (2, (), 1)]
    if over == "http":
        for number, more, flags in steps:
            answer = fields(post(gateway, stock[1], status(uid, number, *more)).content)
            assert answer.get(FLAGS, [0]) == [flags], number
        return
    with websocket(gateway.url, stock[1]) as line:
        for number, more, flags in steps:
            line.message(status(uid, number, *more, capabilities=STATUS))
            assert line.told().get(FLAGS, [0]) == [flags], number


@pytest.mark.parametrize("over", ["websocket", "http"])
def test_an_agent_may_ask_for_its_uid(gateway: Gateway, stock: tuple[UUID, str], over: str) -> None:
    request = status(os.urandom(16), 1, description(), field(10, 1), capabilities=STATUS)
    if over == "http":
        answer = fields(post(gateway, stock[1], request).content)
        given = inside(answer, IDENTIFICATION)[1][0]
        assert isinstance(given, bytes)
        after = fields(post(gateway, stock[1], status(given, 2, capabilities=STATUS)).content)
    else:
        with websocket(gateway.url, stock[1]) as line:
            line.message(request)
            given = inside(line.told(), IDENTIFICATION)[1][0]
            assert isinstance(given, bytes)
            line.message(status(given, 2, capabilities=STATUS))
            after = line.told()
    made = UUID(bytes=given)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert (after[1], FLAGS in after) == ([given], False)


def test_a_message_may_come_in_fragments_with_a_ping_between(gateway: Gateway, stock: tuple[UUID, str]) -> None:
    uid = os.urandom(16)
    whole = b"\x00" + status(uid, 1, description(), capabilities=STATUS)
    with websocket(gateway.url, stock[1]) as line:
        line.send(whole[:1], BINARY, final=False)
        line.send(b"still there?", PING)
        line.send(whole[1:9], 0, final=False)
        line.send(whole[9:], 0)
        pong = line.frame()
        assert (pong.code, pong.data) == (PONG, b"still there?")
        assert line.told()[1] == [uid]


def test_an_old_client_sends_no_header(gateway: Gateway, stock: tuple[UUID, str]) -> None:
    with websocket(gateway.url, stock[1]) as line:
        line.send(status(os.urandom(16), 1, description(), capabilities=STATUS))
        assert CAPABILITIES in line.told()


def test_what_we_do_not_know_is_passed_over(gateway: Gateway, stock: tuple[UUID, str]) -> None:
    """Health, effective configuration, packages, requests for settings, components, strange custom messages."""
    uid = os.urandom(16)
    health = field(5, field(1, 1) + field(4, b"StatusOK"))
    effective = field(6, field(1, field(1, field(1, b"") + field(2, field(1, b"receivers: {}")))))
    packages = field(8, field(2, b"hash") + field(3, b"error"))
    settings = field(11, field(1, field(1, field(1, b"-----BEGIN CERTIFICATE REQUEST-----"))))
    custom = field(12, field(1, b"org.example.restart")) + field(13, field(1, b"org.example.restart") + field(2, b"x"))
    components = field(14, field(2, b"hash"))
    future = field(500, b"later") + field(501, 7)
    with websocket(gateway.url, stock[1]) as line:
        everything = (health, effective, packages, settings, custom, components, future)
        line.message(status(uid, 1, description(), *everything, capabilities=STATUS))
        answer = line.told()
        assert ERROR not in answer
        assert inside(answer, CUSTOM)[1] == [b"eu.daylight.report"]


@pytest.mark.parametrize(
    ("data", "code", "closes"),
    [
        (b"hello", TEXT, 1003),
        (b"\x00\xff\xff\xff", BINARY, 1007),
        (b"\x00" + bytes(300 << 10), BINARY, 1009),
        (b"", 3, 1002),
    ],
    ids=["text", "not protobuf", "too large", "unknown frame"],
)
def test_R06_what_is_no_message_closes_the_connection_with_the_fitting_code(
    gateway: Gateway, stock: tuple[UUID, str], data: bytes, code: int, closes: int
) -> None:
    with websocket(gateway.url, stock[1]) as line:
        line.send(data, code)
        assert line.close_code() == closes


@pytest.mark.parametrize("uid", [b"", b"01ARZ3NDEKTSV4RRFFQ69G5FAV", bytes(15)])
def test_a_uid_of_another_length_is_a_bad_request_and_the_line_stays(
    gateway: Gateway, stock: tuple[UUID, str], uid: bytes
) -> None:
    with websocket(gateway.url, stock[1]) as line:
        for message in (status(uid, 1, description()), b""):
            line.message(message)
            answer = line.told()
            assert inside(answer, ERROR)[1] == [1]
            assert set(answer) <= {1, ERROR}
        line.message(status(bytes(16), 1, description(), capabilities=STATUS))
        assert ERROR not in line.told()


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "application/x-protobuf"},
        {"Content_Type": 'application/x-protobuf; charset="utf-8"'},
        {"Content_Type": "Application/X-Protobuf", "Accept": ""},
        {"Content_Type": "application/x-protobuf", "OpAMP_Instance_UID": "x" * 100},
        {"Content_Type": "application/x-protobuf", "Content_Encoding": "GZIP"},
        {"Content_Type": "application/x-protobuf", "Content_Encoding": "x-gzip"},
        {"Content_Type": "application/x-protobuf", "Content_Encoding": "identity"},
    ],
    ids=str,
)
def test_plain_http_in_all_its_spellings(gateway: Gateway, stock: tuple[UUID, str], headers: dict[str, str]) -> None:
    body = status(os.urandom(16), 0, description())
    packed = gzip.compress(body) if "gzip" in headers.get("Content_Encoding", "").lower() else body
    answer = post(gateway, stock[1], packed, **headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/x-protobuf"
    assert CONFIG in fields(answer.content)


@pytest.mark.parametrize(
    ("accepts", "packed"), [("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("", False)]
)
def test_an_answer_is_packed_for_those_who_take_it(
    gateway: Gateway,
    stock: tuple[UUID, str],
    accepts: str,
    packed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    answer = post(gateway, stock[1], status(os.urandom(16), 0, description()), Accept_Encoding=accepts)
    assert (answer.headers.get("Content-Encoding") == "gzip") == packed
    assert CONFIG in fields(answer.content)


def test_a_poll_with_nothing_but_a_uid_is_answered(gateway: Gateway, stock: tuple[UUID, str]) -> None:
    """The interval is the client's: nothing is held without `Prefer: wait`."""
    uid = os.urandom(16)
    offered = fields(post(gateway, stock[1], status(uid, 0, description())).content)
    config_hash = inside(offered, CONFIG)[2][0]
    assert isinstance(config_hash, bytes)
    post(gateway, stock[1], status(uid, 1, applied(config_hash)))
    answer = fields(post(gateway, stock[1], field(1, uid) + field(2, 2)).content)
    assert answer == {1: [uid], CAPABILITIES: [3]}


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer  ", "Basic eDp5", "Bearer wrong"])
def test_whoever_is_not_known_is_told_401_before_the_upgrade(gateway: Gateway, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    for more in ({}, upgrade | {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}):
        answer = requests.get(f"{gateway.url}/v1/opamp", headers=headers | more, timeout=SECONDS)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"]
