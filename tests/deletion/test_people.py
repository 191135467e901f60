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
TASK = (
    "INSERT INTO store_task (id, employee_id, request_id, sort, store, owner, given_by, given_name, done_at, done_by, "
    "done_name, proof) VALUES (%s, %s, %s, 'owner', 'Chat', %s, %s, %s, now(), %s, %s, 'a call')"
)
DELEGATION = (
    "INSERT INTO delegation (id, employee_id, delegate_id, delegate_name, types, created_at, expires_at) "
    "VALUES (%s, %s, %s, %s, '{erase}', now(), now() + interval '1 day')"
)
NOTED = (
    "INSERT INTO request_event (employee_id, request_id, kind, actor_role, params) "
    "VALUES (%s, %s, 'noted', 'hr', jsonb_build_object('what', 'task', 'owner', %s::text))"
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
    name, asked = f"Hana {MARK}", f"HANA {MARK} of the data office"
    installation.ask(TASK, uuid4(), amira, request, asked, hana, name, hana, name)
    installation.ask(NOTED, amira, request, asked)
    installation.ask(DELEGATION, uuid4(), amira, hana, name)
    own = installation.request(hana, EVERYBODY)
    with Worker(installation.environment, tmp_path) as worker:
        worker.until(lambda: installation.state(own) == ["done"])
    assert _found(installation, MARK) == []
    assert installation.one("SELECT count(*) FROM look WHERE employee_id = %s AND reader_id = %s", amira, hana) == 1
    kept = installation.ask("SELECT params FROM request_event WHERE employee_id = %s AND kind = 'noted'", amira)
    assert kept == [({"what": "task"},)]


@pytest.mark.slow
def test_D06_a_name_that_stays_in_anothers_row_is_no_success(
    installation: Installation, vault: None, tmp_path: Path
) -> None:
    amira, hana = installation.person(), installation.person("Hana Vogel")
    own = installation.request(hana, EVERYBODY)
    with Worker(installation.environment, tmp_path) as worker:
        worker.until(lambda: installation.state(own) == ["done"])
    assert installation.one("SELECT person_remains(%s, %s)", hana, own) == 0
    installation.ask(TASK, uuid4(), amira, uuid4(), "Mark Vogt", hana, "Hana Vogel", hana, None)
    assert installation.one("SELECT person_remains(%s, %s)", hana, own) == 1


@pytest.mark.slow
def test_D06_a_task_that_is_done_does_not_keep_the_person(
    installation: Installation, vault: None, tmp_path: Path
) -> None:
    amira, hana = installation.person(), installation.person("Hana Vogel")
    request = installation.request(amira, EVERYBODY)
    installation.ask(TASK, uuid4(), amira, request, "Mark Vogt", hana, "Hana Vogel", hana, "Hana Vogel")
    with Worker(installation.environment, tmp_path) as worker:
        worker.until(lambda: installation.state(request) == ["done"])
    left = installation.ask(
        "SELECT owner, given_name, proof, done_at IS NOT NULL FROM store_task WHERE request_id = %s", request
    )
    assert left == [("", "Hana Vogel", "", True)]


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
