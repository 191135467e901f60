"""Whatever can happen to a request has words for its person, whose page shows all of it."""

import pytest
from flask import Flask

from portal.hr import words as desk
from portal.requests import words
from portal.requests.page import UNTOLD
from portal.requests.rules import EventKind


@pytest.mark.parametrize("kind", sorted(set(EventKind) - UNTOLD))
def test_each_event_that_is_told_has_words(app: Flask, kind: EventKind) -> None:
    with app.test_request_context():
        assert words.happened(kind, {"into": 7, "absorbed": 8, "what": "held"})


def test_whatever_hr_writes_down_has_words_of_its_own() -> None:
    assert words.NOTED.keys() == desk.NOTED.keys()
