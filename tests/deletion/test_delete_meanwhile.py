"""What happens within the ten minutes of a deletion by oneself: a hold is set, or another deletion overlaps it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from portal.core import clock
from portal.core.db import Database
from portal.deletion import actions, holding
from portal.deletion.actions import Range
from portal.deletion.holding import NewHold, release_hold, set_hold
from portal.deletion.jobs import carrier
from portal.worker import run
from tests.captured import store_item
from tests.web_client import Browser
from wire.documents import Kind

Browse = Callable[[UUID | None], Browser]
MINUTE = timedelta(minutes=1)


@dataclass
class Desk:
    """Amira's items and deletions, and Hana of HR, who sets holds."""

    database: Database
    superuser: psycopg.Connection[tuple[Any, ...]]
    journal: Path
    amira: UUID
    hana: UUID
    then: datetime
    """Half an hour ago."""

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows."""
        rows = self.superuser.execute(query.encode(), list(values)).fetchall()
        self.superuser.commit()
        return rows

    def item(self, minute: int, kind: Kind = Kind.KEY) -> UUID:
        """Captured so many minutes after `then`."""
        return store_item(self.superuser, self.amira, self.then + minute * MINUTE, kind).segment

    def stretch(self, first: int, last: int, *segments: UUID) -> Range:
        """From one minute after `then` until another."""
        return Range(self.then + first * MINUTE, self.then + last * MINUTE, segments=segments)

    def delete(self, chosen: Range) -> UUID:
        """By herself, now."""
        with self.database.transaction("web_employee", self.amira) as session:
            erasure = actions.erase(session, self.amira, chosen, clock.now())
            assert erasure is not None
            return erasure.id

    def undo(self, erasure: UUID) -> actions.Undone | None:
        """By herself, now."""
        with self.database.transaction("web_employee", self.amira) as session:
            return actions.undo(session, self.amira, erasure, clock.now())

    def hold(self, first: int, last: int) -> UUID:
        """Set by HR for what was captured in between."""
        now = clock.now()
        told = NewHold(self.then + first * MINUTE, self.then + last * MINUTE, "claims", "Case 12", now + 60 * MINUTE)
        with self.database.transaction("web_hr", self.hana) as session:
            return set_hold(session, self.amira, told, self.hana, now).id

    def release(self, hold: UUID) -> None:
        """By HR; the worker then takes up again what it kept."""
        with self.database.transaction("web_hr", self.hana) as session:
            release_hold(session, hold, self.hana, clock.now())
        run(self.database, holding.reopener(lambda *_: None))

    def ten_minutes_later(self) -> None:
        """The worker carries out what is due then."""
        self.superuser.execute("UPDATE erasure SET execute_after = now() WHERE employee_id = %s", [self.amira])
        self.superuser.commit()
        run(self.database, carrier(self.journal))

    def seen(self) -> set[UUID]:
        """The items that are hidden by nothing."""
        return {row[0] for row in self.ask("SELECT id FROM segment WHERE employee_id = %s AND erasure_id IS NULL",
                                           self.amira)}  # fmt: skip

    def stored(self) -> int:
        """How many items there are, hidden ones too."""
        return int(self.ask("SELECT count(*) FROM segment WHERE employee_id = %s", self.amira)[0][0])

    def of(self, erasure: UUID) -> tuple[Any, ...]:
        """How many items its row tells of, and how many a hold keeps."""
        return self.ask("SELECT items, held FROM erasure WHERE id = %s", erasure)[0]


@pytest.fixture
def desk(
    database: Database, person: Callable[..., UUID], superuser: psycopg.Connection[tuple[Any, ...]], tmp_path: Path
) -> Desk:
    return Desk(
        database, superuser, tmp_path / "tombstones", person("Amira Kaya"), person("Hana"), clock.now() - 30 * MINUTE
    )


def test_R03_what_a_hold_set_meanwhile_keeps_is_seen_again(desk: Desk, browse: Browse) -> None:
    kept, _ = desk.item(1), desk.item(5)
    erasure = desk.delete(desk.stretch(0, 10))
    desk.hold(0, 3)
    desk.ten_minutes_later()
    assert desk.seen() == {kept}
    assert desk.stored() == 1
    assert desk.of(erasure) == (1, 1)
    assert desk.ask("SELECT sum(items) FROM employee_day WHERE employee_id = %s", desk.amira) == [(1,)]
    browser = browse(desk.amira)
    page = browser.get("/requests").text
    assert "kept by a legal hold" in page
    assert "You see 1 item again: a legal hold keeps it. It is deleted when the hold ends." in page
    assert "The others were erased" in page
    home = browser.get("/").text
    assert "A legal hold keeps 1 item that you deleted. You see it again; it is deleted when the hold ends." in home
    assert "kept in part by a legal hold" in home


def test_R03_what_a_hold_kept_goes_when_it_ends_and_the_deletion_says_so(desk: Desk, browse: Browse) -> None:
    desk.item(1)
    erasure = desk.delete(desk.stretch(0, 10))
    hold = desk.hold(0, 3)
    desk.ten_minutes_later()
    assert desk.of(erasure) == (0, 1)
    desk.release(hold)
    assert desk.stored() == 0
    assert desk.of(erasure) == (1, 0)
    page = browse(desk.amira).get("/requests").text
    assert "kept by a legal hold" not in page
    assert "erased<" in page


def test_R03_without_a_hold_nothing_is_told(desk: Desk) -> None:
    desk.item(1)
    erasure = desk.delete(desk.stretch(0, 10))
    desk.ten_minutes_later()
    assert (desk.stored(), desk.of(erasure)) == (0, (1, 0))
    assert desk.ask("SELECT kind FROM notification WHERE employee_id = %s", desk.amira) == []


def test_R03_what_another_deletion_covers_stays_hidden_when_one_is_undone(desk: Desk, browse: Browse) -> None:
    one, other = desk.item(1), desk.item(5)
    single, day = desk.delete(desk.stretch(0, 10, one)), desk.delete(desk.stretch(0, 10))
    browser = browse(desk.amira)
    told = browser.get(browser.post(f"/requests/deletions/{single}/undo").headers["Location"]).text
    assert "Everything is back." not in told
    assert "1 item stays hidden: another deletion of yours covers it. Undo that, too, to have it back." in told
    assert "Another deletion of yours covers the same items." in told
    assert desk.seen() == set()
    assert (desk.of(single), desk.of(day)) == ((0, 0), (2, 0))
    assert desk.undo(day) == actions.Undone(back=2, stays=0)
    desk.ten_minutes_later()
    assert desk.seen() == {one, other}, "what was undone stays"


def test_R03_what_no_other_deletion_covers_comes_back(desk: Desk, browse: Browse) -> None:
    early, both, late = desk.item(1), desk.item(5), desk.item(9)
    first, second = desk.delete(desk.stretch(0, 7)), desk.delete(desk.stretch(4, 12))
    browser = browse(desk.amira)
    told = browser.get(browser.post(f"/requests/deletions/{first}/undo").headers["Location"]).text
    assert "1 item is back." in told
    assert "1 item stays hidden" in told
    assert desk.seen() == {early}
    desk.ten_minutes_later()
    assert desk.seen() == {early}
    assert (desk.stored(), desk.of(first), desk.of(second)) == (1, (1, 0), (2, 0))
    assert not {both, late} & desk.seen()


def test_R03_what_a_hold_keeps_comes_back_whatever_else_covers_it(desk: Desk) -> None:
    one = desk.item(1)
    single, _ = desk.delete(desk.stretch(0, 10, one)), desk.item(5)
    desk.delete(desk.stretch(0, 10))
    desk.hold(0, 3)
    assert desk.undo(single) == actions.Undone(back=1, stays=0)
    assert desk.seen() == {one}
    desk.ten_minutes_later()
    assert desk.seen() == {one}


def test_nobody_undoes_anybody_elses(desk: Desk, person: Callable[..., UUID]) -> None:
    desk.item(1)
    erasure, ben = desk.delete(desk.stretch(0, 10)), person("Ben Okafor")
    with desk.database.transaction("web_employee", ben) as session:
        assert actions.undo(session, desk.amira, erasure, clock.now()) is None
    assert desk.seen() == set()
