"""What starts again when a pause ends: what the pauses that go on leave free, and nothing else."""

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from portal.core.clock import from_ms
from portal.pauses.ends import Restart, holds, params, restarts
from portal.pauses.rules import DAY_MS, MINUTE_MS, Pause, left
from wire.documents import Kind

CONTEXTS = ("vscode", "mail", "wiki")
ALL = dict.fromkeys(Kind, (*CONTEXTS, "named by no pause"))
NOW = 20_000 * DAY_MS
END = NOW + 3 * MINUTE_MS
SOON = NOW + 5 * MINUTE_MS
WHOLE = Restart(END, None, None, None, others=False)
SCOPES = st.tuples(
    st.none() | st.frozensets(st.sampled_from(Kind), min_size=1),
    st.none() | st.frozensets(st.sampled_from(CONTEXTS), min_size=1),
    st.sampled_from([None, END, END + 1, END + DAY_MS]),
)


def pause(ends: int | None, number: int = 1, **scope: frozenset[Kind] | frozenset[str] | None) -> Pause:
    return Pause(uuid4(), number, NOW - DAY_MS, ends, **scope)  # type: ignore[arg-type]


def test_the_end_of_a_pause_of_everything() -> None:
    assert restarts([pause(END)], NOW, SOON) == (WHOLE,)
    assert restarts([pause(END), pause(END, kinds=frozenset({Kind.KEY}))], NOW, SOON) == (WHOLE,)
    assert restarts([pause(SOON + 1)], NOW, SOON) == ()


def test_a_pause_that_begins_where_one_ends_goes_on_with_it() -> None:
    assert restarts([pause(END), Pause(uuid4(), 2, END, END + DAY_MS)], NOW, SOON) == ()


def test_a_part_is_told_without_what_other_parts_hold() -> None:
    known = [pause(END, kinds=frozenset({Kind.KEY, Kind.CLICK})), pause(None, kinds=frozenset({Kind.KEY}))]
    assert restarts(known, NOW, SOON) == (Restart(END, (Kind.CLICK,), None, None, others=True),)


def test_two_parts_together_hold_a_third() -> None:
    rest = frozenset(Kind) - {Kind.KEY}
    known = [
        pause(END, contexts=frozenset({CONTEXTS[0]})),
        pause(None, kinds=frozenset({Kind.KEY})),
        pause(None, kinds=rest),
    ]
    assert restarts(known, NOW, SOON) == ()


def test_P06_what_was_told_holds_until_its_moment_or_until_a_pause_changes() -> None:
    told = params(WHOLE)
    assert holds(told, [pause(END)], from_ms(NOW))
    assert not holds(told, [pause(END)], from_ms(END))
    assert not holds(told, [pause(END), pause(None)], from_ms(NOW))
    assert not holds(told, [pause(END), pause(None, kinds=frozenset({Kind.KEY}))], from_ms(NOW))
    assert not holds({"at": told["at"]}, [pause(END)], from_ms(NOW))


@given(st.lists(SCOPES, min_size=1, max_size=4))
def test_something_is_told_exactly_where_something_becomes_free(
    scopes: list[tuple[frozenset[Kind] | None, frozenset[str] | None, int | None]],
) -> None:
    known = [pause(ends, kinds=kinds, contexts=contexts) for kinds, contexts, ends in scopes]
    before, after = (left(ALL, known, None, at) for at in (END - 1, END))
    assert bool(restarts(known, END - 1, END)) is (before != after)
