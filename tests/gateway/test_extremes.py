"""R06: extreme but truly signed values in every document that the gateway takes from devices.

Each is refused with an answer of its own and one log line at most; nothing of it is stored, what comes beside it is.
"""

import base64
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import requests

from tests.gateway.agent import Agent, now
from tests.gateway.process import Gateway, Rows
from tests.gateway.test_canaries import made
from tests.gateway.test_tallies import said
from wire import canonical, codec, documents, dsse, opamp, segment, tally
from wire.documents import DeviceRequest, Enrolment, Kind, Report, ReportKind
from wire.tally import Tally

SECONDS = 30
LONG = '"' + "x" * (1 << 20) + '"'
DEEP = "[" * 100_000 + "]" * 100_000
KINDS = "[" + ",".join(f'"{number}"' for number in range(10_000)) + "]"
NUMBERS = ("-1", "9007199254740992", "9223372036854775807", "9" * 5_000, "1.0", "1e3", "NaN", "Infinity", '"1"', "true")
TIMES = ("-62135596800000", str(codec.MAX_TIME + 1), "253402300799999")
TEXTS = ("1", '"\\ud800"', '"a\\u0000b"', LONG, DEEP, KINDS, "{}")
LISTS = ("1", '"x"', DEEP, "[null]", "[1.5]", "{}")
OBJECTS = ("1", "[]", DEEP, '{"a":1.5}', '{"a":-1}', '{"a":1,"a":1}', '{"é":1}')


def extremes(document: Any, times: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """What is wrong, and the document's bytes with it: each field in turn, then the document as a whole."""
    value = codec.to_value(document)
    whole = {name: canonical.encode(one).decode() for name, one in value.items()}
    assert _object(whole) == canonical.encode(value), "what is not changed is well-formed"
    for name, one in value.items():
        for wrong in _wrong(one) + (TIMES if name in times else ()):
            yield f"{name}={wrong[:30]}", _object(whole | {name: wrong})
    name = min(whole)
    yield "a key twice", b"{" + f'"{name}":{whole[name]},'.encode() + _object(whole)[1:]
    yield "a field too many", _object(whole | {"zzz": "1"})
    yield "a field too few", _object({key: one for key, one in whole.items() if key != name})
    yield "deep", DEEP.encode()
    yield "nothing", b"null"
    yield "not UTF-8", _object(whole)[:-1] + b"\xff}"


def _wrong(value: Any) -> tuple[str, ...]:
    match value:
        case int():
            return NUMBERS
        case str():
            return TEXTS
        case list():
            return LISTS
        case dict():
            return OBJECTS
    return ("1", DEEP, LONG)


def _object(whole: dict[str, str]) -> bytes:
    return ("{" + ",".join(f'"{name}":{whole[name]}' for name in sorted(whole)) + "}").encode()


@pytest.fixture
def leased(agent: Agent, rows: Rows) -> Agent:
    """A device with a lease, east of UTC."""
    rows.do("UPDATE employee SET timezone = 'Pacific/Kiritimati' WHERE id = %s", agent.employee)
    agent.await_lease()
    return agent


@pytest.fixture
def quiet(gateway: Gateway) -> Iterator[Callable[[], int]]:
    """Counts the log lines since the last call; afterwards the process lives, and said nothing of an error of ours."""
    first = start = len(gateway.lines())

    def count() -> int:
        nonlocal start
        before, start = start, len(gateway.lines())
        return start - before

    yield count
    assert gateway.healthy()
    assert not [line for line in gateway.lines()[first:] if "request_failed" in line or "message_failed" in line]


def test_R06_extreme_headers_are_refused_alone(leased: Agent, rows: Rows, quiet: Callable[[], int]) -> None:
    times = frozenset({"start", "end"})
    for wrong, data in extremes(leased.header(), times):
        quiet()
        parts = leased.segment(), (data, b"DLS1"), leased.segment()
        answer = post(leased, "/v1/segments", segment.pack(parts), segment.CONTENT_TYPE)
        if len(data) > segment.MAX_HEADER:
            assert answer.status_code == 400, wrong
        else:
            assert answer.status_code == 200, wrong
            found = [one["reason"] or one["outcome"] for one in answer.json()["results"]]
            assert found == ["stored", "bad_header", "stored"], wrong
        assert quiet() <= 1, wrong


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("key", {}),
        ("key", {"keys": 5}),
        ("key", {"redacted": 1}),
        ("key", {"points": 3}),
        ("key", {"keys": 1, "redacted": 0, "points": 3}),
        ("pointer", {}),
        ("click", {"keys": 1, "redacted": 0}),
        ("window", {}),
        ("screenshot", {"image": 1}),
        ("prompt", {"turn": 1}),
    ],
)
def test_R04_counts_that_are_not_those_of_the_kind_are_refused(
    leased: Agent, rows: Rows, kind: str, counts: dict[str, int]
) -> None:
    said = canonical.decode(segment.header_bytes(leased.header()))
    data = canonical.encode(said | {"kind": kind, "counts": counts})
    assert leased.outcome(leased.segment(), (data, b"DLS1")) == ["stored", "bad_header"]


def test_R06_extreme_canaries_are_refused_alone(leased: Agent, rows: Rows, quiet: Callable[[], int]) -> None:
    run = max(now() - 20, leased.lease.issued)
    honest = canonical.decode(made(leased, 1, run)[0])
    for wrong in ("-1", str(codec.MAX_TIME + 1), "253402300799999", *NUMBERS):
        for name in ("run", "number"):
            quiet()
            mark = {one: str(number) for one, number in honest["canary"].items()} | {name: wrong}
            data = _object({"canary": _object(mark).decode(), "header": canonical.encode(honest["header"]).decode()})
            assert leased.outcome(leased.segment(), (data, b"DLS1")) == ["stored", "bad_header"], wrong
            assert quiet() <= 1, wrong
    assert rows.one("SELECT count(*) FROM device_report WHERE device_id = %s", leased.device) == 0


def test_R06_extreme_reports_are_refused(leased: Agent, rows: Rows, quiet: Callable[[], int]) -> None:
    honest = Report(leased.device, ReportKind.STOPPED, 0, "ab" * 32, 0, now(), "")
    for wrong, data in extremes(honest, frozenset({"at"})):
        quiet()
        message = leased.hello()
        message.custom_message.CopyFrom(opamp.report(dsse.sign(Report.TYPE, data, [leased.key])))
        answer = post(leased, "/v1/opamp", message.SerializeToString(), opamp.CONTENT_TYPE)
        if answer.status_code == 200:
            assert opamp.server_message(answer.content, framed=False).HasField("error_response"), wrong
        else:
            assert 400 <= answer.status_code < 500, wrong
        assert quiet() <= 1, wrong
    assert rows.one("SELECT count(*) FROM device_report WHERE device_id = %s", leased.device) == 0


def test_R06_extreme_tallies_are_refused(agent: Agent, rows: Rows, quiet: Callable[[], int]) -> None:
    days = ('"0001-01-01"', '"9999-12-31"', '"10000-01-01"', '"2026-02-30"')
    found = [*extremes(said(agent), frozenset({"at"}))]
    whole = {name: canonical.encode(one).decode() for name, one in codec.to_value(said(agent)).items()}
    found += [(day, _object(whole | {"day": day})) for day in days]
    for wrong, data in found:
        quiet()
        answer = post(agent, "/v1/tallies", dsse.sign(Tally.TYPE, data, [agent.key]), tally.CONTENT_TYPE)
        assert 400 <= answer.status_code < 500, wrong
        assert quiet() <= 1, wrong
    assert rows.one("SELECT count(*) FROM tally WHERE device_id = %s", agent.device) == 0


def test_R06_extreme_enrolments_are_refused(
    gateway: Gateway, rows: Rows, person: Callable[..., UUID], quiet: Callable[[], int]
) -> None:
    someone = person()
    rows.key(someone)
    agent, code = Agent(gateway.url), rows.code(someone)
    honest = Enrolment(code, dsse.raw_public(agent.key), "Linux", now())
    for wrong, data in extremes(honest, frozenset({"at"})):
        quiet()
        body = dsse.sign(Enrolment.TYPE, data, [agent.key])
        answer = requests.post(f"{gateway.url}/v1/enroll", data=body, timeout=SECONDS)
        assert 400 <= answer.status_code < 500, wrong
        assert quiet() <= 1, wrong
    assert rows.one("SELECT count(*) FROM device WHERE employee_id = %s", someone) == 0
    assert rows.one("SELECT used_at FROM enrolment_code WHERE employee_id = %s", someone) is None


def test_R06_extreme_requests_are_refused(agent: Agent, gateway: Gateway, quiet: Callable[[], int]) -> None:
    honest = DeviceRequest(agent.device, "POST", "/v1/segments", bytes(32), now(), bytes(16))
    for wrong, data in extremes(honest, frozenset({"at"})):
        quiet()
        token = base64.urlsafe_b64encode(dsse.sign(DeviceRequest.TYPE, data, [agent.key])).decode()
        headers = {"Authorization": f"Daylight-Device {token[:7_000]}", "Content-Type": segment.CONTENT_TYPE}
        answer = requests.post(f"{gateway.url}/v1/segments", headers=headers, timeout=SECONDS)
        assert answer.status_code == 401, wrong
        assert quiet() <= 1, wrong


@pytest.mark.parametrize("token", [b"\xff\xfe", b"\xed\xa0\x80", b"a\x80b", b"x" * 7_000], ids=str)
def test_R06_extreme_tokens_are_refused(gateway: Gateway, quiet: Callable[[], int], token: bytes) -> None:
    answer = requests.post(f"{gateway.url}/v1/opamp", headers={"Authorization": b"Bearer " + token}, timeout=SECONDS)
    assert answer.status_code == 401
    assert quiet() <= 1


@pytest.mark.parametrize(
    "change",
    [
        {"seq": canonical.MAX_INT},
        {"counts": {"keys": canonical.MAX_INT, "redacted": canonical.MAX_INT}},
        {"categories": ("é" * 1_000,)},
        {"context": "x" * 3_000},
        {"policy": "x" * 2_000},
        {"policy_version": canonical.MAX_INT},
        {"size": 0},
        {"size": segment.MAX_SIZE},
        {"start": 0, "end": codec.MAX_TIME},
        {"kind": Kind.SCREENSHOT},
    ],
    ids=",".join,
)
def test_R06_what_a_header_may_say_at_its_bounds_has_an_outcome(
    leased: Agent, quiet: Callable[[], int], change: dict[str, Any]
) -> None:
    outcomes = leased.outcome(leased.segment(), leased.segment(b"", **change), leased.segment())
    assert (outcomes[0], outcomes[2]) == ("stored", "stored")
    assert quiet() <= 1


def test_R06_a_report_at_its_bounds_is_kept_short(leased: Agent, rows: Rows) -> None:
    report = Report(leased.device, ReportKind.FAILED, canonical.MAX_INT, None, canonical.MAX_INT, 0, "x" * 100_000)
    message = leased.hello()
    message.custom_message.CopyFrom(opamp.report(documents.sign(report, [leased.key])))
    answer = post(leased, "/v1/opamp", message.SerializeToString(), opamp.CONTENT_TYPE)
    assert answer.status_code == 200
    kept = "SELECT directive, length(detail) FROM device_report WHERE device_id = %s"
    newest = rows.one("SELECT directive_number FROM employee WHERE id = %s", leased.employee)
    assert rows.all(kept, leased.device) == [(newest, 500)]


def post(agent: Agent, path: str, body: bytes, content_type: str) -> requests.Response:
    """A signed POST, again when it came too soon."""
    while (answer := agent.post(path, body, content_type)).status_code == 429:
        pass
    return answer
