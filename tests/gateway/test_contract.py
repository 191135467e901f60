"""R06: whatever is sent, the gateway answers as gateway/openapi.yaml says; signed requests reach the parsers behind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS

from portal.capture.rules import Refusal
from tests.gateway.agent import Agent
from tests.gateway.process import Gateway, Rows
from wire import opamp, segment

CONTRACT = Path(__file__).resolve().parents[2] / "gateway" / "openapi.yaml"
SCHEMA = schemathesis.openapi.from_path(str(CONTRACT))
# A well-formed envelope that nobody signed, or bytes that are no message, fit their schema and are rightly refused.
ALL_BUT_ACCEPTANCE = [check for check in CHECKS.get_all() if check.__name__ != "positive_data_acceptance"]
MODEST = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@schemathesis.serializer(opamp.CONTENT_TYPE, segment.CONTENT_TYPE)
def as_it_is(_context: Any, value: Any) -> bytes:
    """Bodies of bytes are sent as they were made."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.mark.slow
@MODEST
@SCHEMA.parametrize()
def test_R06_every_answer_is_one_of_the_contract(case: Any, gateway: Gateway) -> None:
    answer = case.call(base_url=gateway.url, timeout=30)
    case.validate_response(answer, checks=ALL_BUT_ACCEPTANCE)
    assert answer.status_code < 500


@pytest.fixture
def signer(gateway: Gateway, rows: Rows, person: Callable[..., UUID]) -> Callable[[], Agent]:
    """Enough devices that no rate limit stands before the parsers."""
    person_id = person()
    agents = [rows.agent(gateway.url, person_id) for _ in range(4)]
    turn = iter(range(10**9))
    return lambda: agents[next(turn) % len(agents)]


def parts() -> st.SearchStrategy[bytes]:
    pair = st.tuples(st.binary(max_size=200) | st.just(b"{}"), st.binary(max_size=200))
    return st.lists(pair, max_size=4).map(segment.pack)


def messages() -> st.SearchStrategy[bytes]:
    def build(uid: bytes, number: int, config: bytes, report: bytes) -> bytes:
        message = opamp.AgentToServer(instance_uid=uid, sequence_num=number)
        message.remote_config_status.last_remote_config_hash = config
        message.custom_message.CopyFrom(opamp.report(report))
        return bytes(message.SerializeToString())

    uid = st.binary(min_size=16, max_size=16) | st.binary(max_size=20)
    return st.builds(build, uid, st.integers(0, 2**64 - 1), st.binary(max_size=40), st.binary(max_size=200))


@MODEST
@given(body=st.binary(max_size=300) | parts(), data=st.data())
def test_R06_signed_uploads_never_break_the_parser(
    signer: Callable[[], Agent], body: bytes, data: st.DataObject
) -> None:
    answer = signer().post("/v1/segments", body, segment.CONTENT_TYPE)
    assert answer.status_code in {200, 400}, answer.text


@MODEST
@given(body=st.binary(max_size=300) | messages())
def test_R06_signed_polls_never_break_the_parser(signer: Callable[[], Agent], body: bytes) -> None:
    answer = signer().post("/v1/opamp", body, opamp.CONTENT_TYPE)
    assert answer.status_code in {200, 400}, answer.text


def test_R06_the_contract_lists_every_reason() -> None:
    listed = SCHEMA.raw_schema["components"]["schemas"]["Outcomes"]["properties"]["results"]["items"]
    assert {reason for reason in listed["properties"]["reason"]["enum"] if reason} == {str(one) for one in Refusal}
