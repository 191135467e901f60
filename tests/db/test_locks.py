"""The locks say nothing of a person: nobody reads them, and nobody can try whether an upload holds one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core.config import Settings
from portal.core.logins import LOGINS
from portal.operations.bootstrap import LOCKERS
from tests.db.arrange import WEB, connected
from tests.db.catalogue import Superuser

Connection = psycopg.Connection[tuple[Any, ...]]
FORBIDDEN = psycopg.errors.InsufficientPrivilege
TRIES = (
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_advisory_xact_lock(1)",
    "SELECT pg_advisory_xact_lock_shared(1)",
    "SELECT pg_try_advisory_lock(1)",
    "SELECT pg_try_advisory_xact_lock(1)",
    "SELECT pg_try_advisory_xact_lock(1, 1)",
    "SELECT count(*) FROM pg_locks",
    "SELECT count(*) FROM pg_lock_status()",
    "SELECT person_turns(ARRAY[gen_random_uuid()])",
    "SELECT person_turns_alone(ARRAY[gen_random_uuid()])",
    "SELECT turn_number('person')",
)
HELD = """
SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
 WHERE locktype = 'advisory' AND objsubid = 1 AND pid = %s
"""
ADVISORY = "SELECT oid::regprocedure::text FROM pg_proc WHERE proname ~ 'advisory' OR proname = 'pg_lock_status'"


def held_by(superuser: Superuser, connection: Connection) -> set[int]:
    """The numbers of the locks that a connection holds."""
    found = {row[0] for row in superuser.execute(HELD, [connection.info.backend_pid])}
    superuser.rollback()
    return found


@pytest.mark.parametrize("login", [*WEB, "web_session", "web_directory", "readback", "ballot"])
@pytest.mark.parametrize("attempt", TRIES)
def test_D02_no_login_of_the_pages_reads_or_tries_a_lock(settings: Settings, login: str, attempt: str) -> None:
    with psycopg.connect(settings.conninfo(login)) as connection, pytest.raises(FORBIDDEN):
        connection.execute(attempt.encode())


def test_D02_only_who_needs_a_lock_may_take_it(superuser: Superuser) -> None:
    """The gateway, too, locks people by `person_turns` alone, and reads no lock."""
    may = {}
    for (function,) in superuser.execute(ADVISORY).fetchall():
        rows = "SELECT r FROM unnest(%s::text[]) r WHERE has_function_privilege(r, %s, 'EXECUTE')"
        roles = ["public", "owner", "vault_definer", *LOGINS]
        may[function] = {row[0] for row in superuser.execute(rows, [roles, function])}
    superuser.rollback()
    assert len(may) == 22
    assert {name: roles for name, roles in may.items() if roles} == {name: set(who) for name, who in LOCKERS.items()}


def test_D02_the_number_of_a_persons_lock_cannot_be_reckoned(
    settings: Settings, superuser: Superuser, person: Callable[..., UUID]
) -> None:
    ben, other = person("Ben Okafor"), person("Carl Diaz")
    reckoned = "SELECT hashtextextended(%s::text, 0) & 4294967295"
    with psycopg.connect(settings.conninfo("gateway")) as gateway:
        gateway.execute("SELECT person_turns(%s)", [[other, ben, ben]])
        held = held_by(superuser, gateway)
        assert len(held) == 2
        assert not {one & 4294967295 for one in held} & {superuser.execute(reckoned, [ben]).fetchone()[0]}  # type: ignore[index]
    with psycopg.connect(settings.conninfo("worker")) as worker:
        worker.execute("SELECT person_turn(%s)", [ben])
        assert held_by(superuser, worker) < held, "erasing waits for uploads of the same person"


def test_D02_an_employees_turns_hold_up_nobody_else(
    settings: Settings, superuser: Superuser, person: Callable[..., UUID]
) -> None:
    """Whatever the text says: another person's, or what the gateway's key is made of."""
    amira, ben = person("Amira Kaya"), person("Ben Okafor")
    word = f"request {uuid4()}"
    with connected(settings, "web_employee", amira) as one, connected(settings, "web_employee", ben) as another:
        for connection in (one, another):
            for text in (word, f"person|{ben}", f"own turn|{ben}|{word}"):
                connection.execute("SELECT take_turn(%s)", [text])
        one.execute("SELECT person_turn(%s)", [ben])
        mine, theirs = held_by(superuser, one), held_by(superuser, another)
        assert (len(mine), len(theirs)) == (4, 3)
        assert not mine & theirs
        with psycopg.connect(settings.conninfo("gateway")) as gateway:
            gateway.execute("SET lock_timeout = '1s'")
            gateway.execute("SELECT person_turns(%s)", [[ben]])
