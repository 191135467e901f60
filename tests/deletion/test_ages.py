"""R03: deleting by age is a step: claimed, in batches, after people's own deletions, read back by another login."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock, points
from portal.core.db import Database
from portal.deletion import ages, store
from portal.requests.rules import About, RequestType
from tests import aged
from tests.aged import delete_old
from tests.captured import store_item
from tests.requests.arrange import sent
from tests.web_client import Browser
from wire.documents import Kind

Superuser = psycopg.Connection[tuple[Any, ...]]
DAY = timedelta(days=1)


@pytest.fixture
def ask(superuser: Superuser) -> Callable[..., list[tuple[Any, ...]]]:
    """As the superuser; committed. Nothing is left of what other tests kept."""

    def asked(statement: str, *values: object) -> list[tuple[Any, ...]]:
        cursor = superuser.execute(statement.encode(), values or None)
        rows = cursor.fetchall() if cursor.description else []
        superuser.commit()
        return rows

    asked("DELETE FROM segment WHERE started_at < now() - interval '13 days'")
    asked("DELETE FROM retention_step")
    return asked


Ask = Callable[..., list[tuple[Any, ...]]]


def _old(superuser: Superuser, person: UUID, items: int, days: int = 40) -> None:
    for number in range(items):
        store_item(superuser, person, clock.now() - days * DAY - timedelta(minutes=number), Kind.KEY)


def _step(ask: Ask, kind: str = "key") -> dict[str, Any]:
    return aged.named(ask(aged.STEP, kind)[0])


def test_R03_a_step_for_each_kind_ends_with_counts_dates_and_one_entry(
    database: Database, person: Callable[..., UUID], superuser: Superuser, ask: Ask
) -> None:
    amira, ben = person("Amira Kaya"), person("Ben Okafor")
    _old(superuser, amira, 3)
    _old(superuser, ben, 2, days=45)
    sent(database, ben, RequestType.RESTRICT, About())
    delete_old(database)
    step = _step(ask)
    assert step["read_back_at"] is not None
    assert step["physical_on"] == (step["read_back_at"] + 30 * DAY).date()
    told = {name: step[name] for name in ("state", "deleted", "told", "held", "frozen", "remaining")}
    assert told == {"state": "done", "deleted": 3, "told": None, "held": 0, "frozen": 2, "remaining": 0}
    entries = ask(
        "SELECT id, action, employee_id, detail FROM audit_entry WHERE object_id = %s ORDER BY id", step["id"]
    )
    assert [(row[1], row[2]) for row in entries] == [("retention.deleted", amira), ("retention.ended", None)]
    assert entries[1][0] == step["entry_id"]
    assert entries[1][3].items() >= {"kind": "key", "deleted": 3, "frozen": 2, "remaining": 0, "state": "done"}.items()
    assert {row[0] for row in ask("SELECT kind FROM retention_step")} == set(Kind)
    rows = str(ask("SELECT * FROM retention_step"))
    assert str(amira) not in rows, "no row of it names anybody"
    assert str(ben) not in rows


def test_R03_what_is_left_is_found_by_the_other_login_and_never_called_done(
    database: Database,
    person: Callable[..., UUID],
    superuser: Superuser,
    ask: Ask,
    browse: Callable[[UUID | None], Browser],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amira, omar = person("Amira Kaya"), person("Omar Officer")
    ask("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'privacy_officer')", omar)
    _old(superuser, amira, 3)
    real = store.delete_batch

    def lies(session: Any, conditions: Any, now: datetime) -> dict[tuple[UUID, str], int]:
        """Deletes nothing of the keys, as a wrong condition would."""
        return {} if conditions[1].right.value == Kind.KEY else real(session, conditions, now)

    with monkeypatch.context() as changed:
        changed.setattr(store, "delete_batch", lies)
        delete_old(database)
    step = _step(ask)
    assert (step["state"], step["deleted"], step["remaining"]) == ("partial", 0, 3)
    assert _step(ask, "click")["state"] == "done"
    page = browse(omar).get("/officer/retention").text
    assert "3 items are left" in page
    assert "1 kind of data is not as it should be." in page
    delete_old(database)
    assert (_step(ask)["state"], _step(ask)["deleted"]) == ("done", 3)
    assert "Nothing is kept longer than the policy allows." in browse(omar).get("/officer/retention").text


def test_R03_the_reading_back_is_done_by_the_login_that_can_delete_nothing(
    database: Database, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins = []
    real = ages.left

    def left(session: Any, *given: Any) -> tuple[int, int, int]:
        logins.append(session.connection().exec_driver_sql("SELECT session_user").scalar())
        return real(session, *given)

    monkeypatch.setattr(ages, "left", left)
    delete_old(database)
    assert logins == ["readback"] * len(Kind)
    delete = "SELECT has_table_privilege('readback', c.oid, 'DELETE') FROM pg_class c WHERE relname = 'segment'"
    assert ask(delete) == [(False,)]


def test_R03_it_goes_in_bounded_batches_and_people_come_first(
    database: Database,
    person: Callable[..., UUID],
    superuser: Superuser,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "BATCH", 2)
    amira = person("Amira Kaya")
    _old(superuser, amira, 7)
    left = "SELECT count(*) FROM segment WHERE employee_id = %s"
    waits, due = uuid4(), clock.now() - DAY
    ask("UPDATE erasure SET undone_at = now() WHERE done_at IS NULL AND undone_at IS NULL")
    ask("UPDATE request_step SET state = 'cancelled' WHERE state IN ('waiting', 'running', 'pending')")
    ask(
        "INSERT INTO erasure (id, employee_id, asked_at, starts_at, ends_at, items, execute_after) "
        "VALUES (%s, %s, now(), %s, now(), 1, %s)",
        *(waits, amira, due, due),
    )
    hourly = aged.retention(database)
    hourly.ring()
    assert ask(left, amira) == [(5,)], "one batch, then it gives way"
    assert (_step(ask)["state"], _step(ask)["claimed_until"]) == ("waiting", None)
    hourly.ring()
    assert ask(left, amira) == [(3,)], "and nobody's wish keeps it from going on for ever"
    ask("UPDATE erasure SET done_at = now() WHERE id = %s", waits)
    hourly.ring()
    assert ask(left, amira) == [(0,)]
    assert (_step(ask)["state"], _step(ask)["deleted"]) == ("done", 7)


def test_R03_of_two_workers_one_deletes_and_a_lost_claim_writes_nothing(
    database: Database,
    person: Callable[..., UUID],
    superuser: Superuser,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    amira = person("Amira Kaya")
    _old(superuser, amira, 3)
    other = aged.retention(database)
    seen: list[str] = []

    def reached(name: str) -> None:
        if name == "age_read_back" and not seen:
            seen.append(name)
            other.run()
            seen.append(str(ask("SELECT kind FROM retention_step WHERE state = 'running'")))
            ask("UPDATE retention_step SET claimed_until = now(), next_try_at = now() WHERE state = 'running'")
            other.run()
            seen.append(str(ask("SELECT * FROM retention_step ORDER BY kind")))

    monkeypatch.setattr(points, "reached", reached)
    with database.transaction("worker") as session:
        ages.plan(session, clock.now())
    aged.retention(database).run()
    assert seen[1] == "[('click',)]", "the other left alone what is in somebody's hand"
    assert seen[2:] == [str(ask("SELECT * FROM retention_step ORDER BY kind"))]
    ends = "SELECT count(*) FROM audit_entry WHERE action = 'retention.ended' AND object_id = %s"
    assert [ask(ends, row[0]) for row in ask("SELECT id FROM retention_step")] == [[(1,)]] * len(Kind)


def test_R03_what_fails_is_pending_since_its_first_failure_and_done_once_it_works(
    database: Database, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    with database.transaction("worker") as session:
        ages.plan(session, now)
    with monkeypatch.context() as broken:
        broken.setattr(ages, "left", lambda *_: 1 // 0)
        aged.retention(database).run()
        first = _step(ask)
        assert (first["state"], first["claimed_until"]) == ("pending", None)
        ask("UPDATE retention_step SET next_try_at = now()")
        aged.retention(database).run()
        assert _step(ask)["pending_since"] == first["pending_since"] >= now
    with database.transaction("worker") as session:
        ages.plan(session, clock.now() + timedelta(hours=1))
    assert ask("SELECT count(*) FROM retention_step") == [(len(Kind),)], "a kind that is at work gets no second step"
    ask("UPDATE retention_step SET next_try_at = now()")
    aged.retention(database).run()
    assert (_step(ask)["state"], _step(ask)["pending_since"]) == ("done", None)


def test_a_step_is_made_each_hour_and_once(database: Database, ask: Ask) -> None:
    hourly = aged.retention(database)
    for _ in range(2):
        hourly.ring()
    assert ask("SELECT count(*) FROM retention_step") == [(len(Kind),)]
    (until,) = {row[0] for row in ask("SELECT until FROM retention_step")}
    assert until == ages.full_hour(until)
    assert clock.now() - until < timedelta(hours=1, minutes=5)
    with database.transaction("worker") as session:
        ages.plan(session, until + ages.EVERY)
    assert ask("SELECT count(*) FROM retention_step") == [(2 * len(Kind),)]


def test_a_number_is_told_only_of_ten_people(
    database: Database, person: Callable[..., UUID], superuser: Superuser, ask: Ask
) -> None:
    for number in range(10):
        _old(superuser, person(f"Person {number}"), 1, days=40 + number)
    delete_old(database)
    assert _step(ask)["told"] == 10
    with pytest.raises(psycopg.errors.CheckViolation):
        ask("UPDATE retention_step SET people = 9 WHERE kind = 'key'")
    superuser.rollback()


def test_R03_the_person_sees_that_another_login_looked(
    database: Database,
    person: Callable[..., UUID],
    superuser: Superuser,
    ask: Ask,
    browse: Callable[[UUID | None], Browser],
) -> None:
    amira = person("Amira Kaya")
    _old(superuser, amira, 1)
    delete_old(database)
    page = browse(amira).get("/requests/expired").text
    assert "nothing is left" in page
    assert "in no backup from" in page
    ask("ALTER TABLE retention_step DROP CONSTRAINT ck_retention_step_ended")
    try:
        ask("UPDATE retention_step SET read_back_at = NULL")
        assert "not yet" in browse(amira).get("/requests/expired").text
        ask("UPDATE retention_step SET read_back_at = now(), state = 'partial', remaining = 1")
        assert "something too old is left" in browse(amira).get("/requests/expired").text
    finally:
        ask("DELETE FROM retention_step")
        ask(
            "ALTER TABLE retention_step ADD CONSTRAINT ck_retention_step_ended CHECK "
            "((state IN ('done', 'partial')) = (read_back_at IS NOT NULL AND remaining IS NOT NULL))"
        )
    ask("UPDATE audit_entry SET object_id = NULL WHERE employee_id = %s AND action = 'retention.deleted'", amira)
    assert "not looked at" in browse(amira).get("/requests/expired").text
