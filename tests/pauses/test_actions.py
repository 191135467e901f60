"""Asking for a pause and ending it, as the person, on the real database."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest

from portal.core import clock
from portal.core.db import Database
from portal.pauses import rules
from portal.pauses.actions import MOST_OPEN, Asked, TooManyOpenError, ask, end, end_current, end_of_device, turn
from portal.pauses.queries import pauses

Superuser = psycopg.Connection[tuple[Any, ...]]
ZONE = "Europe/Berlin"
WAITING = "SELECT pid FROM pg_locks WHERE NOT granted"


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
        kept = pauses(session, amira, ZONE, clock.now())
    assert [pause.id for pause in kept] == [first.id, second.id]


def test_resume_ends_every_pause_that_holds(database: Database, person: Callable[..., UUID]) -> None:
    amira = person("Amira Kaya")
    with database.transaction("web_employee", amira) as session:
        ask(session, amira, _asked())
        ask(session, amira, Asked(clock.now(), None))
    with database.transaction("web_employee", amira) as session:
        ended = end_current(session, amira, ZONE, clock.now())
    assert [pause.ended_number for pause in ended] == [3, 3]
    with database.transaction("web_employee", amira) as session:
        assert pauses(session, amira, ZONE, clock.now()) == []


def test_a_strangers_pause_cannot_be_ended_or_seen(database: Database, person: Callable[..., UUID]) -> None:
    amira, ben = person("Amira Kaya"), person("Ben Okafor")
    with database.transaction("web_employee", amira) as session:
        pause = ask(session, amira, _asked())
    with database.transaction("web_employee", ben) as session:
        assert end(session, amira, pause.id, clock.now()) is None
        assert pauses(session, amira, ZONE, clock.now()) == []
    with database.transaction("web_employee", amira) as session:
        assert len(pauses(session, amira, ZONE, clock.now())) == 1


def test_resume_inside_a_weekly_pause_keeps_the_weeks_to_come(database: Database, person: Callable[..., UUID]) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    today = now.astimezone(ZoneInfo(ZONE)).isoweekday()
    with database.transaction("web_employee", amira) as session:
        weekly = ask(session, amira, Asked(now - timedelta(days=8), None, weekday=today, from_minute=0, minutes=1440))
    with database.transaction("web_employee", amira) as session:
        assert [pause.id for pause in end_current(session, amira, ZONE, now)] == [weekly.id]
    with database.transaction("web_employee", amira) as session:
        kept = pauses(session, amira, ZONE, now)
    assert rules.active(kept, clock.to_ms(now)) == ()
    assert rules.active(kept, clock.to_ms(now + timedelta(days=7))) != ()


def test_resume_leaves_the_pause_of_a_part_alone(database: Database, person: Callable[..., UUID]) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    with database.transaction("web_employee", amira) as session:
        part = ask(session, amira, Asked(now, None, kinds=("screenshot",)))
        ask(session, amira, _asked())
    with database.transaction("web_employee", amira) as session:
        end_current(session, amira, ZONE, clock.now())
    with database.transaction("web_employee", amira) as session:
        assert [pause.id for pause in pauses(session, amira, ZONE, clock.now())] == [part.id]


def test_R04_a_pause_that_an_open_one_covers_joins_it(database: Database, person: Callable[..., UUID]) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    week = Asked(now, None, weekday=1, from_minute=600, minutes=60)
    part = Asked(now, now + timedelta(hours=1), kinds=("key", "prompt"))
    shorter = Asked(now, now + timedelta(minutes=30), kinds=("prompt", "key"))
    with database.transaction("web_employee", amira) as session:
        whole = ask(session, amira, Asked(now, None))
        assert ask(session, amira, _asked()) is whole
        assert ask(session, amira, part) is ask(session, amira, shorter)
        assert ask(session, amira, week) is ask(session, amira, week)
    with database.transaction("web_employee", amira) as session:
        assert len(pauses(session, amira, ZONE, now)) == 3


def test_R04_so_many_pauses_are_open_and_everything_can_still_be_paused(
    database: Database, person: Callable[..., UUID]
) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    with database.transaction("web_employee", amira) as session:
        for number in range(MOST_OPEN):
            ask(session, amira, Asked(now, None, contexts=(f"app-{number}",)))
        for more in (Asked(now, None, kinds=("key",)), Asked(now, None, weekday=1, from_minute=0, minutes=30)):
            with pytest.raises(TooManyOpenError):
                ask(session, amira, more)
        for minutes in range(30, 60):
            last = ask(session, amira, _asked(minutes))
    with database.transaction("web_employee", amira) as session:
        kept = rules.of_everything(pauses(session, amira, ZONE, clock.now()))
    assert [pause.id for pause in kept] == [last.id]


@pytest.mark.parametrize("act", ["end", "resume", "device"])
def test_P06_ending_a_pause_waits_for_asking_and_neither_is_lost(
    act: str, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, device = person("Amira Kaya"), uuid4()
    superuser.execute(
        "INSERT INTO device (id, employee_id, kind, name, public_key) VALUES (%s, %s, 'collector', 'ThinkPad', %s)",
        [device, amira, device.bytes * 2],
    )
    with database.transaction("web_employee", amira) as session:
        pause = ask(session, amira, _asked())
    if act == "device":
        superuser.execute("UPDATE pause SET device_id = %s WHERE id = %s", [device, pause.id])
    superuser.commit()

    def ending() -> None:
        with database.transaction("web_employee", amira) as session:
            if act == "end":
                assert end(session, amira, pause.id, clock.now())
            elif act == "resume":
                assert end_current(session, amira, ZONE, clock.now())
            else:
                end_of_device(session, amira, device, clock.now())

    with ThreadPoolExecutor(1) as other:
        with database.transaction("web_employee", amira) as session:
            turn(session, amira)
            ended = other.submit(ending)
            while not superuser.execute(WAITING).fetchall():
                assert not ended.done(), ended.exception()
                time.sleep(0.02)
            longer = ask(session, amira, _asked(60))
        ended.result()
    with database.transaction("web_employee", amira) as session:
        left = [kept.id for kept in pauses(session, amira, ZONE, clock.now())]
    assert left == [longer.id]
