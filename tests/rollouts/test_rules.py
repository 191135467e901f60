"""Whom a policy in rings holds for, by property; what rings there may be, and when a rollout may go on (P03)."""

import dataclasses
import random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from portal.policies.drafts.rules import ending_with
from portal.policies.queries import Offered
from portal.policies.rollouts import rules
from portal.policies.rollouts.rules import Figures, Hold, Row
from portal.policies.rules import (
    AT_ONCE,
    PLACES,
    USUAL_GATE,
    Gate,
    RingsError,
    Workplace,
    check_rings,
    gate_from,
    in_force,
    place,
    rings_of,
)
from tests.wire.samples import DAY, POLICY
from tests.wire.test_widens_model import neighbours, policies
from wire.difference import Effect, lines
from wire.policy import Audience, Policy, widens
from wire.precedence import Change

EVERYBODY = Audience(None, None, None)
NOWHERE = Workplace(None, None, None)
NOW = 3
PEOPLE = st.integers(0, 10**6).map(lambda number: UUID(int=number, version=4))
OLD = dataclasses.replace(POLICY, audience=EVERYBODY)
MORE = dataclasses.replace(OLD, version=OLD.version + 1, max_sensitivity=4, self_service_hours=0)
LESS = dataclasses.replace(OLD, version=OLD.version + 1, rules=OLD.rules[:1])


def offered(policy: Policy, reached: int = 100) -> Offered:
    return Offered(policy, f"{policy.version:064}", reached)


def valid(policy: Policy, version: int) -> Policy:
    """The policy as it is in force for everybody at NOW."""
    return dataclasses.replace(policy, version=version, audience=EVERYBODY, not_before=0)


@given(policies(), st.data(), PEOPLE, st.integers(1, 100))
def test_P03_what_asks_for_no_more_is_never_held_back(
    old: Policy, data: st.DataObject, person: UUID, reached: int
) -> None:
    old, new = valid(old, 1), valid(data.draw(neighbours(old)), 2)
    assume(not widens(old, new))
    found = in_force([offered(old), offered(new, reached)], NOWHERE, person, NOW)
    assert found
    assert found.policy == new


@given(PEOPLE, st.integers(1, 100), st.integers(0, 100))
def test_P03_outside_the_ring_the_policy_before_holds(person: UUID, reached: int, more: int) -> None:
    now = OLD.not_before
    old, new = offered(OLD), offered(MORE, reached)
    inside = place(new.hash, person) < reached * PLACES // 100
    found = in_force([new, old], NOWHERE, person, now)
    assert found is (new if inside else old)
    wider = dataclasses.replace(new, reached=min(reached + more, 100))
    later = in_force([old, wider], NOWHERE, person, now)
    assert later
    assert later.policy.version >= found.policy.version, "nobody goes back"
    assert in_force([old, new], NOWHERE, None, now) is (new if reached == 100 else old)


def test_without_a_policy_before_those_who_wait_have_none() -> None:
    person = next(one for one in map(UUID, (f"{n:032x}" for n in range(99))) if place("0" * 63 + "8", one) >= 100)
    only = offered(dataclasses.replace(MORE, version=8), 1)
    assert in_force([only], NOWHERE, person, OLD.not_before) is None


def test_P03_a_part_of_what_is_held_back_waits_with_it() -> None:
    """The officer alone narrows what is going out: to those who wait that is still more than they have."""
    part = dataclasses.replace(MORE, version=MORE.version + 1, max_sensitivity=OLD.max_sensitivity)
    assert not widens(MORE, part)
    assert widens(OLD, part)
    out = [offered(OLD), offered(MORE, 50), offered(part)]
    people = [UUID(int=number, version=4) for number in range(200)]
    for person in people:
        found = in_force(out, NOWHERE, person, OLD.not_before)
        inside = place(out[1].hash, person) < PLACES // 2
        assert found is (out[2] if inside else out[0])
    closer = offered(dataclasses.replace(part, version=1, audience=Audience(("berlin",), None, None)))
    there = Workplace("berlin", None, None)
    assert in_force([*out, closer], there, people[0], OLD.not_before) is closer, "it was there before the rollout"


@settings(max_examples=60, deadline=None)
@given(st.data(), policies(), PEOPLE, st.randoms(use_true_random=False))
def test_P03_devices_take_whatever_rings_and_narrowings_bring(
    data: st.DataObject, first: Policy, person: UUID, chance: random.Random
) -> None:
    """A device obeys one policy after the other; each that the server gives is newer, and signed for as it must be."""
    out = [offered(valid(first, 1))]
    by_council, ended = {1}, set[int]()
    current = out[0].policy
    for _ in range(data.draw(st.integers(1, 6))):
        if chance.random() < 0.6:
            newest = out[-1].policy
            new = valid(data.draw(neighbours(newest)), newest.version + 1)
            if widens(newest, new):
                by_council.add(new.version)
            ended |= {
                at
                for at, one in enumerate(out)
                if rules.overtakes([before.policy for before in out[:at]], one.policy, new)
            }
            out.append(offered(new, chance.choice((1, 50)) if _may_ring(newest, new) else 100))
        else:
            at = chance.choice([at for at in range(len(out)) if at not in ended])
            out[at] = dataclasses.replace(out[at], reached=max(out[at].reached, chance.choice((50, 100))))
        found = in_force(out, NOWHERE, person, NOW)
        assert found
        given_ = found.policy
        if given_ != current:
            assert given_.version > current.version, "no device goes back"
            base = max(version for version in by_council if version <= given_.version)
            assert base > current.version or not widens(current, given_), "it follows, or what both signed comes first"
        current = given_


def _may_ring(old: Policy, new: Policy) -> bool:
    try:
        check_rings((1, 100), Change(old, new))
    except RingsError:
        return False
    return True


def test_places_are_spread_evenly_and_differ_from_policy_to_policy() -> None:
    people = [UUID(int=number, version=4) for number in range(20_000)]
    first = {one for one in people if place("a" * 64, one) < PLACES // 10}
    second = {one for one in people if place("b" * 64, one) < PLACES // 10}
    assert 1_800 < len(first) < 2_200
    assert len(first & second) < 300, "it is not always the same people who try"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1, 10, 100", (1, 10, 100)),
        ("1%; 100 %", (1, 100)),
        ("", AT_ONCE),
        ("100", AT_ONCE),
        ("10", "rings_order"),
        ("0, 100", "rings_order"),
        ("10, 10, 100", "rings_order"),
        ("100, 1", "rings_order"),
        ("1,2,3,4,5,6,7,8,9,10,100", "rings_order"),
        ("one, 100", "rings_numbers"),
        ("-1, 100", "rings_numbers"),
        ("²0, 100", "rings_numbers"),
        ("1.5, 100", "rings_numbers"),
    ],
)
def test_rings_in_a_form(text: str, expected: tuple[int, ...] | str) -> None:
    if isinstance(expected, str):
        with pytest.raises(RingsError) as refused:
            rings_of(text)
        assert refused.value.why == expected
    else:
        assert rings_of(text) == expected


@pytest.mark.parametrize(
    ("most_failed", "least_applied", "expected"),
    [
        ("", "", USUAL_GATE),
        (" 0 % ", "100", Gate(0, 100)),
        ("50", "1", Gate(50, 1)),
        ("51", "80", "most_failed"),
        ("-1", "80", "most_failed"),
        ("five", "80", "most_failed"),
        ("²", "80", "most_failed"),
        ("5", "0", "least_applied"),
        ("5", "101", "least_applied"),
        ("5", "8.5", "least_applied"),
    ],
)
def test_a_gate_in_a_form(most_failed: str, least_applied: str, expected: Gate | str) -> None:
    if isinstance(expected, str):
        with pytest.raises(RingsError) as refused:
            gate_from(most_failed, least_applied)
        assert (refused.value.why, refused.value.field) == (expected, expected)
    else:
        assert gate_from(most_failed, least_applied) == expected


def test_P03_rings_are_only_for_what_asks_for_more() -> None:
    check_rings((1, 100), Change(OLD, MORE))
    check_rings((1, 100), Change(None, OLD))
    check_rings(AT_ONCE, Change(OLD, LESS))
    for new in (LESS, dataclasses.replace(OLD, version=9)):
        with pytest.raises(RingsError) as refused:
            check_rings((1, 100), Change(OLD, new))
        assert refused.value.why == "rings_narrowing"
    both = dataclasses.replace(MORE, rules=OLD.rules[:1])
    with pytest.raises(RingsError) as refused:
        check_rings((1, 100), Change(OLD, both))
    assert refused.value.why == "rings_mixed"


def test_the_seconds_that_a_form_does_not_hold_end_nothing_earlier() -> None:
    old = dataclasses.replace(OLD, expires=OLD.expires - OLD.expires % 60_000 + 1234)
    minute = dataclasses.replace(MORE, expires=old.expires - 1234)
    assert ending_with(minute, old).expires == old.expires
    earlier = dataclasses.replace(MORE, expires=old.expires - DAY)
    assert ending_with(earlier, old) is earlier
    assert ending_with(minute, None) is minute


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(policies(), st.data())
def test_P03_what_takes_a_rollout_back_asks_for_no_more_than_either(old: Policy, data: st.DataObject) -> None:
    old, out = (
        dataclasses.replace(valid(one, number), expires=one.expires * 60_000)
        for number, one in enumerate((old, data.draw(neighbours(old))), 1)
    )
    assume(_may_ring(old, out))
    draft = rules.restored(old, out)
    again = dataclasses.replace(draft, version=3, not_before=NOW)
    assert not widens(old, again), "whoever waited gets nothing more"
    more = [line.code for line in lines(out, again) if line.effect is Effect.MORE]
    both_ways = ("purpose", "legal_basis", "assessment", "context")
    assert all(code.startswith(both_ways) for code in more), "else the officer's signature is enough for who had it"
    assert rules.overtakes((old,), out, again)


def test_what_ends_a_rollout() -> None:
    part = dataclasses.replace(MORE, version=MORE.version + 1, max_sensitivity=OLD.max_sensitivity)
    wider = dataclasses.replace(MORE, version=MORE.version + 1, self_service_hours=0, pause_min_minutes=99)
    assert not rules.overtakes((OLD,), MORE, part), "it narrows what goes out, for those who have it"
    assert rules.overtakes((OLD,), MORE, wider)
    elsewhere = dataclasses.replace(wider, audience=Audience(("berlin",), None, None))
    assert not rules.overtakes((OLD,), MORE, elsewhere), "the others still wait for it"
    assert rules.overtakes((OLD,), MORE, dataclasses.replace(LESS, version=MORE.version + 1))


GATE = Gate(most_failed=5, least_applied=80)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (Figures(0, 0, 0, 0, 0), None),
        (Figures(10, 0, 0, 0, 0), Hold.NOT_OFFERED),
        (Figures(100, 50, 39, 39, 0), Hold.TOO_FEW),
        (Figures(100, 50, 40, 40, 0), None),
        (Figures(100, 100, 100, 95, 5), None),
        (Figures(100, 100, 100, 94, 6), Hold.FAILED),
        (Figures(100, 100, 1, 0, 1), Hold.FAILED),
    ],
)
def test_the_gate(figures: Figures, expected: Hold | None) -> None:
    assert rules.gate_holds(figures, GATE) is expected


def test_the_gate_looks_at_the_rings_reached() -> None:
    good, bad = Figures(10, 10, 10, 10, 0), Figures(10, 10, 10, 0, 10)
    hidden = Figures(None, None, None, None, None)
    rows = [Row(0, None, good), Row(1, None, bad), Row(None, "berlin", bad), Row(2, None, hidden)]
    assert rules.reached(rows, 0) == good
    assert rules.reached(rows, 1) == Figures(20, 20, 20, 10, 10)
    assert rules.reached(rows, 2).devices is None
