"""Asking for a pause and ending it, as the person, on the real database."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from portal.core import clock
from portal.core.db import Database
from portal.pauses.actions import Asked, ask, end, end_current
from portal.pauses.queries import pauses


def _asked(minutes: int = 30) -> Asked:
    now = clock.now()
    return Asked(now, now + timedelta(minutes=minutes))


def test_a_pause_is_kept_and_takes_the_next_number(database: Database, person: Callable[..., UUID]) -> None:
    amira = person("Amira Kaya")
    with database.transaction("web_employee", amira) as session:
        first = ask(session, amira, _asked())
    with database.transaction("web_employee", amira) as session:
        second = ask(session, amira, _asked(60))
        assert (first.number, second.number) == (1, 2)
        kept = pauses(session, amira, "Europe/Berlin", clock.now())
    assert [pause.id for pause in kept] == [first.id, second.id]


def test_resume_ends_every_pause_that_holds(database: Database, person: Callable[..., UUID]) -> None:
    amira = person("Amira Kaya")
    with database.transaction("web_employee", amira) as session:
        ask(session, amira, _asked())
        ask(session, amira, Asked(clock.now(), None))
    with database.transaction("web_employee", amira) as session:
        ended = end_current(session, amira, clock.now())
    assert [pause.ended_number for pause in ended] == [3, 3]
    with database.transaction("web_employee", amira) as session:
        assert pauses(session, amira, "Europe/Berlin", clock.now()) == []


def test_a_strangers_pause_cannot_be_ended_or_seen(database: Database, person: Callable[..., UUID]) -> None:
    amira, ben = person("Amira Kaya"), person("Ben Okafor")
    with database.transaction("web_employee", amira) as session:
        pause = ask(session, amira, _asked())
    with database.transaction("web_employee", ben) as session:
        assert end(session, amira, pause.id, clock.now()) is None
        assert pauses(session, amira, "Europe/Berlin", clock.now()) == []
    with database.transaction("web_employee", amira) as session:
        assert len(pauses(session, amira, "Europe/Berlin", clock.now())) == 1
