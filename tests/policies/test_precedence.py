"""P03: whatever the officer may publish alone, nobody has more captured by it at any moment, by what holds for each."""

import dataclasses
from collections.abc import Sequence
from itertools import product
from uuid import UUID

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from portal.policies.drafts.rules import ties
from portal.policies.queries import Offered
from portal.policies.rollouts.rules import restored
from portal.policies.rules import Workplace, asks_more, in_force, lasting
from tests.wire.samples import POLICY
from wire.policy import Audience, Policy
from wire.precedence import Change, change, replaced

EVERYBODY = Audience(None, None, None)
BERLIN = Audience(("berlin",), None, None)
DEV_IN_GERMANY = Audience(None, ("dev",), ("de",))
HERE = Workplace("berlin", "dev", "de")
SOMEBODY = UUID(int=7, version=4)
PEOPLE = [Workplace(*place) for place in product(("berlin", "wien"), ("dev", "ops"), ("de", "at"))]
AXES = [
    st.none() | st.sampled_from([(one,), (other,), (one, other)]) for one, other in (("berlin", "wien"), ("dev", "ops"))
]
AUDIENCES = st.builds(Audience, *AXES, st.none() | st.sampled_from([("de",), ("at",)]))
MOMENTS = range(8)


@st.composite
def policies(draw: st.DrawFn, version: int) -> Policy:
    """One of few, so that many of them meet: in time, in audience, in what they ask for."""
    begins = draw(st.integers(0, 6))
    return dataclasses.replace(
        POLICY,
        version=version,
        audience=draw(st.just(EVERYBODY) | AUDIENCES),
        not_before=begins,
        expires=draw(st.integers(begins + 1, 7)),
        max_sensitivity=draw(st.integers(1, 3)),
        self_service_hours=draw(st.integers(1, 2)),
    )


def offered(published: Sequence[Policy]) -> list[Offered]:
    return [Offered(one, f"{one.version:064}", 100) for one in published]


def of(version: int, audience: Audience = EVERYBODY, **fields: object) -> Policy:
    values = {"not_before": 0, "expires": 7, "max_sensitivity": 2} | fields
    return dataclasses.replace(POLICY, version=version, audience=audience, **values)  # type: ignore[arg-type]


def held(published: Sequence[Policy], now: int, who: Workplace = HERE) -> int | None:
    found = in_force(offered(published), who, SOMEBODY, now)
    return found.policy.version if found else None


@settings(max_examples=400)
@given(st.data(), st.integers(1, 5))
def test_P03_what_counts_as_no_wider_gives_nobody_more_at_any_moment(data: st.DataObject, count: int) -> None:
    *published, new = (data.draw(policies(version)) for version in range(1, count + 2))
    for number, one in enumerate(published):
        assume(not ties(dataclasses.replace(one, issued=-1), published[:number], one.not_before))
    assume(not ties(dataclasses.replace(new, issued=-1), published, new.not_before))
    step = change(published, new)
    event(f"wider: {step.wider}, beside: {bool(step.beside)}, old: {step.old is not None}")
    if step.wider:
        return
    before, after = offered(published), offered([*published, new])
    for who, now in product(PEOPLE, MOMENTS):
        was, now_has = in_force(before, who, SOMEBODY, now), in_force(after, who, SOMEBODY, now)
        if now_has is not None:
            assert was is not None, (who, now)
            if now_has.policy == new:
                here = dataclasses.replace(was.policy, not_before=0, expires=7)
                assert not asks_more(here, new), (who, now)


def test_P03_a_policy_that_goes_before_a_stricter_one_widens_it() -> None:
    """Of everybody's policy it is a part; of the site's stricter one, before which it goes, it is not."""
    everybody, strict, new = of(1), of(2, BERLIN, max_sensitivity=1), of(3, DEV_IN_GERMANY)
    step = change([everybody, strict], new)
    assert step == Change(everybody, new, (strict,))
    assert step.wider
    assert not change([everybody, strict], dataclasses.replace(new, max_sensitivity=1)).wider
    elsewhere = dataclasses.replace(strict, audience=Audience(("berlin",), ("ops",), None))
    assert not change([everybody, elsewhere], new).wider, "nobody is in both"
    over = dataclasses.replace(strict, expires=3)
    assert not change([everybody, over], dataclasses.replace(new, not_before=3)).wider, "not at the same time"
    assert not change([everybody, strict, of(4, BERLIN)], dataclasses.replace(new, version=5)).wider, "it is replaced"
    closer = of(2, Audience(("berlin",), ("dev",), ("de",)), max_sensitivity=1)
    assert not change([everybody, closer], new).wider, "that one goes on holding"


def test_P03_a_narrowing_is_held_against_what_holds_when_it_begins() -> None:
    first, coming = of(1), of(2, not_before=5, max_sensitivity=3)
    less = of(3, not_before=1, max_sensitivity=1)
    assert change([first, coming], less) == Change(first, less)
    assert not change([first, coming], less).wider
    assert replaced([first, coming], of(3, not_before=5)) == coming
    assert held([first, coming, less], 6) == 3, "what was to come does not come"
    stricter = dataclasses.replace(coming, max_sensitivity=1)
    assert change([first, stricter], of(3, not_before=1)) == Change(first, of(3, not_before=1), (stricter,))
    short = dataclasses.replace(coming, expires=6)
    assert change([first, short], of(3, not_before=1, max_sensitivity=1)).wider, (
        "after its end nothing was to be captured"
    )


def test_P03_a_narrower_policy_that_ends_brings_nothing_back() -> None:
    wide, narrow = of(1), of(2, expires=3, max_sensitivity=1)
    assert [held([wide, narrow], now) for now in (1, 3, 6)] == [2, None, None]
    assert [held([wide, narrow, of(3, not_before=5, expires=7)], now) for now in (3, 5)] == [None, 3]
    site = of(2, BERLIN, expires=3, max_sensitivity=1)
    assert held([wide, site], 3) == 1, "what is for everybody holds on: its people were told of it"
    out = [*offered([wide]), dataclasses.replace(offered([narrow])[0], reached=50)]
    assert [one.policy.version for one in lasting(out, 4)] == [1], "what has not reached all of them ends nothing"


def test_a_tie_is_seen_with_what_a_later_one_has_not_ended_yet() -> None:
    dev = Audience(None, ("dev",), None)
    now, later = of(1, BERLIN), of(2, BERLIN, not_before=4, expires=5)
    draft = dataclasses.replace(of(9, dev), issued=-1)
    for begins, ends, versions in ((0, 4, [1]), (4, 5, [2]), (5, 7, []), (3, 7, [1, 2])):
        found = ties(dataclasses.replace(draft, not_before=begins, expires=ends), [now, later], 0)
        assert [problem.parameters["version"] for problem in found] == versions


def test_nobody_s_first_policy_names_those_that_some_of_them_have() -> None:
    site, other = of(1, BERLIN), of(2, Audience(("rom",), None, None))
    new = of(3, Audience(("berlin", "paris"), None, ("de",)))
    assert change([site, other], new) == Change(None, new, (site,))
    assert change([other], new) == Change(None, new)


def test_P03_what_takes_a_rollout_back_says_what_the_strictest_said() -> None:
    everybody, strict = of(1, expires=7 * 60_000), of(2, BERLIN, expires=7 * 60_000, max_sensitivity=1)
    out = of(3, DEV_IN_GERMANY, expires=7 * 60_000, max_sensitivity=3)
    step = change([everybody, strict], out)
    assert step.beside == (strict,)
    again = restored(everybody, out, step.beside)
    assert (again.max_sensitivity, again.audience) == (1, DEV_IN_GERMANY)
    assert restored(everybody, out).max_sensitivity == 2
    apart = dataclasses.replace(strict, max_sensitivity=1, self_service_hours=1)
    assert restored(everybody, out, (apart,)).rules == (), "neither is the stricter one"
