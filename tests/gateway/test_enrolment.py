"""P09: a code makes one device, once, within 15 minutes; a stolen request cannot be used again."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import requests

from gateway.enrol import group
from portal.agents.rules import new_code
from tests.cast import Organisation
from tests.gateway.agent import Agent, now
from tests.gateway.process import Gateway, Rows
from wire import documents, dsse, segment
from wire.documents import Enrolment

SECONDS = 30


@pytest.fixture
def keyed(rows: Rows, person: Callable[..., UUID]) -> UUID:
    """A person with a key document, who can add devices."""
    made = person()
    rows.key(made)
    return made


def enrol(gateway: Gateway, body: bytes) -> requests.Response:
    return requests.post(f"{gateway.url}/v1/enroll", data=body, timeout=SECONDS)


def slug(answer: requests.Response) -> tuple[int, str]:
    told = answer.json()
    assert told["message"].endswith(".")
    return answer.status_code, told["error"]


def test_P09_the_answer_holds_what_the_device_needs(
    gateway: Gateway, rows: Rows, keyed: UUID, organisation: Organisation
) -> None:
    trust = requests.get(f"{gateway.url}/v1/trust", timeout=SECONDS).content
    documents.open_trust(trust, documents.fingerprint(organisation.trust_envelope()))
    told = Agent(gateway.url).enrol(rows.code(keyed))
    assert told["employee"] == str(keyed)
    assert told["name"] == "Laptop"
    assert told["opamp"] == "/v1/opamp"
    assert abs(told["time"] - now()) < SECONDS * 1000
    assert rows.all("SELECT kind, name, platform FROM device WHERE id = %s", UUID(told["device"])) == [
        ("collector", "Laptop", "Linux test")
    ]
    assert rows.all("SELECT action FROM audit_entry WHERE object_id = %s", UUID(told["device"])) == [("device.added",)]


def test_P09_fifty_parallel_requests_make_one_device(gateway: Gateway, rows: Rows, keyed: UUID) -> None:
    code = rows.code(keyed)
    bodies = [Agent(gateway.url).enrolment(code) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda body: enrol(gateway, body), bodies))
    refused = [slug(answer) for answer in answers if answer.status_code != 200]
    assert len(refused) == 49
    assert set(refused) <= {(403, "code_invalid"), (429, "too_many_requests")}
    assert (403, "code_invalid") in refused
    assert rows.one("SELECT count(*) FROM device WHERE employee_id = %s", keyed) == 1


def test_P09_a_lost_answer_is_given_again_to_the_same_key_alone(gateway: Gateway, rows: Rows, keyed: UUID) -> None:
    agent, thief, code = Agent(gateway.url), Agent(gateway.url), rows.code(keyed)
    first = agent.enrol(code)  # and this answer is lost: the device signs anew
    again = agent.enrol(code)
    assert {**again, "time": 0} == {**first, "time": 0}
    assert slug(enrol(gateway, thief.enrolment(code))) == (403, "code_invalid")
    assert rows.one("SELECT count(*) FROM device WHERE employee_id = %s", keyed) == 1
    made = "SELECT action FROM audit_entry WHERE object_id = %s"
    assert rows.all(made, UUID(first["device"])) == [("device.added",)]


def test_P09_many_retries_at_once_are_one_device(gateway: Gateway, rows: Rows, keyed: UUID) -> None:
    agent, code = Agent(gateway.url), rows.code(keyed)
    bodies = [agent.enrolment(code) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: enrol(gateway, body), bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["device"] for answer in answers}) == 1
    assert rows.one("SELECT count(*) FROM device WHERE employee_id = %s", keyed) == 1


def test_P09_nothing_is_given_again_after_the_codes_life_or_to_a_removed_device(
    gateway: Gateway, rows: Rows, keyed: UUID
) -> None:
    for end in (
        "UPDATE enrolment_code SET expires_at = now() WHERE device_id = %s",
        "UPDATE device SET removed_at = now() WHERE id = %s",
    ):
        agent, code = Agent(gateway.url), rows.code(keyed)
        agent.enrol(code)
        rows.do(end, agent.device)
        assert slug(enrol(gateway, agent.enrolment(code))) == (403, "code_invalid")


def test_R04_a_flood_of_guesses_locks_out_nobody_else(gateway: Gateway, rows: Rows, keyed: UUID) -> None:
    def attempt(code: str) -> int:
        return enrol(gateway, Agent(gateway.url).enrolment(code)).status_code

    own = rows.code(keyed)
    guessed = next(code for code in iter(new_code, "") if group(code) != group(own))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, [guessed] * 60 + [new_code() for _ in range(400)]))
    assert attempt(own) == 200
    assert 429 in answers[:60], "one code cannot be tried without end"
    assert set(answers) == {403, 429}


def test_P09_wrong_expired_used_and_foreign_codes_look_alike(
    gateway: Gateway, rows: Rows, keyed: UUID, person: Callable[..., UUID]
) -> None:
    used = rows.code(keyed)
    Agent(gateway.url).enrol(used)
    gone = person("Ben Okafor", left_at="2026-01-01")
    codes = [new_code(), rows.code(keyed, timedelta(seconds=-1)), used, rows.code(gone)]
    answers = [enrol(gateway, Agent(gateway.url).enrolment(code)) for code in codes]
    assert [slug(answer) for answer in answers] == [(403, "code_invalid")] * 4
    assert len({answer.text for answer in answers}) == 1
    assert rows.one("SELECT count(*) FROM device WHERE employee_id = %s", keyed) == 1


def test_P09_a_code_is_typed_in_any_case_with_or_without_hyphens(gateway: Gateway, rows: Rows, keyed: UUID) -> None:
    Agent(gateway.url).enrol(rows.code(keyed).lower().replace("-", " "))


def test_P09_the_code_is_bound_to_the_key_that_signed(gateway: Gateway, rows: Rows, keyed: UUID) -> None:
    honest, thief = Agent(gateway.url), Agent(gateway.url)
    stolen = documents.read(Enrolment, dsse.payload_of(honest.enrolment(rows.code(keyed))))
    own_key = replace(stolen, public_key=dsse.raw_public(thief.key))
    for body in (documents.sign(stolen, [thief.key]), documents.sign(own_key, [honest.key])):
        assert slug(enrol(gateway, body)) == (400, "malformed")
    assert rows.one("SELECT count(*) FROM device WHERE employee_id = %s", keyed) == 0


def test_P09_one_changed_byte_is_refused_and_leaves_the_code(gateway: Gateway, rows: Rows, keyed: UUID) -> None:
    agent = Agent(gateway.url)
    body = agent.enrolment(rows.code(keyed))
    for position in range(0, len(body), len(body) // 20):
        mutated = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
        assert enrol(gateway, mutated).status_code in {400, 403}
    assert enrol(gateway, body).status_code == 200


def test_P09_a_key_is_one_device_only(gateway: Gateway, rows: Rows, keyed: UUID) -> None:
    agent = Agent(gateway.url)
    agent.enrol(rows.code(keyed))
    code = rows.code(keyed)
    assert slug(enrol(gateway, agent.enrolment(code))) == (400, "key_known")
    Agent(gateway.url).enrol(code)


def test_P09_without_a_key_document_the_code_is_kept(gateway: Gateway, rows: Rows, person: Callable[..., UUID]) -> None:
    newcomer = person()
    code = rows.code(newcomer)
    answer = enrol(gateway, Agent(gateway.url).enrolment(code))
    assert slug(answer) == (503, "key_not_ready")
    assert "key for what you capture" in answer.json()["message"]
    assert answer.headers["Retry-After"]
    rows.key(newcomer)
    Agent(gateway.url).enrol(code)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"device": uuid4()}, "device_unknown"),
        ({"method": "GET"}, "signature_other"),
        ({"path": "/v1/opamp"}, "signature_other"),
        ({"body_sha256": bytes(32)}, "signature_other"),
        ({"at": now() - 31_000}, "time"),
        ({"at": now() + 3600_000}, "time"),
    ],
)
def test_P09_a_signature_is_for_exactly_one_request(agent: Agent, change: dict[str, object], expected: str) -> None:
    agent.poll()
    answer = agent.post("/v1/segments", segment.pack([agent.segment()]), segment.CONTENT_TYPE, **change)
    assert slug(answer) == (401, expected)
    assert abs(answer.json()["time"] - now()) < SECONDS * 1000


def test_P09_a_stolen_request_cannot_be_replayed(agent: Agent, rows: Rows) -> None:
    agent.poll()
    body = segment.pack([agent.segment()])
    headers = agent.signed("POST", "/v1/segments", body) | {"Content-Type": segment.CONTENT_TYPE}
    url = f"{agent.url}/v1/segments"
    assert requests.post(url, data=body, headers=headers, timeout=SECONDS).status_code == 200
    assert slug(requests.post(url, data=body, headers=headers, timeout=SECONDS)) == (401, "replayed")
    assert slug(requests.post(url, data=body + b"x", headers=headers, timeout=SECONDS)) == (401, "replayed")
    assert rows.one("SELECT count(*) FROM segment WHERE employee_id = %s", agent.employee) == 1


def test_P09_another_key_cannot_sign_for_a_device(agent: Agent) -> None:
    thief = Agent(agent.url, device=agent.device, employee=agent.employee)
    assert slug(thief.post("/v1/segments", b"", segment.CONTENT_TYPE)) == (401, "signature_wrong")


@pytest.mark.parametrize(
    "value", ["", "Daylight-Device", "Daylight-Device !!", "Basic eDp5", "Bearer ", "Bearer wrong"]
)
def test_P09_without_a_good_authorization_nothing_is_read(agent: Agent, value: str) -> None:
    for method, path in (("POST", "/v1/segments"), ("POST", "/v1/opamp"), ("GET", "/v1/opamp")):
        answer = requests.request(method, agent.url + path, headers={"Authorization": value}, timeout=SECONDS)
        assert answer.status_code == 401
        assert "Daylight-Device" in answer.headers["WWW-Authenticate"]


def test_P09_a_removed_device_is_dead_at_once(agent: Agent, rows: Rows) -> None:
    agent.poll()
    part = agent.segment()
    rows.remove(agent.device)
    assert slug(agent.post("/v1/segments", segment.pack([part]), segment.CONTENT_TYPE)) == (403, "device_removed")
    assert slug(agent.post("/v1/opamp", b"", "application/x-protobuf")) == (403, "device_removed")


def test_P09_log_lines_name_nobody(environment: dict[str, str], rows: Rows, keyed: UUID) -> None:
    with Gateway(environment) as own:
        agent = rows.agent(own.url, keyed)
        agent.poll()
        agent.outcome(agent.segment(lease=uuid4(), context="secret-context"))
        enrol(own, b"nonsense")
        rows.remove(agent.device)
        agent.post("/v1/segments", b"", segment.CONTENT_TYPE)
        log = own.stop()
    events = [json.loads(line) for line in log.splitlines()]
    assert {event["reason"] for event in events if event["event"] == "refused"} >= {"malformed", "device_removed"}
    for secret in (str(keyed), str(agent.device), "secret-context", "Amira", "Laptop"):
        assert secret not in log
