"""What browsers ask the ballot leaves nothing in the database: it is asked nothing, so its statistics tell nothing."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from ballot.box import Box
from ballot.errors import BallotError
from ballot.keys import Keys
from ballot.service import Ballot, Token
from portal.core.config import Settings
from portal.core.db import Database
from portal.core.logins import LOGINS
from tests.gateway.process import wait_until
from tests.petitions.arrange import DAY, Superuser, petition, today
from tests.petitions.test_ballot import signed

COUNTERS = "SELECT to_jsonb(s) - 'relid' FROM pg_stat_user_tables s WHERE schemaname IN ('public', 'private', 'pub')"
INDEXES = "SELECT to_jsonb(s) - 'relid' - 'indexrelid' FROM pg_stat_user_indexes s"
BUSY = "SELECT FROM pg_stat_activity WHERE usename = 'ballot'"
READS = (
    "SELECT last_idx_scan, idx_scan FROM pg_stat_user_tables",
    "SELECT n_tup_ins FROM pg_stat_all_tables",
    "SELECT * FROM pg_stat_user_indexes",
    "SELECT * FROM pg_statio_user_tables",
    "SELECT * FROM pg_stat_xact_user_tables",
    "SELECT * FROM pg_stat_user_functions",
    "SELECT * FROM pg_stat_database",
    "SELECT * FROM pg_stat_activity",
    "SELECT * FROM pg_stat_io",
    "SELECT * FROM pg_stat_wal",
    "SELECT pg_stat_get_lastscan('ballot_vote'::regclass)",
    "SELECT pg_stat_get_tuples_inserted('petition_signature'::regclass)",
    "SELECT pg_relation_size('ballot_issue'::regclass)",
    "SELECT pg_total_relation_size('pause'::regclass)",
)


@pytest.fixture
def seal(settings: Settings) -> Keys:
    """The ballot's own key."""
    return Keys(bytes.fromhex(settings.require("ballot_seal")))


@contextmanager
def opened(settings: Settings, seal: Keys, folder: Path) -> Iterator[Ballot]:
    """A ballot with a box and connections of its own, which are closed at the end."""
    database, box = Database(settings), Box(folder)
    yield Ballot(database, seal, box)
    box.close()
    database.dispose()


def counters(superuser: Superuser) -> list[Any]:
    """All that PostgreSQL has counted, once every connection of the ballot has ended and so handed its counts in."""
    superuser.rollback()

    def alone() -> bool:
        rows = superuser.execute(BUSY).fetchall()
        superuser.rollback()
        return not rows

    wait_until(alone)
    found = [sorted(str(row[0]) for row in superuser.execute(one.encode())) for one in (COUNTERS, INDEXES)]
    superuser.rollback()
    return found


def tokens(settings: Settings, superuser: Superuser, seal: Keys, running: UUID, count: int) -> list[Token]:
    """Tokens for a petition whose key has been made."""
    row = superuser.execute("SELECT sealed_private FROM ballot_key WHERE petition_id = %s", [running]).fetchone()
    superuser.rollback()
    assert row
    bodies = [signed(seal.private(running, bytes(row[0])), running, number) for number in range(count)]
    return [Token(running, *(base64.b64decode(body[name]) for name in ("prepared", "signature"))) for body in bodies]


def with_key(settings: Settings, superuser: Superuser, seal: Keys, folder: Path) -> UUID:
    """An open petition with its key, and three tokens in the table: one for each mark."""
    running = petition(superuser)
    with opened(settings, seal, folder) as ballot:
        while ballot.make_key(today()):
            pass
        vote, void, spent = tokens(settings, superuser, seal, running, 3)
        ballot.hand_in(vote)
        ballot.take_back(void)
        ballot.give_up(spent)
        ballot.empty(today())
    return running


def test_A02_the_databases_statistics_do_not_tell_that_somebody_handed_in(
    settings: Settings, superuser: Superuser, seal: Keys, tmp_path: Path
) -> None:
    """All that browsers ask, of tokens that are new, in the box, and in the table: not one table or index is read."""
    running = with_key(settings, superuser, seal, tmp_path / "first")
    vote, void, spent, new, fresh = tokens(settings, superuser, seal, running, 5)
    before = counters(superuser)
    with opened(settings, seal, tmp_path / "none"):
        pass
    started = counters(superuser)
    assert started != before, "what PostgreSQL counts must be seen here"
    database, box = Database(settings), Box(tmp_path / "some")
    ballot = Ballot(database, seal, box)
    database.dispose()
    started = counters(superuser)
    ballot.hand_in(new)
    ballot.take_back(fresh)
    assert [ballot.is_counted(one) for one in (vote, void, spent, new, fresh)] == [True, False, False, True, False]
    for one, slug in ((vote, "used"), (void, "taken_back"), (spent, "spent"), (new, "used"), (fresh, "taken_back")):
        with pytest.raises(BallotError, match=slug):
            ballot.hand_in(one)
    for one in (vote, new):
        with pytest.raises(BallotError, match="used"):
            ballot.give_up(one)
    ballot.take_back(vote)
    ballot.hand_in(void, again=True)
    assert ballot.give_up(spent) == ballot.give_up(spent)
    database.dispose()
    box.close()
    assert counters(superuser) == started


def test_what_was_emptied_and_which_petitions_run_is_known_without_asking(
    settings: Settings, superuser: Superuser, seal: Keys, tmp_path: Path
) -> None:
    running = with_key(settings, superuser, seal, tmp_path)
    new = tokens(settings, superuser, seal, running, 4)[3]
    with opened(settings, seal, tmp_path) as ballot:
        ballot.hand_in(new)
        ballot.empty(today())
        assert ballot.is_counted(new)
        with pytest.raises(BallotError, match="used"):
            ballot.hand_in(new)
        superuser.execute("UPDATE petition SET state = 'closed', ended_on = %s WHERE id = %s", [today() - DAY, running])
        superuser.commit()
        assert ballot.is_counted(new)
        ballot.learn()
        with pytest.raises(BallotError, match="ended"):
            ballot.is_counted(new)
        ballot.tidy()
        ballot.learn()
        with pytest.raises(BallotError, match="ended"):
            ballot.hand_in(new)


@pytest.mark.parametrize("login", LOGINS)
def test_A02_no_login_reads_the_databases_statistics(settings: Settings, login: str) -> None:
    """When a table was last looked at, how many rows came, how large it is, who is connected: for administrators."""
    with psycopg.connect(settings.conninfo(login), autocommit=True) as connection:
        if login == "migrator":
            connection.execute("SET ROLE owner")
        for one in READS:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(one.encode())


def test_whom_the_administrator_made_a_watcher_goes_on_watching(superuser: Superuser) -> None:
    superuser.execute("CREATE ROLE watcher")
    superuser.execute("GRANT pg_monitor TO watcher")
    superuser.execute("SET LOCAL ROLE watcher")
    for one in READS[:8]:
        superuser.execute(one.encode())
    superuser.rollback()
