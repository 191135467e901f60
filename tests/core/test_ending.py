"""A process that is to end begins nothing more."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from portal.core.db import Database
from portal.core.ending import Ending, EndingError
from portal.worker import Bells, run


def test_a_job_that_always_has_more_to_do_ends_between_two_times(database: Database) -> None:
    ending, times = Ending(), []

    def endless(_session: Session, now: datetime) -> bool:
        times.append(now)
        if len(times) == 3:
            ending.ask()
        return True

    run(database, endless, ending)
    assert len(times) == 3


def test_what_waited_for_a_free_hand_is_not_begun_any_more() -> None:
    bells = Bells(Ending())
    heard: list[int] = []
    bells._heard(heard.append, (1,))
    bells.ending.ask()
    bells._heard(heard.append, (2,))
    assert heard == [1]


def test_a_job_that_breaks_off_is_no_error() -> None:
    bells = Bells(Ending())

    def breaks_off() -> None:
        bells.ending.ask()
        bells.ending.go_on()

    bells._heard(breaks_off, ())


def test_a_list_is_left_where_the_wish_came() -> None:
    ending = Ending()
    items = ending.each(range(5))
    assert [next(items), next(items)] == [0, 1]
    ending.ask()
    with pytest.raises(EndingError):
        next(items)
