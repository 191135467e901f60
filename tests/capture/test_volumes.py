"""The bounds on what may be stored let through all that an honest device can send (R04)."""

import os
import random
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from collector.probes.screenshot import MOST_BYTES
from collector.redaction import KeyEvent
from collector.sealing import Sealer
from collector.segments import MAX_ITEMS, Segment, Terms
from collector.spool import DEFAULT_CAP
from portal.capture import volumes
from tests.capture.test_rules import POLICY
from wire import segment
from wire.documents import Kind
from wire.policy import Policy, Rule
from wire.segment import MAX_BODY

CHANCE = random.Random(1930)  # noqa: S311 - no secret
TERMS = Terms("ab" * 32, 1, uuid4(), 60_000, uuid4(), os.urandom(32), frozenset(), 4)


def with_interval(seconds: int) -> Policy:
    rules = (Rule(Kind.SCREENSHOT, ("vscode",), 1000, seconds, 30),)
    return Policy(**{**POLICY.__dict__, "rules": rules})


@given(interval=st.integers(0, 90_000), devices=st.integers(1, 5))
def test_R04_the_largest_screenshot_at_each_interval_fits_into_the_longest_day(interval: int, devices: int) -> None:
    taken = devices * (volumes.LONGEST_DAY_S // max(interval, 1) + 1)
    most = volumes.of_day(Kind.SCREENSHOT, with_interval(interval), devices)
    assert taken * volumes.charged(MAX_BODY) <= most


def test_R04_what_a_collector_has_kept_unsent_fits_into_one_day() -> None:
    assert volumes.of_day(Kind.KEY, POLICY, 1) >= DEFAULT_CAP


ROWS: dict[Kind, Callable[[int], tuple[int, Any]]] = {
    Kind.POINTER: lambda at: (at, (CHANCE.randrange(7680), CHANCE.randrange(4320))),
    Kind.CLICK: lambda at: (at, (CHANCE.randrange(7680), CHANCE.randrange(4320), "middle")),
    Kind.KEY: lambda at: (at, KeyEvent(at, "char", chr(CHANCE.randrange(0x4E00, 0x9FFF)))),
    Kind.WINDOW: lambda at: (at, f"{CHANCE.getrandbits(120):x} - Editor"),
}


@pytest.mark.parametrize("kind", ROWS)
def test_R04_the_fullest_segment_of_a_collector_fits(kind: Kind) -> None:
    items = [ROWS[kind](number * 60_000 // MAX_ITEMS) for number in range(MAX_ITEMS)]
    sealed = Sealer(uuid4(), uuid4()).seal(Segment(kind, "vscode", TERMS, 0, "title", (7680, 4320), items), 1)
    size = segment.read_header(sealed.header).size
    assert volumes.fits(kind, size, len(sealed.body))
    assert len(sealed.body) < 200 << 10, "as the bound's reason says"


@pytest.mark.parametrize("size", [0, 1, 100, 10_000, MOST_BYTES + 200])
def test_R04_content_that_does_not_get_smaller_is_no_lie(size: int) -> None:
    payload = zstandard.compress(os.urandom(size))
    sealed = segment.seal(b"header", payload, os.urandom(31) + b"\x01")
    assert volumes.fits(Kind.SCREENSHOT, size, len(sealed))


@pytest.mark.parametrize(
    ("kind", "size", "sealed"),
    [
        (Kind.KEY, MAX_BODY, (256 << 10) + 1),
        (Kind.SCREENSHOT, 2 * MAX_BODY, MAX_BODY + 1),
        (Kind.PROMPT, 1000, 3000),
    ],
)
def test_R04_larger_than_its_kind_or_than_it_says_does_not_fit(kind: Kind, size: int, sealed: int) -> None:
    assert not volumes.fits(kind, size, sealed)
