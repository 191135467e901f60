"""A tally is taken once, from the device that signed it, for a day that is over (P01, P09)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.core import clock
from tests.gateway.agent import Agent
from tests.gateway.process import Gateway, Rows
from tests.reconciliation.conftest import tally_of
from wire import documents, tally
from wire.documents import Report, ReportKind
from wire.tally import Tally

KEPT = "SELECT refused, hash FROM tally WHERE device_id = %s ORDER BY refused"


def days_ago(days: int) -> date:
    return clock.now().date() - timedelta(days=days)


def said(agent: Agent, days: int = 1, **changes: Any) -> Tally:
    return tally_of(agent, days_ago(days), [], at=1, **changes)


def post(agent: Agent, document: Any, key: Ed25519PrivateKey | None = None) -> tuple[int, str]:
    answer = agent.post("/v1/tallies", documents.sign(document, [key or agent.key]), tally.CONTENT_TYPE)
    return answer.status_code, answer.json().get("error", "")


def test_P01_a_tally_is_taken_once_and_again_the_same(agent: Agent, rows: Rows) -> None:
    document = said(agent)
    assert [post(agent, document) for _ in range(3)] == [(200, "")] * 3
    assert rows.all(KEPT, agent.device) == [(False, documents.document_hash(document))]
    assert rows.one("SELECT employee_id FROM tally WHERE device_id = %s", agent.device) == agent.employee


def test_P01_a_second_tally_that_differs_is_refused_and_kept(agent: Agent, rows: Rows) -> None:
    first, other, third = said(agent), said(agent, unsure=(uuid4(),)), said(agent, unsure=(uuid4(),))
    answers = [post(agent, one) for one in (first, other, third, first)]
    assert answers == [(200, ""), (409, "tally_differs"), (409, "tally_differs"), (200, "")]
    assert rows.all(KEPT, agent.device) == [
        (no, documents.document_hash(one)) for no, one in ((False, first), (True, other))
    ]


def test_P01_only_the_device_itself_signs_its_tally(
    gateway: Gateway, agent: Agent, rows: Rows, person: Callable[..., UUID]
) -> None:
    other = rows.agent(gateway.url, person())
    assert post(agent, said(agent), other.key) == (400, "malformed")
    assert post(agent, said(other)) == (400, "malformed")
    assert post(agent, said(other), other.key) == (400, "malformed")
    report = Report(agent.device, ReportKind.STOPPED, 1, None, 1, 1, "")
    assert post(agent, report) == (400, "malformed")
    assert rows.all(KEPT, agent.device) == rows.all(KEPT, other.device) == []


@pytest.mark.parametrize(
    ("days", "answer"), [(0, (425, "too_early")), (-1, (425, "too_early")), (41, (400, "malformed"))]
)
def test_a_day_that_is_not_over_or_long_ago_has_no_tally(agent: Agent, days: int, answer: tuple[int, str]) -> None:
    assert post(agent, said(agent, days)) == answer


def test_P09_a_tally_needs_a_signed_request(gateway: Gateway, agent: Agent) -> None:
    body = documents.sign(said(agent), [agent.key])
    bare = agent.http.post(f"{gateway.url}/v1/tallies", data=body, timeout=30)
    assert bare.status_code == 401
    assert agent.post("/v1/tallies", body, tally.CONTENT_TYPE, path="/v1/segments").status_code == 401
    assert agent.post("/v1/tallies", body, "application/json").status_code == 415
    assert agent.post("/v1/tallies", b"x" * (tally.MAX_BODY + 1), tally.CONTENT_TYPE).status_code == 413
