"""An export of everything tells of every table with people, or this file says why it does not."""

import json
from typing import Any
from uuid import UUID

import jsonschema_rs
import psycopg
import pytest

from tests.db.arrange import PERSONAL, marked_person
from tests.db.conftest import Apart
from vault.exports.ending import DESCRIPTION
from vault.exports.words import ABOUT

NOT_EXPORTED = {
    "employee_key": "the sealed key itself, which opens nothing for its person",
    "vault_ticket": "the hash of a token that lives as long as a session, and sign_ins tells of those",
    "export_file": "the archive itself, in pieces",
    "export_chunk": "the archive itself, in pieces",
    "expert": "that somebody from outside has a seat of the works council, whose account has no pages of its own",
    "panel_person": "a random number for one quarter's statistics, which only the worker's login may tie to a person",
}
NAMED_OTHERWISE = {
    "employee": "the person",
    "expert_seat": "somebody from outside, by the name and account that the works council wrote down",
    "source_owner": "the address of whoever answers for a store, as the company wrote it down",
    "room_look": "who of council, privacy office and experts opened what of the evidence room, in their office",
}
"""Tables that tell of people by other columns than `employee_id`."""

OTHERWISE = {"segment": "the captured items: data/items, with their content"}
MENTIONED = """
SELECT DISTINCT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = a.attnum
 WHERE n.nspname IN ('public', 'private', 'pub') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND (a.attname = 'employee_id' OR d.description LIKE 'personal: _%')
"""


def told(superuser: psycopg.Connection[Any], order: UUID) -> str:
    """All lists of an archive about the person; where the order itself is gone, nothing."""
    if superuser.execute("SELECT FROM export_order WHERE id = %s", [order]).fetchone() is None:
        return ""
    rows = [superuser.execute("SELECT export_rows(%s, %s)", [order, about]).fetchall() for about in ABOUT]
    return json.dumps(rows, default=str)


@pytest.fixture
def arranged(apart: Apart) -> Any:
    """A person with a row in every table, and a live order; undone at the end."""
    with psycopg.connect(apart.superuser) as superuser:
        person = marked_person(superuser, "mark7c1d")
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("UPDATE upload SET outcome = 'refused', reason = 'paused' WHERE employee_id = %s", [person])
        live = "UPDATE export_order SET finished_at = NULL, cancelled_at = NULL WHERE employee_id = %s RETURNING id"
        (order,) = superuser.execute(live, [person]).fetchone() or ()
        yield superuser, person, order
        superuser.rollback()


def test_D07_what_a_table_holds_of_a_person_is_exported(arranged: Any) -> None:
    superuser, person, order = arranged
    everything = told(superuser, order)
    untold = []
    for (table,) in superuser.execute(PERSONAL).fetchall():
        superuser.execute("SAVEPOINT without")
        superuser.execute(f"DELETE FROM {table} WHERE employee_id = %s", [person])
        if told(superuser, order) == everything:
            untold.append(table)
        superuser.execute("ROLLBACK TO SAVEPOINT without")
    assert sorted(untold) == sorted(NOT_EXPORTED | OTHERWISE)


def test_D07_a_table_with_people_has_an_employee_column(apart: Apart) -> None:
    """What is found by other columns only would be passed over above."""
    with psycopg.connect(apart.superuser) as superuser:
        mentioned = {row[0] for row in superuser.execute(MENTIONED).fetchall()}
        by_employee = {row[0] for row in superuser.execute(PERSONAL).fetchall()}
    assert mentioned - by_employee == set(NAMED_OTHERWISE)


def test_every_list_of_an_archive_has_its_rows_as_the_schema_says(arranged: Any) -> None:
    superuser, _, order = arranged
    schema = json.loads(DESCRIPTION.read_text())
    empty = []
    for about in ABOUT:
        rows = [row for (row,) in superuser.execute("SELECT export_rows(%s, %s)", [order, about]).fetchall()]
        validator = jsonschema_rs.validator_for(schema | {"$ref": f"#/$defs/about_{about}"})
        for row in rows:
            validator.validate(row)
        empty += [] if rows else [about]
    assert empty == [
        "delegations_to_you",
        "shown_to_you",
        "policies",
    ]  # others' rows, and nobody's


def test_D07_a_deletion_says_how_many_items_a_hold_kept(arranged: Any) -> None:
    superuser, person, order = arranged
    superuser.execute("UPDATE erasure SET held = 41 WHERE employee_id = %s", [person])
    rows = [row for (row,) in superuser.execute("SELECT export_rows(%s, 'deletions')", [order]).fetchall()]
    assert {row["held"] for row in rows} == {41}
