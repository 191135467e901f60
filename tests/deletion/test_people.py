"""D06 and L02: a whole person goes, to the last column; the log stays whole, and tells every other gap."""

from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.operations.postgres import DATABASE
from tests.db.arrange import marked_person
from tests.deletion.installation import EVERYBODY, Installation
from tests.deletion.worker import Worker

MARK = "mark9f3a"
LOOK = (
    "INSERT INTO look (id, employee_id, reader_id, reader_name, kind, purpose, segment_ids, covers_from, covers_until) "
    "VALUES (%s, %s, %s, %s, 'open', 'own_view', '{}', now(), now())"
)
TEXTS = (
    "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname IN ('public', 'private', 'pub') AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
)


def _marked(installation: Installation) -> UUID:
    with psycopg.connect(installation.postgres.superuser_conninfo(DATABASE)) as superuser:
        return marked_person(superuser, MARK)


def _found(installation: Installation, word: str) -> list[str]:
    """Tables in which some row's text holds `word`."""
    tables = [row[0] for row in installation.ask(TEXTS)]
    return [
        name for name in tables if installation.one(f"SELECT count(*) FROM {name} t WHERE t::text LIKE %s", f"%{word}%")
    ]


@pytest.mark.slow
def test_D06_nothing_of_a_whole_person_stays_in_any_table(
    installation: Installation, vault: None, tmp_path: Path
) -> None:
    amira = _marked(installation)
    assert len(_found(installation, MARK)) > 15
    installation.ask("UPDATE request_step SET state = 'done' WHERE employee_id = %s", amira)
    installation.ask("DELETE FROM legal_hold WHERE employee_id = %s", amira)
    codes = "UPDATE audit_entry SET action = 'marked', actor_role = 'x' WHERE employee_id = %s"
    installation.ask(codes, amira)  # the two hold codes of ours, never words
    request = installation.request(amira, EVERYBODY)
    with Worker(installation.environment, tmp_path) as worker:
        worker.until(lambda: installation.state(request) == ["done"])
        worker.until(lambda: installation.one("SELECT count(*) FROM log_pending") == 0)
    assert _found(installation, MARK) == []
    kept = {"employee", "tombstone", "request", "request_step", "receipt"}
    assert set(_found(installation, str(amira))) == kept
    assert installation.findings() == []


@pytest.mark.slow
def test_D06_who_works_with_others_rows_loses_the_name_there(
    installation: Installation, vault: None, tmp_path: Path
) -> None:
    amira, hana = installation.person(), installation.person(f"Hana {MARK}")
    request = installation.request(amira, EVERYBODY.__class__())
    installation.ask(
        "UPDATE request SET assigned_to = %s, assigned_name = %s WHERE id = %s", hana, f"Hana {MARK}", request
    )
    installation.ask(LOOK, uuid4(), amira, hana, f"Hana {MARK}")
    own = installation.request(hana, EVERYBODY)
    with Worker(installation.environment, tmp_path) as worker:
        worker.until(lambda: installation.state(own) == ["done"])
    assert _found(installation, MARK) == []
    assert installation.one("SELECT count(*) FROM look WHERE employee_id = %s AND reader_id = %s", amira, hana) == 1


@pytest.mark.slow
def test_L02_only_what_the_log_says_was_erased_may_be_blank(
    installation: Installation, vault: None, tmp_path: Path
) -> None:
    amira, ben = installation.person(items=1), installation.person("Ben Okafor")
    for person in (amira, ben):
        installation.ask("INSERT INTO audit_entry (actor_role, action, employee_id) VALUES ('x', 'y', %s)", person)
    request = installation.request(amira, EVERYBODY)
    with Worker(installation.environment, tmp_path) as worker:
        worker.until(lambda: installation.state(request) == ["done"])
        worker.until(lambda: installation.one("SELECT count(*) FROM log_pending") == 0)
    assert installation.one("SELECT count(*) FROM audit_entry WHERE salt IS NULL") > 0
    assert installation.findings() == []
    (entry,) = installation.ask("SELECT id, salt FROM audit_entry WHERE employee_id = %s", ben)
    installation.ask("UPDATE audit_entry SET salt = NULL WHERE id = %s", entry[0])
    assert installation.findings() == [f"entry {entry[0]} was blanked, and no entry of the log says so"]
    installation.ask("UPDATE audit_entry SET salt = %s WHERE id = %s", entry[1], entry[0])
    assert installation.findings() == []


@pytest.mark.slow
def test_L02_a_look_that_somebody_deletes_is_missed(installation: Installation, tmp_path: Path) -> None:
    amira = installation.person()
    look = uuid4()
    installation.ask(LOOK, look, amira, amira, "Amira")
    with Worker(installation.environment, tmp_path) as worker:
        worker.until(lambda: installation.one("SELECT count(*) FROM log_pending") == 0)
    assert installation.findings() == []
    row = installation.ask("DELETE FROM look WHERE id = %s RETURNING employee_id", look)
    assert row == [(amira,)]
    assert installation.findings() == [f"the look {look} is gone"]
    installation.ask(LOOK, look, amira, amira, "Amira")
