"""The ballot's box: the database sees no hand-in before the day's end, and nothing is lost or counted twice."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ballot import box as box_module
from ballot.box import EARLIER_SLOTS, SLOT_BYTES, SLOTS, Box, BoxError, Mark
from ballot.keys import Keys
from ballot.service import Ballot
from portal.core.config import Settings
from portal.core.db import Database
from tests.ballot.process import ROOT, BallotProcess
from tests.petitions.arrange import Card, Superuser, empty_box, key_of, petition, today
from tests.petitions.test_ballot import signed
from tests.web_client import Browser

Browse = Callable[[UUID | None], Browser]
MAKE = Callable[..., UUID]
KEY = (UUID(int=7), bytes(range(32)))


@pytest.fixture
def cards(superuser: Superuser, ballot: BallotProcess, browse: Browse, person: MAKE) -> list[Card]:
    """Four people's cards, each with a token for the same petition."""
    running = petition(superuser)
    key = key_of(superuser, running)
    made = [Card(running, key) for _ in range(4)]
    for card in made:
        card.fetch(browse(person()))
    return made


def rows(superuser: Superuser, running: UUID) -> list[tuple[object, ...]]:
    """What the table holds of a petition: transaction, day, whether it is void."""
    found = superuser.execute(
        "SELECT xmin::text, on_day, void FROM ballot_vote WHERE petition_id = %s ORDER BY on_day", [running]
    ).fetchall()
    superuser.rollback()
    return found


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is to be ended with the test."""
    with ExitStack() as made:
        yield made


@contextmanager
def without_vacuum(superuser: Superuser) -> Iterator[None]:
    """PostgreSQL's own cleaning begins transactions, too."""
    superuser.rollback()
    superuser.autocommit = True
    superuser.execute("ALTER SYSTEM SET autovacuum = off")
    superuser.execute("SELECT pg_reload_conf()")
    yield
    superuser.execute("ALTER SYSTEM RESET autovacuum")
    superuser.execute("SELECT pg_reload_conf()")
    superuser.autocommit = False


def next_transaction(superuser: Superuser) -> int:
    """The number that the database's next writing transaction gets."""
    row = superuser.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
    assert row
    return int(str(row[0]))


def test_A02_no_transaction_follows_a_hand_in_and_a_day_has_one(
    cards: list[Card], ballot: BallotProcess, superuser: Superuser
) -> None:
    running = cards[0].petition
    with without_vacuum(superuser):
        before = next_transaction(superuser)
        for card in cards:
            assert card.call(ballot, "hand-in") == (200, {})
            assert card.call(ballot, "counted") == (200, {"counted": True})
        assert cards[3].call(ballot, "take-back") == (200, {})
        assert next_transaction(superuser) == before
    assert rows(superuser, running) == []
    empty_box(superuser)
    found = rows(superuser, running)
    assert len({row[0] for row in found}) == 1
    assert [row[1:] for row in found] == [(today(), False)] * 3 + [(None, True)]


def test_A02_the_box_has_no_time_and_is_in_no_order(tmp_path: Path) -> None:
    box = Box(tmp_path)
    for number in range(200):
        box.put((UUID(int=7), number.to_bytes(32, "big")), Mark.VOTE)
    box.close()
    content = (tmp_path / "box").read_bytes()
    assert len(content) == SLOTS * SLOT_BYTES
    assert (tmp_path / "box").stat().st_mtime == 0
    slots = [content[at : at + SLOT_BYTES] for at in range(0, len(content), SLOT_BYTES)]
    order = [int.from_bytes(slot[17:49], "big") for slot in slots if slot[0]]
    assert sorted(order) == list(range(200))
    assert order != sorted(order)


def test_what_lies_in_the_box_is_there_after_a_restart_and_overwritten_when_emptied(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.put(KEY, Mark.VOTE)
    box.put(KEY, Mark.VOID)
    box.close()
    again = Box(tmp_path)
    assert again.entries() == [(KEY, Mark.VOID)]
    again.clear([KEY])
    again.close()
    assert not any((tmp_path / "box").read_bytes())


def test_a_box_of_an_earlier_version_grows_and_keeps_what_lies_in_it(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.put(KEY, Mark.VOTE)
    box.close()
    content = (tmp_path / "box").read_bytes()
    slot = next(content[at : at + SLOT_BYTES] for at in range(0, len(content), SLOT_BYTES) if content[at])
    (tmp_path / "box").write_bytes(slot + bytes((EARLIER_SLOTS - 1) * SLOT_BYTES))
    again = Box(tmp_path)
    assert again.entries() == [(KEY, Mark.VOTE)]
    assert (tmp_path / "box").stat().st_size == SLOTS * SLOT_BYTES


def test_a_full_box_says_so_and_goes_on_with_what_lies_in_it(tmp_path: Path, monkeypatch: Any) -> None:
    """Two petitions that 70,000 people sign on one day fit."""
    assert box_module.FULL >= 2 * 70_000
    monkeypatch.setattr(box_module, "FULL", 20)
    box = Box(tmp_path)
    keys = [(UUID(int=7), number.to_bytes(32, "big")) for number in range(20)]
    for key in keys:
        box.put(key, Mark.VOTE)
    with pytest.raises(BoxError, match="full"):
        box.put(KEY, Mark.VOTE)
    box.put(keys[0], Mark.VOID)
    assert sorted(box.entries()) == [(keys[0], Mark.VOID), *((key, Mark.VOTE) for key in keys[1:])]
    box.clear(keys)
    box.put(KEY, Mark.VOTE)
    assert box.entries() == [(KEY, Mark.VOTE)]


def test_a_slot_that_was_never_written_whole_was_never_acknowledged(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.put(KEY, Mark.VOTE)
    box.close()
    content = bytearray((tmp_path / "box").read_bytes())
    at = content.index(KEY[1])
    content[at + 20] ^= 1
    (tmp_path / "box").write_bytes(content)
    assert Box(tmp_path).entries() == []


def test_only_one_process_has_the_box(ballot: BallotProcess, tmp_path: Path) -> None:
    with pytest.raises(BoxError, match="another ballot"):
        Box(ballot.box)
    (tmp_path / "box").write_bytes(b"short")
    with pytest.raises(BoxError, match="no ballot box"):
        Box(tmp_path)


def test_a_box_that_cannot_be_written_says_so_and_takes_the_same_again(
    cards: list[Card], ballot: BallotProcess, superuser: Superuser
) -> None:
    limit = (0, resource.RLIM_INFINITY)
    before = resource.prlimit(ballot.process.pid, resource.RLIMIT_FSIZE, limit)
    try:
        assert cards[0].call(ballot, "hand-in") == (503, {"error": "no_box"})
        assert cards[0].call(ballot, "counted") == (200, {"counted": False})
    finally:
        resource.prlimit(ballot.process.pid, resource.RLIMIT_FSIZE, before)
    assert cards[0].call(ballot, "hand-in") == (200, {})
    empty_box(superuser)
    assert [row[1] for row in rows(superuser, cards[0].petition)] == [today()]


def test_A01_killed_at_any_step_nothing_acknowledged_is_lost_and_nothing_counted_twice(
    cards: list[Card],
    superuser: Superuser,
    environment: dict[str, str],
    settings: Settings,
    tmp_path: Path,
    stack: ExitStack,
) -> None:
    """Another ballot, with a box of its own, is killed at its first step, at its second, and so on to its last."""
    seal = Keys(bytes.fromhex(settings.require("ballot_seal")))
    database, last, done = Database(settings), 0, ""
    command = [sys.executable, "-m", "tests.petitions.killed"]
    pipe, own = subprocess.PIPE, {"PATH": os.environ["PATH"], **environment}
    process = stack.enter_context(subprocess.Popen(command, cwd=ROOT, env=own, stdin=pipe, stdout=pipe, text=True))
    stack.callback(process.kill)

    def killed(*what: object) -> str:
        """What was acknowledged before the end."""
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(what) + "\n")
        process.stdin.flush()
        return "".join(iter(process.stdout.readline, "end\n"))

    while "emptied" not in done:
        last += 1
        running = cards[0].petition
        key = superuser.execute("SELECT sealed_private FROM ballot_key WHERE petition_id = %s", [running]).fetchone()
        assert key
        private = seal.private(running, bytes(key[0]))
        tokens = [signed(private, running, 10 * last + number) for number in range(3)]
        superuser.rollback()
        done = killed(str(tmp_path / str(last)), last, tokens)
        box = Box(tmp_path / str(last))
        after = Ballot(database, seal, box)
        for _ in range(2):  # as after a restart, and once more
            after.empty(today())
        box.close()
        (tmp_path / str(last) / "box").unlink()
        found = rows(superuser, running)
        superuser.execute("DELETE FROM ballot_vote WHERE petition_id = %s", [running])
        superuser.commit()
        counted = sum(row[1] is not None for row in found)
        said = done.count("in ")
        may = {said, said + 1} if said < len(tokens) else {len(tokens), len(tokens) - 1}
        assert counted in ({len(tokens) - 1} if "back" in done else may), (last, done, found)
    database.dispose()
    assert last > 20
