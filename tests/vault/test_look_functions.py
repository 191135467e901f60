"""The two database functions through which sealed bytes leave, attacked with the vault's own password (C05)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from portal.core.config import Settings
from portal.core.vault_client import VaultClient
from tests.vault.arrange import Insider, Superuser, looks_of, store, typed
from vault.looks import ticket_hash

Connection = psycopg.Connection[tuple[Any, ...]]
READ = "SELECT id, body FROM look_read(%s)"


@pytest.fixture
def vault_login(settings: Settings) -> Iterator[Connection]:
    """A connection with the vault's password, as a thief would have it."""
    with psycopg.connect(settings.conninfo("vault")) as connection:
        yield connection
        connection.rollback()


def begin(connection: Connection, who: Insider, *segments: UUID, kind: str = "open") -> UUID:
    starts, until = who.recently
    row = connection.execute(
        "SELECT look_begin(%s, %s, 'own', %s, %s, %s)", [ticket_hash(who.ticket), kind, list(segments), starts, until]
    ).fetchone()
    assert row is not None
    look: UUID = row[0]
    return look


def test_C05_begin_commit_read_gives_the_sealed_bytes_once(
    vault_login: Connection, superuser: Superuser, amira: Insider
) -> None:
    header = store(superuser, amira, typed())
    look = begin(vault_login, amira, header.segment)
    vault_login.commit()
    ((segment, body),) = vault_login.execute(READ, [look]).fetchall()
    vault_login.commit()
    assert (segment, body[:4]) == (header.segment, b"DLS1")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        vault_login.execute(READ, [look])


def test_C05_begin_rollback_reads_nothing(vault_login: Connection, superuser: Superuser, amira: Insider) -> None:
    header = store(superuser, amira, typed())
    look = begin(vault_login, amira, header.segment)
    vault_login.rollback()
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no committed look"):
        vault_login.execute(READ, [look])
    assert looks_of(superuser, amira.person) == []


@pytest.mark.parametrize("savepoint", [False, True])
def test_C05_a_look_is_not_read_in_its_own_transaction(
    vault_login: Connection,
    superuser: Superuser,
    amira: Insider,
    savepoint: bool,  # noqa: FBT001
) -> None:
    header = store(superuser, amira, typed())
    if savepoint:
        vault_login.execute("SAVEPOINT inner_one")
    look = begin(vault_login, amira, header.segment)
    if savepoint:
        vault_login.execute("RELEASE SAVEPOINT inner_one")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no committed look"):
        vault_login.execute(READ, [look])


def test_C05_another_connection_cannot_read_before_the_commit(
    vault_login: Connection, settings: Settings, superuser: Superuser, amira: Insider
) -> None:
    header = store(superuser, amira, typed())
    look = begin(vault_login, amira, header.segment)
    with psycopg.connect(settings.conninfo("vault")) as other, pytest.raises(psycopg.errors.InsufficientPrivilege):
        other.execute(READ, [look])


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_C05_an_old_snapshot_opens_nothing(
    vault_login: Connection, superuser: Superuser, amira: Insider, level: str
) -> None:
    """Taken while the session lived, it would still show it alive after its end, and items before their erasure."""
    header = store(superuser, amira, typed())
    look = begin(vault_login, amira, header.segment)
    vault_login.commit()
    for statement in (READ, "SELECT look_begin(%s, 'open', 'own', '{}', now(), now())"):
        vault_login.execute(f"BEGIN ISOLATION LEVEL {level}".encode())
        with pytest.raises(psycopg.errors.InvalidTransactionState):
            vault_login.execute(statement.encode(), [look if statement == READ else ticket_hash(amira.ticket)])
        vault_login.rollback()


def test_C05_an_old_transaction_cannot_backdate_a_look(
    vault_login: Connection, superuser: Superuser, amira: Insider
) -> None:
    header = store(superuser, amira, typed())
    row = vault_login.execute("SELECT now(), pg_sleep(1.1)").fetchone()
    look = begin(vault_login, amira, header.segment)
    vault_login.commit()
    told = superuser.execute("SELECT at FROM look WHERE id = %s", [look]).fetchone()
    assert row is not None
    assert told is not None
    assert told[0] - row[0] > timedelta(seconds=1)


def test_C05_an_old_transaction_does_not_outlive_the_session(
    vault_login: Connection, superuser: Superuser, amira: Insider
) -> None:
    header = store(superuser, amira, typed())
    superuser.execute(
        "UPDATE login_session SET expires_at = clock_timestamp() + interval '1 second' WHERE id = %s", [amira.session]
    )
    superuser.commit()
    vault_login.execute("SELECT pg_sleep(1.1)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no live ticket"):
        begin(vault_login, amira, header.segment)


def test_C05_a_look_that_nobody_read_expires(vault_login: Connection, superuser: Superuser, amira: Insider) -> None:
    header = store(superuser, amira, typed())
    look = begin(vault_login, amira, header.segment)
    vault_login.commit()
    superuser.execute("UPDATE look SET at = at - interval '61 seconds' WHERE id = %s", [look])
    superuser.commit()
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no committed look"):
        vault_login.execute(READ, [look])


def test_C05_a_look_gives_only_what_its_line_names(
    vault_login: Connection, superuser: Superuser, amira: Insider, ben: Insider
) -> None:
    named, unnamed, others = (
        store(superuser, amira, typed()),
        store(superuser, amira, typed()),
        store(superuser, ben, typed()),
    )
    look = begin(vault_login, amira, named.segment, others.segment)
    vault_login.commit()
    found = [row[0] for row in vault_login.execute(READ, [look])]
    assert found == [named.segment]
    assert unnamed.segment not in found
    (line,) = looks_of(superuser, amira.person)
    assert line["segment_ids"] == [named.segment, others.segment]


@pytest.mark.parametrize("count", [0, 5001])
def test_C05_a_look_covers_some_segments(vault_login: Connection, amira: Insider, count: int) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        begin(vault_login, amira, *[amira.person] * count)


def test_C05_the_vaults_password_alone_reads_no_log_and_no_ticket(vault_login: Connection, amira: Insider) -> None:
    assert amira.ticket
    for statement in (
        "SELECT token_hash FROM vault_ticket",
        "SELECT * FROM look",
        "INSERT INTO look (id) VALUES (gen_random_uuid())",
        "UPDATE look SET read_at = NULL",
        "DELETE FROM look",
        "SELECT body FROM segment",
        "SELECT params FROM notification",
        "SELECT token_hash FROM login_session",
        "SET ROLE vault_definer",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            vault_login.execute(statement.encode())
        vault_login.rollback()


def test_C05_the_person_sees_every_look(
    client: VaultClient, superuser: Superuser, settings: Settings, database: Any, amira: Insider
) -> None:
    header = store(superuser, amira, typed())
    client.look(amira.ticket, [header.segment], *amira.recently, "own")
    assert settings.actor_key
    with database.transaction("web_employee", amira.person) as session:
        rows = session.connection().exec_driver_sql("SELECT reader_id, purpose, segment_ids FROM look").all()
    assert [tuple(row) for row in rows] == [(amira.person, "own", [header.segment])]
