"""Somebody of HR whom an item shows claims it as anybody may: at the desk they must not read whose it is."""

from typing import Any
from uuid import UUID

import psycopg

from tests.cast import make_person
from tests.db.arrange import connected, marked_person
from tests.db.conftest import Apart

# Every table that says whose request it is, and that the desk reads: also one that comes later.
OF_REQUESTS = """
SELECT p.oid::regclass::text, r.attname FROM pg_class p JOIN pg_namespace n ON n.oid = p.relnamespace
  JOIN pg_attribute e ON e.attrelid = p.oid AND e.attname = 'employee_id'
  JOIN pg_attribute r ON r.attrelid = p.oid AND (r.attname = 'request_id' OR p.relname = 'request' AND r.attname = 'id')
 WHERE n.nspname = 'public' AND p.relkind IN ('r', 'p') AND NOT p.relispartition
   AND has_column_privilege('web_hr', p.oid, e.attnum, 'SELECT') ORDER BY 1
"""


def shows(
    connection: psycopg.Connection[tuple[Any, ...]], tables: dict[str, str], owner: UUID, request: UUID
) -> set[str]:
    """The tables in which this connection reads whose the request is."""
    found = set()
    for table, key in tables.items():
        rows = connection.execute(f"SELECT employee_id FROM {table} WHERE {key} = %s".encode(), [request]).fetchall()
        if (owner,) in rows:
            found.add(table)
    return found


def test_D02_who_claims_an_item_reads_in_no_table_of_the_desk_whose_it_is(apart: Apart) -> None:
    with psycopg.connect(apart.superuser) as superuser:
        amira = marked_person(superuser, "Amira")
        hana, helge = make_person(superuser, "Hana"), make_person(superuser, "Helge")
        tables: dict[str, str] = dict(superuser.execute(OF_REQUESTS).fetchall())
        assert {"request", "request_event", "receipt", "store_task"} <= tables.keys()
        ((request,),) = superuser.execute(b"SELECT id FROM request WHERE employee_id = %s", [amira]).fetchall()
        for table, key in tables.items():
            superuser.execute(f"UPDATE {table} SET {key} = %s WHERE employee_id = %s".encode(), [request, amira])
        claimed = b"UPDATE request SET started_by = 'bystander', started_by_id = %s WHERE id = %s"
        superuser.execute(claimed, [hana, request])
    for who, seen in ((hana, set[str]()), (helge, set(tables))):
        with connected(apart.settings, "web_hr", who) as desk:
            assert shows(desk, tables, amira, request) == seen
