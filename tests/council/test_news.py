"""The three sentences on what changed say no more than is known, and no nonsense with odd numbers."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale

from portal.app import create_app
from portal.core.config import Settings
from portal.core.web import state
from portal.council import shown
from portal.council.queries import Told
from portal.releases.panels import Why

HIDDEN = Told(None, Why.FEW)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The portal, for its words."""
    made = create_app(settings, testing=True)
    yield made
    state.of(made).database.dispose()


def figures(captured: Told, paused: Told, items: int) -> dict[str, Told]:
    return {
        "people": Told(114),
        "share.captured": captured,
        "share.paused": paused,
        "share.opted_out": HIDDEN,
        "items": Told(items),
    }


def said(app: Flask, now: dict[str, Told], before: dict[str, Told] | None, language: str = "en") -> list[str]:
    with app.test_request_context(), force_locale(language):
        news = shown.news(now, before, None, 3, 10)
        return [news.headline, *news.sentences]


def low(start: int) -> Told:
    return Told(start, step=20)


def test_A04_equal_steps_are_not_said_to_be_equal_numbers(app: Flask) -> None:
    """11 and 19 of 114 people are both under 20 %."""
    same = figures(low(80), low(0), 1000)
    headline = said(app, same, same)[0]
    assert headline == "How many people were captured, and how many paused, is in the same steps as before."
    assert "Stufe" in said(app, same, same, "de")[0]
    assert said(app, figures(low(80), low(20), 1), same)[0] == (
        "More people paused; how many were captured is in the same step as before."
    )


def test_what_is_hidden_is_said_in_a_sentence(app: Flask) -> None:
    shown_before, now = figures(low(80), low(0), 1000), figures(HIDDEN, HIDDEN, 1000)
    assert said(app, now, shown_before)[1] == (
        "How many of the 114 people were captured is hidden here (before: 80 % or more)."
    )
    assert said(app, now, None)[1] == "How many of the 114 people were captured is hidden here."
    assert "verborgen von" not in said(app, now, shown_before, "de")[1]


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (123_456_789, 12, "123,456,789 items (before: 12)"),
        (10, 100_000, "10 items (before: 100,000)"),
        (150, 100, "150 items, 50 % more than before"),
        (50, 100, "50 items, 50 % fewer than before"),
        (1000, 1000, "1,000 items, about as many as before"),
    ],
)
def test_a_percentage_stands_only_where_it_says_something(app: Flask, now: int, before: int, told: str) -> None:
    sentences = said(app, figures(low(80), low(0), now), figures(low(80), low(0), before))
    assert sentences[3].startswith(told)
