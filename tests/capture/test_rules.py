"""The admission decision: honest segments pass, and each lie has its own refusal."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.capture.rules import AHEAD_MS, Facts, Grant, Refusal, Stopped, decide, local_day
from portal.pauses.rules import Pause
from wire.documents import Kind
from wire.policy import Audience, Context, Hours, Policy, Rule, Words
from wire.segment import LONGEST_MS, MAX_BODY, Header

NOW = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()) * 1000
MAX_AGE = 86_400_000
LEASE_START, LEASE_END = NOW - 600_000, NOW + 120_000
DEVICE, EMPLOYEE, LEASE, KEY = (UUID(int=n) for n in range(1, 5))
HASH = "ab" * 32
CONTEXTS = ("vscode", "mail")
WORDS = Words("why", "warum")

POLICY = Policy(
    version=3,
    issued=0,
    not_before=NOW - 30 * MAX_AGE,
    expires=NOW + 30 * MAX_AGE,
    audience=Audience(None, None, None),
    contexts=tuple(Context(name, name, (name,), ()) for name in CONTEXTS),
    rules=(Rule(Kind.KEY, CONTEXTS, 1000, 0, 30), Rule(Kind.POINTER, ("vscode",), 1000, 0, 30)),
    exclusions=(),
    hours=None,
    redaction=(),
    max_sensitivity=3,
    purpose=WORDS,
    legal_basis=WORDS,
    impact_assessment="DPIA-1",
    pause_min_minutes=30,
    self_service_hours=24,
    lease_ttl_s=120,
)
GRANT = Grant(LEASE, frozenset({DEVICE}), HASH, KEY, {"key": CONTEXTS, "pointer": ("vscode",)}, LEASE_START, LEASE_END)
FACTS = Facts(NOW, MAX_AGE, DEVICE, EMPLOYEE, "Europe/Berlin", 1000, GRANT, POLICY, ())
HEADER = Header(
    segment=uuid4(),
    device=DEVICE,
    employee=EMPLOYEE,
    seq=7,
    kind=Kind.KEY,
    context="vscode",
    start=NOW - 70_000,
    end=NOW - 40_000,
    counts={"keys": 3, "redacted": 0},
    sensitivity=1,
    categories=(),
    policy=HASH,
    policy_version=3,
    lease=LEASE,
    key=KEY,
    size=100,
)

MOUSE: dict[str, Any] = {"kind": Kind.POINTER, "counts": {"points": 1}}


def pause(starts: int, ends: int | None, **fields: object) -> Pause:
    return Pause(id=uuid4(), number=1, starts=starts, ends=ends, **fields)  # type: ignore[arg-type]


def test_P06_an_honest_segment_is_stored() -> None:
    assert decide(HEADER, FACTS) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"counts": {"points": 1}}, Refusal.BAD_HEADER),
        ({"employee": uuid4()}, Refusal.WRONG_PERSON),
        ({"device": uuid4()}, Refusal.WRONG_DEVICE),
        ({"start": NOW - MAX_AGE - 1}, Refusal.TOO_OLD),
        ({"end": NOW + AHEAD_MS + 1}, Refusal.IN_FUTURE),
        ({"start": HEADER.end - LONGEST_MS - 1}, Refusal.TOO_LONG),
        ({"lease": uuid4()}, Refusal.NO_LEASE),
        ({"start": LEASE_START - 1, "end": LEASE_START + 5}, Refusal.OUTSIDE_LEASE),
        ({"key": uuid4()}, Refusal.WRONG_KEY),
        ({"policy": "cd" * 32}, Refusal.WRONG_POLICY),
        ({"policy_version": 4}, Refusal.WRONG_POLICY),
        ({"context": "bank"}, Refusal.NOT_IN_POLICY),
        (MOUSE | {"context": "mail"}, Refusal.NOT_IN_POLICY),
        ({"kind": Kind.SCREENSHOT, "counts": {"images": 1}}, Refusal.NOT_IN_POLICY),
        ({"sensitivity": 4}, Refusal.NOT_IN_POLICY),
    ],
)
def test_P06_each_lie_in_a_header_has_its_refusal(change: dict[str, object], reason: Refusal) -> None:
    assert decide(replace(HEADER, **change), FACTS) is reason  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lease": None}, Refusal.NO_LEASE),
        ({"lease": replace(GRANT, devices=frozenset())}, Refusal.NO_LEASE),
        ({"lease": replace(GRANT, until=HEADER.end - 1)}, Refusal.OUTSIDE_LEASE),
        ({"lease": replace(GRANT, permitted={"key": ("mail",)})}, Refusal.OUTSIDE_LEASE),
        ({"policy": None}, Refusal.WRONG_POLICY),
        ({"policy": replace(POLICY, not_before=HEADER.start + 1)}, Refusal.NOT_IN_POLICY),
        ({"policy": replace(POLICY, hours=Hours((1, 2, 3, 4), 0, 1440))}, Refusal.NOT_IN_POLICY),
        ({"policy": replace(POLICY, hours=Hours((5,), 0, 12 * 60))}, Refusal.NOT_IN_POLICY),
        ({"body_size": MAX_BODY + 1}, Refusal.TOO_LARGE),
        ({"sequence_used": True}, Refusal.SEQUENCE_USED),
    ],
)
def test_P06_each_missing_permission_has_its_refusal(change: dict[str, object], reason: Refusal) -> None:
    assert decide(HEADER, replace(FACTS, **change)) is reason  # type: ignore[arg-type]


def test_P06_friday_inside_the_hours_is_stored() -> None:
    policy = replace(POLICY, hours=Hours((5,), 12 * 60, 14 * 60))
    assert decide(HEADER, replace(FACTS, policy=policy)) is None


@given(
    st.integers(NOW - 500_000, NOW - 60_000),
    st.integers(0, 60_000),
    st.integers(NOW - 500_000, NOW),
    st.integers(1, 400_000),
)
def test_P06_nothing_that_touches_a_pause_is_stored(start: int, length: int, begins: int, lasts: int) -> None:
    header = replace(HEADER, start=start, end=start + length)
    held = pause(begins, begins + lasts)
    touches = any(begins <= at < begins + lasts for at in (start, max(start, start + length - 1))) or (
        start <= begins < start + length
    )
    assert decide(header, replace(FACTS, pauses=(held,))) is (Refusal.PAUSED if touches else None)


@given(st.sampled_from(Kind), st.sampled_from(CONTEXTS), st.sets(st.sampled_from(["kind", "context", "here"])))
def test_P06_a_pause_of_a_scope_refuses_that_scope_only(kind: Kind, context: str, limits: set[str]) -> None:
    held = pause(
        HEADER.start,
        None,
        kinds=frozenset({kind}) if "kind" in limits else None,
        contexts=frozenset({context}) if "context" in limits else None,
        device=DEVICE if "here" in limits else uuid4(),
    )
    hit = (
        "here" in limits
        and ("kind" not in limits or kind is HEADER.kind)
        and ("context" not in limits or context == HEADER.context)
    )
    assert decide(HEADER, replace(FACTS, pauses=(held,))) is (Refusal.PAUSED if hit else None)


PAUSE_START = NOW - 30_000
STOP = Stopped(last_seq=6, directive=1, at=PAUSE_START + 200)


def test_P06_a_number_after_the_stop_cannot_claim_a_time_before_the_resume() -> None:
    facts = replace(FACTS, pauses=(pause(PAUSE_START, NOW - 1000),), stops=(STOP,))
    assert decide(replace(HEADER, seq=7), facts) is Refusal.AFTER_STOP
    assert decide(replace(HEADER, seq=6), facts) is None
    resumed = replace(HEADER, seq=7, start=NOW - 1000, end=NOW)
    assert decide(resumed, facts) is None


def test_P06_a_stop_that_seems_to_come_just_before_its_pause_still_bounds() -> None:
    facts = replace(FACTS, pauses=(pause(PAUSE_START, None),), stops=(replace(STOP, at=PAUSE_START - 900),))
    assert decide(HEADER, facts) is Refusal.AFTER_STOP


def test_P06_a_stop_bounds_only_the_scope_of_its_pause() -> None:
    held = pause(PAUSE_START, None, kinds=frozenset({Kind.KEY}))
    facts = replace(FACTS, pauses=(held,), stops=(STOP,))
    assert decide(HEADER, facts) is Refusal.AFTER_STOP
    assert decide(replace(HEADER, **MOUSE), facts) is None


def test_P06_a_stop_does_not_belong_to_a_pause_that_came_later() -> None:
    keys = pause(PAUSE_START, None, kinds=frozenset({Kind.KEY}))
    later = replace(pause(PAUSE_START + 1000, None), number=2)
    facts = replace(FACTS, pauses=(keys, later), stops=(STOP,))
    assert decide(replace(HEADER, **MOUSE), facts) is None


def test_the_day_is_the_persons_own() -> None:
    late = int(datetime(2026, 11, 20, 23, 30, tzinfo=UTC).timestamp()) * 1000
    assert local_day(late, "Europe/Berlin").isoformat() == "2026-11-21"
    assert local_day(late, "America/New_York").isoformat() == "2026-11-20"
