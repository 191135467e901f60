"""Pauses against slow, obvious oracles: a loop over minutes instead of arithmetic on days."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from portal.pauses import rules
from portal.pauses.rules import DAY_MS, MINUTE_MS, Pause, Weekly
from wire.documents import Kind

MONDAY = int(datetime(2026, 3, 23, tzinfo=UTC).timestamp()) * 1000
HOUR_MS = 60 * MINUTE_MS
CONTEXTS = ("vscode", "mail", "wiki")
DEVICES = tuple(UUID(int=n) for n in range(1, 4))
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC")

moments = st.integers(MONDAY - 10 * DAY_MS, MONDAY + 10 * DAY_MS)


@st.composite
def single_pauses(draw: st.DrawFn) -> Pause:
    starts = draw(moments)
    length = draw(st.none() | st.integers(1, 5 * DAY_MS))
    return Pause(
        id=uuid4(),
        number=1,
        starts=starts,
        ends=None if length is None else starts + length,
        kinds=draw(st.none() | st.frozensets(st.sampled_from(Kind), max_size=3)),
        contexts=draw(st.none() | st.frozensets(st.sampled_from(CONTEXTS))),
        device=draw(st.none() | st.sampled_from(DEVICES)),
        ended=draw(st.none() | moments),
    )


def holds(pause: Pause, at: int, kind: Kind, context: str, device: UUID) -> bool:
    end = min(value if value is not None else at + 1 for value in (pause.ends, pause.ended))
    in_scope = (pause.kinds is None or kind in pause.kinds) and (pause.contexts is None or context in pause.contexts)
    return pause.starts <= at < end and in_scope and pause.device in {None, device}


@given(st.lists(single_pauses(), max_size=5), moments, st.sampled_from(DEVICES))
def test_P06_what_is_left_is_exactly_what_no_pause_holds(pauses: list[Pause], at: int, device: UUID) -> None:
    permitted = dict.fromkeys(Kind, CONTEXTS)
    left = rules.left(permitted, pauses, device, at)
    for kind in Kind:
        for context in CONTEXTS:
            expected = not any(holds(pause, at, kind, context, device) for pause in pauses)
            assert (context in left.get(kind, ())) == expected
    assert all(left.values())


@given(st.lists(single_pauses(), max_size=5), moments, st.sampled_from(DEVICES))
def test_P06_another_pause_never_gives_more(pauses: list[Pause], at: int, device: UUID) -> None:
    permitted = dict.fromkeys(Kind, CONTEXTS)
    fewer = rules.left(permitted, pauses, device, at)
    more = rules.left(permitted, pauses[1:], device, at)
    assert all(set(contexts) <= set(more[kind]) for kind, contexts in fewer.items())


@given(st.lists(single_pauses(), max_size=5), moments)
def test_P06_nothing_changes_before_the_next_change(pauses: list[Pause], at: int) -> None:
    change = rules.next_change(pauses, at)
    end = at + rules.HORIZON_MS if change is None else change
    steps = {at, (at + end) // 2, end - 1}
    assert {rules.active(pauses, step) for step in steps} == {rules.active(pauses, at)}
    if change is not None:
        before, after = rules.active(pauses, change - 1), rules.active(pauses, change)
        assert before != after


@st.composite
def weekly_pauses(draw: st.DrawFn) -> Pause:
    weekly = Weekly(
        weekday=draw(st.integers(1, 7)),
        from_minute=draw(st.integers(0, 1439)),
        minutes=draw(st.integers(1, 3 * 1440)),
        zone=draw(st.sampled_from(ZONES)),
    )
    starts = draw(moments)
    length = draw(st.none() | st.integers(1, 20 * DAY_MS))
    return Pause(uuid4(), 1, starts, None if length is None else starts + length, weekly=weekly)


def in_wall_stretch(weekly: Weekly, at: int) -> bool:
    wall = datetime.fromtimestamp(at / 1000, ZoneInfo(weekly.zone)).replace(tzinfo=None)
    for back in range(5):
        day = wall.date() - timedelta(days=back)
        if day.isoweekday() == weekly.weekday:
            start = datetime(day.year, day.month, day.day) + timedelta(minutes=weekly.from_minute)  # noqa: DTZ001
            if start <= wall < start + timedelta(minutes=weekly.minutes):
                return True
    return False


@given(weekly_pauses(), moments)
def test_P06_a_weekly_pause_covers_every_moment_of_its_wall_clock_stretch(pause: Pause, at: int) -> None:
    assert pause.weekly is not None
    inside = pause.starts <= at < pause.over()
    wanted = inside and in_wall_stretch(pause.weekly, at)
    held = bool(rules.active([pause], at))
    assert held or not wanted
    if held and not wanted:
        near = any(in_wall_stretch(pause.weekly, at + shift * HOUR_MS) for shift in (-1, 1))
        assert inside
        assert near  # the longer reading around a change of clocks


@given(weekly_pauses(), moments, st.integers(1, 9 * DAY_MS))
def test_P06_stretches_are_those_of_each_moment(pause: Pause, frm: int, length: int) -> None:
    found = rules.spans([pause], frm, frm + length)
    for span in found:
        assert span.ends is not None
        assert span.starts < frm + length
        assert span.ends > frm
        assert pause.starts <= span.starts < span.ends <= pause.over()
    for at in range(frm, frm + length, max(length // 7, 1)):
        assert bool(rules.active([pause], at)) == any(span.starts <= at < (span.ends or 0) for span in found)


def at_berlin(*parts: int, fold: int = 0) -> int:
    moment = datetime(*parts, tzinfo=ZoneInfo("Europe/Berlin"), fold=fold)  # type: ignore[arg-type,misc]
    return int(moment.timestamp()) * 1000


def test_P06_the_day_clocks_go_back_is_paused_an_hour_longer() -> None:
    pause = Pause(uuid4(), 1, 0, None, weekly=Weekly(7, 120, 60, "Europe/Berlin"))
    (span,) = rules.spans([pause], at_berlin(2026, 10, 25), at_berlin(2026, 10, 26))
    assert span.starts == at_berlin(2026, 10, 25, 2, fold=0)
    assert span.ends == at_berlin(2026, 10, 25, 3)
    assert span.ends == span.starts + 2 * HOUR_MS


def test_P06_the_day_clocks_go_forward_keeps_its_wall_clock_end() -> None:
    pause = Pause(uuid4(), 1, 0, None, weekly=Weekly(7, 60, 180, "Europe/Berlin"))
    (span,) = rules.spans([pause], at_berlin(2026, 3, 29), at_berlin(2026, 3, 30))
    assert (span.starts, span.ends) == (at_berlin(2026, 3, 29, 1), at_berlin(2026, 3, 29, 4))
    assert span.ends == span.starts + 2 * HOUR_MS


@given(st.lists(single_pauses(), max_size=6), moments)
def test_P06_joined_pauses_cover_the_same_moments_without_overlap(pauses: list[Pause], at: int) -> None:
    found = rules.spans(pauses, MONDAY - 30 * DAY_MS, MONDAY + 30 * DAY_MS)
    for scope, stretches in rules.joined(found).items():
        same = [span for span in found if (span.kinds, span.contexts, span.device) == scope]
        expected = any(span.starts <= at < (span.ends or rules.FUTURE) for span in same)
        assert expected == any(start <= at < (end or rules.FUTURE) for start, end in stretches)
        ends = [end or rules.FUTURE for _, end in stretches]
        assert all(end < start for end, (start, _) in zip(ends, stretches[1:], strict=False))
