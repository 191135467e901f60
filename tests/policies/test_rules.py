"""When a draft may be in force, beside which others, and what it becomes when it is submitted."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.clock import to_ms
from portal.policies.deciding.rules import timely
from portal.policies.drafts import rules
from portal.policies.rules import Workplace, is_for
from tests.wire.samples import DAY, NOW, POLICY
from wire import difference
from wire.policy import Audience, Policy
from wire.precedence import Change, specific

NOBODY_LIMITED = Audience(None, None, None)


def at(**fields: Any) -> Policy:
    return dataclasses.replace(POLICY, issued=0, not_before=0, version=1, **fields)


def of(audience: Audience, version: int = 3, **fields: Any) -> Policy:
    return dataclasses.replace(POLICY, audience=audience, version=version, **fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"expires": NOW}, [("ends", "past")]),
        ({"expires": NOW - DAY}, [("ends", "past")]),
        ({"not_before": NOW - DAY}, [("begins", "past")]),
        ({"not_before": NOW + 100 * DAY}, [("ends", "before_begin")]),
        ({"expires": NOW + 2000 * DAY}, [("ends", "too_far")]),
        ({"not_before": NOW + DAY}, []),
    ],
)
def test_dates_that_are_over_or_in_the_wrong_order_are_refused(
    fields: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    value = {"not_before": 0, "expires": NOW + 90 * DAY} | fields
    policy = dataclasses.replace(POLICY, issued=0)
    # One that would end before it begins is no document at all, so its end stays where only these rules look.
    if value["not_before"] >= value["expires"]:
        object.__setattr__(policy, "not_before", value["not_before"])
        object.__setattr__(policy, "expires", value["expires"])
    else:
        policy = dataclasses.replace(policy, **value)
    assert [(problem.path, problem.code) for problem in rules.untimely(policy, NOW)] == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (NOBODY_LIMITED, NOBODY_LIMITED, False),
        (Audience(("a",), None, None), NOBODY_LIMITED, False),
        (Audience(("a",), None, None), Audience(None, ("d",), None), True),
        (Audience(("a",), None, None), Audience(("b",), None, None), False),
        (Audience(("a", "b"), None, None), Audience(("b", "c"), None, None), True),
        (Audience(("a", "b"), None, None), Audience(("b", "a"), None, None), False),
        (Audience(("a",), ("d",), None), Audience(None, None, ("de",)), False),
        (Audience(("a",), ("d",), None), Audience(("a",), None, ("de",)), True),
    ],
)
def test_audiences_that_tie(one: Audience, other: Audience, expected: bool) -> None:  # noqa: FBT001
    assert rules.clash(one, other) is expected
    assert rules.clash(other, one) is expected


SMALL = st.none() | st.sets(st.sampled_from("ab"), min_size=1).map(lambda chosen: tuple(sorted(chosen)))
AUDIENCES = st.builds(Audience, SMALL, SMALL, SMALL)


@given(AUDIENCES, AUDIENCES)
def test_a_tie_is_a_person_for_whom_nobody_can_say_which_policy_holds(one: Audience, other: Audience) -> None:
    people = [Workplace(site, unit, country) for site in "ab" for unit in "ab" for country in "ab"]
    both = [who for who in people if is_for(one, who) and is_for(other, who)]
    assert rules.clash(one, other) is (bool(both) and specific(one) == specific(other) and one != other)


@given(st.integers(min_value=0, max_value=DAY), st.integers(min_value=1, max_value=72))
def test_the_earliest_moment_that_is_named_is_in_time_and_none_before_it(after: int, hours: int) -> None:
    now, notice = NOW + after, timedelta(hours=hours)
    wider = dataclasses.replace(POLICY, version=2, self_service_hours=POLICY.self_service_hours - 1, issued=0)
    at_once = dataclasses.replace(wider, not_before=now)
    (problem,) = rules.unannounced(Change(POLICY, at_once), now, notice)
    named = datetime.strptime(f"{problem.parameters['earliest']} +0000", "%Y-%m-%d %H:%M %z")
    first = to_ms(named)
    assert rules.unannounced(Change(POLICY, dataclasses.replace(wider, not_before=first)), now, notice) == []
    timely(Change(POLICY, dataclasses.replace(wider, not_before=first)), now, notice)
    before = dataclasses.replace(wider, not_before=first - rules.MINUTE_MS)
    assert rules.unannounced(Change(POLICY, before), now, notice) != []
    assert rules.unannounced(Change(wider, dataclasses.replace(POLICY, version=3, not_before=now)), now, notice) == []
    assert rules.unannounced(Change(POLICY, at_once), now, timedelta()) == []


def test_only_the_newest_of_an_audience_can_tie() -> None:
    sites, units = Audience(("a",), None, None), Audience(None, ("d",), None)
    draft = at(audience=units)
    assert [p.parameters for p in rules.ties(draft, [of(sites, 3), of(sites, 5)], NOW)] == [{"version": 5}]
    assert rules.ties(draft, [of(sites, 3, expires=NOW - 1)], NOW) == []
    later = dataclasses.replace(draft, not_before=POLICY.expires, expires=POLICY.expires + DAY)
    assert rules.ties(later, [of(sites, 3)], NOW) == []


def test_what_is_submitted_names_its_number_its_moment_and_its_difference() -> None:
    draft = at(max_sensitivity=4)
    done = rules.finished(draft, [POLICY], 7, NOW)
    assert (done.version, done.issued, done.not_before) == (8, NOW, NOW)
    assert done.difference == difference.digest(POLICY, done)
    later = rules.finished(dataclasses.replace(draft, not_before=NOW + DAY), [POLICY], 7, NOW)
    assert later.not_before == NOW + DAY


def test_a_new_draft_begins_at_once_and_never_asks_for_longer_pauses() -> None:
    draft = rules.whole_minutes(dataclasses.replace(POLICY, pause_min_minutes=240, expires=POLICY.expires + 1234))
    assert rules.begins_at_once(draft)
    assert draft.pause_min_minutes == rules.PAUSE_MINUTES == 30
    assert draft.expires % rules.MINUTE_MS == 0
