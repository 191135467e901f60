"""What may happen to a request in which state, as a table; and what its events add up to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.requests import rules
from portal.requests.refusals import NotNowError, Why
from portal.requests.rules import ALLOWED, FINAL, LIVE, EventKind, RequestState, Role, Standing

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
HANA, HENRY = uuid4(), uuid4()


@dataclass(frozen=True)
class Event:
    """As the table has it."""

    kind: str
    at: datetime = NOW
    actor_id: UUID | None = None
    words: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


def why(standing: Standing, kind: EventKind, role: Role, actor: UUID | None = None) -> Why:
    with pytest.raises(NotNowError) as error:
        rules.require(standing, kind, role, actor)
    return error.value.why


@pytest.mark.parametrize(("kind", "role", "state"), list(product(EventKind, Role, RequestState)))
def test_nobody_does_what_the_table_does_not_allow(kind: EventKind, role: Role, state: RequestState) -> None:
    roles, states = ALLOWED[kind]
    proposed = HANA if kind in {EventKind.DECIDED, EventKind.REJECTED} else None
    may = rules.may(Standing(state, proposed_by=proposed), kind, role, HENRY)
    assert may == (role in roles and state in states)


@pytest.mark.parametrize(
    ("state", "kind", "role", "expected"),
    [
        (RequestState.RUNNING, EventKind.WITHDRAWN, Role.EMPLOYEE, Why.RUNNING),
        (RequestState.WITHDRAWN, EventKind.WITHDRAWN, Role.EMPLOYEE, Why.ALREADY),
        (RequestState.DONE, EventKind.WITHDRAWN, Role.EMPLOYEE, Why.OVER),
        (RequestState.OPEN, EventKind.SENT, Role.EMPLOYEE, Why.ALREADY),
        (RequestState.OPEN, EventKind.ANSWERED, Role.EMPLOYEE, Why.NO_QUESTION),
        (RequestState.DONE, EventKind.APPEALED, Role.EMPLOYEE, Why.NO_APPEAL),
        (RequestState.OPEN, EventKind.EXTENDED, Role.EMPLOYEE, Why.NOT_YOURS),
        (RequestState.APPROVED, EventKind.PROPOSED, Role.HR, Why.DECIDED),
        (RequestState.DRAFT, EventKind.SAID, Role.EMPLOYEE, Why.NOT_SENT),
        (RequestState.ASKED_BACK, EventKind.ASKED_BACK, Role.HR, Why.ALREADY),
        (RequestState.REFUSED, EventKind.SAID, Role.EMPLOYEE, Why.OVER),
    ],
)
def test_a_refusal_says_why(state: RequestState, kind: EventKind, role: Role, expected: Why) -> None:
    assert why(Standing(state), kind, role) is expected


def test_four_eyes_are_of_two_people() -> None:
    standing = Standing(RequestState.OPEN, proposed_by=HANA)
    assert why(standing, EventKind.DECIDED, Role.HR, HANA) is Why.FOUR_EYES
    assert rules.may(standing, EventKind.DECIDED, Role.HR, HENRY)
    assert why(standing, EventKind.PROPOSED, Role.HR, HENRY) is Why.PROPOSED
    assert why(Standing(RequestState.OPEN), EventKind.DECIDED, Role.HR, HENRY) is Why.NO_PROPOSAL


def test_extension_and_appeal_are_allowed_once() -> None:
    extended = rules.fold([Event("sent"), Event("extended")])
    assert why(extended, EventKind.EXTENDED, Role.HR) is Why.ALREADY
    refused = [Event("sent"), Event("proposed", actor_id=HANA), Event("decided", params={"outcome": "refuse"})]
    assert rules.may(rules.fold(refused), EventKind.APPEALED, Role.EMPLOYEE)
    assert why(rules.fold([*refused, Event("appealed")]), EventKind.APPEALED, Role.EMPLOYEE) is Why.ALREADY


def test_the_fold_keeps_the_question_until_its_answer() -> None:
    asked = rules.fold([Event("sent"), Event("asked_back", words="Which weeks?", at=NOW + timedelta(hours=1))])
    assert (asked.state, asked.question) == (RequestState.ASKED_BACK, "Which weeks?")
    answered = rules.after(asked, Event("answered", words="May."))
    assert (answered.state, answered.question) == (RequestState.OPEN, "")


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([Event("decided", params={"outcome": "approve"})], RequestState.APPROVED),
        ([Event("decided", params={"outcome": "partial"})], RequestState.APPROVED),
        ([Event("decided", params={"outcome": "refuse"})], RequestState.REFUSED),
        ([Event("decided", params={"outcome": "approve"}), Event("started")], RequestState.RUNNING),
        ([Event("closed", params={"state": "partial"}), Event("reopened")], RequestState.RUNNING),
        ([Event("closed", params={"state": "partial"}), Event("retried")], RequestState.RUNNING),
        ([Event("merged", params={"into": 3})], RequestState.MERGED),
    ],
)
def test_the_fold_leads_to_the_state(events: list[Event], state: RequestState) -> None:
    assert rules.fold([Event("sent"), *events]).state is state


STEP = st.tuples(st.sampled_from(EventKind), st.sampled_from(Role), st.sampled_from((HANA, HENRY)))


@given(st.lists(STEP, max_size=30))
def test_allowed_acts_never_leave_a_final_state_but_by_reopening(steps: list[tuple[EventKind, Role, UUID]]) -> None:
    standing = Standing()
    for kind, role, actor in steps:
        if not rules.may(standing, kind, role, actor):
            continue
        before = standing.state
        params = {"outcome": "refuse", "state": "partial"}
        standing = rules.after(standing, Event(kind.value, actor_id=actor, params=params))
        if before in FINAL and standing.state in LIVE:
            assert kind in {EventKind.REOPENED, EventKind.RETRIED}
        assert standing.state is not RequestState.DRAFT
