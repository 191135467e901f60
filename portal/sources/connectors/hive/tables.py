"""What the metastore says about tables, as Spark and Hive print it."""

from typing import Final

from portal.sources.connectors.base import Reason, RefusedError
from portal.sources.connectors.hive import statements
from portal.sources.connectors.hive.quarantine import SUFFIX
from portal.sources.connectors.hive.rewriting import PREFIX, Ask
from portal.sources.connectors.hive.statements import Table

REWRITABLE: Final = {"hive", "parquet", "orc", "avro", "csv", "json", "text"}
"""Providers whose partitions can be overwritten. Lakehouse formats have their own logs and snapshots."""
PARTITIONS: Final = "# Partition Information"
DETAILS: Final = "# Detailed Table Information"


def listed(ask: Ask, database: str) -> list[str]:
    """The tables and views of a database. Spark answers (database, table, temporary), Hive (table)."""
    rows = ask(f"SHOW TABLES IN {statements.quote(database)}")
    found = [str(row[1] if len(row) > 1 else row[0]) for row in rows]
    return sorted(name for name in found if not name.startswith(PREFIX) and not name.endswith(SUFFIX))


def described(ask: Ask, database: str, name: str) -> Table:
    """One table: columns, partitions, and whether it can be rewritten. Raises RefusedError when it is not there."""
    quoted = f"{statements.quote(database)}.{statements.quote(name)}"
    try:
        rows = ask(f"DESCRIBE FORMATTED {quoted}")
    except RefusedError as error:
        raise RefusedError(error.reason, f"{database}.{name}") from error
    return read(database, name, [(_cell(row[0]), _cell(row[1])) for row in rows])


def read(database: str, name: str, rows: list[tuple[str, str]]) -> Table:
    """The table in an answer to DESCRIBE FORMATTED: columns, then sections that begin with `# `."""
    columns: dict[str, str] = {}
    partitioned_by: list[str] = []
    facts: dict[str, str] = {}
    section = ""
    for key, value in rows:
        if key.startswith("# ") and key != "# col_name":
            section = key
        elif key in {"", "# col_name"}:
            _add_property(facts, value)
        elif section == PARTITIONS:
            columns[key] = value
            partitioned_by.append(key)
        elif not section:
            columns[key] = value
        else:
            facts.setdefault(key.rstrip(":").lower(), value)
    refused, detail = _refusal(columns, facts)
    return Table(database, name, columns, tuple(partitioned_by), refused, detail)


def _add_property(facts: dict[str, str], value: str) -> None:
    if value.startswith("transactional"):
        facts["table properties"] = "transactional=true"


def _refusal(columns: dict[str, str], facts: dict[str, str]) -> tuple[Reason | None, str]:
    if "VIEW" in facts.get("type", "") or "VIEW" in facts.get("table type", ""):
        return Reason.VIEW, ""
    provider = facts.get("provider", "hive").lower()
    if provider not in REWRITABLE:
        return Reason.TABLE_FORMAT, provider
    if "transactional=true" in facts.get("table properties", ""):
        return Reason.TABLE_FORMAT, "transactional"
    if facts.get("num buckets", "-1") not in {"-1", "0"}:
        return Reason.TABLE_FORMAT, "buckets"
    maps = [name for name, kind in columns.items() if "map<" in kind]
    if maps:
        # rows with maps can be neither compared nor summed up, so that a loss would go unseen
        return Reason.TABLE_FORMAT, f"{maps[0]}: map"
    return None, ""


def _cell(value: object) -> str:
    return "" if value is None else str(value).strip()
