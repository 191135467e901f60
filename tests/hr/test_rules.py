"""What the desk decides, without a database."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.hr.rules import Tone, covers, days_left, four_eyes, overlaps, risk_until, tone
from portal.requests.rules import About, Outcome, RequestType

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ONE, TWO, THREE, FOUR = (NOW + timedelta(days=number) for number in range(1, 5))
UNTIL = risk_until(date(2026, 11, 28), BERLIN)


@pytest.mark.parametrize(
    ("due", "stands", "expected"),
    [
        (NOW, None, Tone.OVER),
        (NOW + timedelta(microseconds=1), None, Tone.RISK),
        (datetime(2026, 12, 3, 23, tzinfo=UTC), None, Tone.RISK),
        (datetime(2026, 12, 3, 23, 0, 1, tzinfo=UTC), None, Tone.CALM),
        (NOW - timedelta(days=9), date(2026, 11, 1), Tone.STANDS),
    ],
)
def test_tone(due: datetime, stands: date | None, expected: Tone) -> None:
    assert tone(due, stands, NOW, UNTIL) is expected


def test_days_left_counts_to_the_last_day() -> None:
    end_of_the_28th = datetime(2026, 11, 28, 23, tzinfo=UTC)
    assert days_left(end_of_the_28th, None, NOW, BERLIN) == 0
    assert days_left(end_of_the_28th - timedelta(days=1), None, NOW, BERLIN) == -1
    assert days_left(end_of_the_28th + timedelta(days=3), None, NOW, BERLIN) == 3
    assert days_left(end_of_the_28th, date(2026, 11, 20), NOW, BERLIN) == 8


@pytest.mark.parametrize(
    ("outcome", "kind", "about", "two"),
    [
        (Outcome.REFUSE, RequestType.ACCESS, About(kinds=("key",)), True),
        (Outcome.PARTIAL, RequestType.ERASE, About(kinds=("key",)), True),
        (Outcome.APPROVE, RequestType.ERASE, About(), True),
        (Outcome.APPROVE, RequestType.ERASE, About(kinds=("key",)), False),
        (Outcome.APPROVE, RequestType.ACCESS, About(), False),
    ],
)
def test_four_eyes(outcome: Outcome, kind: RequestType, about: About, *, two: bool) -> None:
    assert four_eyes(outcome, kind, about) is two


CASES = [
    (About(), About(), True, True),
    (About(), About(ONE, TWO), True, True),
    (About(ONE, TWO), About(), True, False),
    (About(ONE, THREE), About(TWO, FOUR), True, False),
    (About(ONE, FOUR), About(TWO, THREE), True, True),
    (About(ONE, TWO), About(TWO, THREE), False, False),
    (About(kinds=("key",)), About(kinds=("key", "click")), True, False),
    (About(kinds=("key", "click")), About(kinds=("key",)), True, True),
    (About(kinds=("key",)), About(kinds=("click",)), False, False),
    (About(ONE, FOUR), About(TWO, THREE, contexts=("outlook",)), True, True),
    (About(ONE, FOUR, contexts=("outlook",)), About(TWO, THREE), True, False),
    (About(sensitivities=(4,)), About(sensitivities=(1,)), False, False),
]


@pytest.mark.parametrize(("one", "other", "meet", "whole"), CASES)
def test_overlap_and_cover(one: About, other: About, *, meet: bool, whole: bool) -> None:
    assert (overlaps(one, other), overlaps(other, one)) == (meet, meet)
    assert covers(one, other) is whole
