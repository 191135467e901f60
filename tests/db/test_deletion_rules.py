"""D06: each column that can hold a person's data says what deletes it, or is in `impersonal.yaml` with a reason."""

from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
import yaml

from tests.db.catalogue import SCHEMAS, Superuser

FILE = Path(__file__).with_name("impersonal.yaml")
RULE, OF = "personal: ", "personal: whole-person erasure of "
ALONE = "personal: whole-person erasure"
ACTORS = ("_id", "_by", "_to")
# Closed are columns of numbers, times, truths, random ids, and texts of which a constraint lists every value.
COLUMNS = """
SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, a.attname::text,
       coalesce(d.description, ''),
       t.typcategory NOT IN ('N', 'D', 'B', 'T') AND coalesce(e.typname, t.typname) NOT IN ('uuid', 'int2')
       AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'
                          AND k.conkey = ARRAY[a.attnum] AND pg_get_constraintdef(k.oid) LIKE '%%= ANY (%%')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
  LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
 WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1, a.attnum
"""


def findings(superuser: Superuser) -> list[str]:
    """One line for each column without a rule, with one that nothing carries out, or listed without need."""
    columns: dict[tuple[str, str], tuple[str, bool]] = {
        (table, column): (said, free)
        for table, column, said, free in superuser.execute(COLUMNS, [list(SCHEMAS)]).fetchall()
    }
    listed = set(_listed())
    open_ = {key for key, (said, free) in columns.items() if free and not said.startswith(RULE)}
    found = [f"{table}.{column}: no rule says what deletes it" for table, column in open_ - listed]
    found += [f"{table}.{column}: listed, and has a rule or is not there" for table, column in listed - open_]
    for (table, column), (said, _) in columns.items():
        if why := _unfounded(columns.keys(), table, column, said):
            found.append(f"{table}.{column}: {why}")
    return sorted(found)


def _listed() -> Iterator[tuple[str, str]]:
    for tables in yaml.safe_load(FILE.read_text()).values():
        for table, names in tables.items():
            yield from ((table, name) for name in names)


def _unfounded(columns: Collection[tuple[str, str]], table: str, column: str, said: str) -> str:
    """Why nothing would carry a rule out, or it would at another person's end; '' where it is well."""
    beside = {name for place, name in columns if place == table}
    if said.startswith(OF) and said.removeprefix(OF) not in beside:
        return "its rule names a column that is not there"
    if said == ALONE and "employee_id" not in beside and table != "employee":
        return "its rule wants a column employee_id"
    stem = column.removesuffix("_name")
    who = [stem + end for end in ACTORS if stem + end in beside] if stem != column else []
    if who and said == ALONE:
        return f"the name goes with {who[0]}, and its rule does not say so"
    return ""


def test_D06_every_column_that_can_hold_personal_data_has_a_rule(superuser: Superuser) -> None:
    assert findings(superuser) == []


def test_D06_who_refers_to_a_person_is_emptied_with_them_or_has_a_rule(superuser: Superuser) -> None:
    rows = superuser.execute(
        "SELECT k.conrelid::regclass::text || '.' || a.attname FROM pg_constraint k "
        "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) "
        "WHERE k.contype = 'f' AND k.confrelid = 'employee'::regclass AND k.conparentid = 0 "
        "AND a.attname <> 'employee_id' "
        "AND coalesce(col_description(k.conrelid, a.attnum), '') NOT LIKE 'personal: _%'"
    ).fetchall()
    assert rows == []


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ("ALTER TABLE request ADD COLUMN home_address text", "request.home_address: no rule says what deletes it"),
        ("ALTER TABLE device ADD COLUMN seen_from inet", "device.seen_from: no rule says what deletes it"),
        (
            "CREATE TABLE visitor (person_id uuid, name text, email varchar)",
            "visitor.email: no rule says what deletes it\nvisitor.name: no rule says what deletes it",
        ),
        ("COMMENT ON COLUMN request.words IS NULL", "request.words: no rule says what deletes it"),
        ("COMMENT ON COLUMN store_task.words IS NULL", "store_task.words: no rule says what deletes it"),
        (
            f"COMMENT ON COLUMN delegation.delegate_name IS '{ALONE}'",
            "delegation.delegate_name: the name goes with delegate_id, and its rule does not say so",
        ),
        (
            f"COMMENT ON COLUMN room_document.text IS '{ALONE}'",
            "room_document.text: its rule wants a column employee_id",
        ),
        (
            f"COMMENT ON COLUMN look.reader_name IS '{OF}reader'",
            "look.reader_name: its rule names a column that is not there",
        ),
    ],
)
def test_D06_a_column_that_somebody_adds_without_a_rule_is_found(
    superuser: Superuser, change: str, finding: str
) -> None:
    try:
        superuser.execute(change.encode())
        assert "\n".join(findings(superuser)).startswith(finding)
    finally:
        superuser.rollback()
