"""Many tables of many people, some of whom hold Amira: what a company's warehouse looks like, in small."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from portal.sources.connectors.base import Layout, SubjectKind, Target
from portal.sources.connectors.hive.connector import HiveConnector

DATABASE: Final = "corpus"
DAYS: Final = ("2026-03-01", "2026-03-02", "2026-03-03")
PEOPLE: Final = 50
HELD: Final = 10
"""One table in ten holds her, in its first two partitions."""
SCHEMA: Final = pa.schema(
    [
        ("mail", pa.string()),
        ("at", pa.timestamp("us", "UTC")),
        ("kind", pa.string()),
        ("app", pa.string()),
        ("level", pa.int32()),
        ("note", pa.string()),
    ]
)
COLUMNS: Final = "mail STRING, at TIMESTAMP, kind STRING, app STRING, level INT, note STRING"


@dataclass(frozen=True)
class Corpus:
    """`tables` tables; `holders` are those who stand in every tenth of them."""

    tables: int
    holders: tuple[str, ...] = ("amira@example.org",)
    database: str = DATABASE

    def names(self) -> list[str]:
        """The tables' names."""
        return [f"t_{number:03}" for number in range(self.tables)]

    def holding(self) -> list[str]:
        """Those that hold the holders."""
        return self.names()[::HELD]

    def layout(self, table: str) -> Layout:
        """As a description would say it."""
        return Layout(f"{self.database}.{table}", "mail", SubjectKind.EMAIL, "at", "kind", "app", "level")

    def layouts(self) -> list[Layout]:
        """All of them."""
        return [self.layout(table) for table in self.names()]

    def targets(self, holder: str) -> list[Target]:
        """The holder's rows in every table."""
        return [Target(layout, (holder,)) for layout in self.layouts()]

    def rows(self, table: str, day: str) -> list[dict[str, Any]]:
        """The rows of one partition: two of each person."""
        people = [f"person{number}@example.org" for number in range(PEOPLE)]
        if table in self.holding() and day in DAYS[:2]:
            people += self.holders
        noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
        return [
            {
                "mail": mail,
                "at": noon + timedelta(minutes=turn),
                "kind": ("key", "click")[turn],
                "app": "mail",
                "level": 1 + turn,
                "note": f"{mail} {table} {day} {turn}",
            }
            for mail in people
            for turn in range(2)
        ]


def fill(connector: HiveConnector, warehouse: Path, corpus: Corpus) -> None:
    """Make the corpus: the metastore through the server, the files beside it, as a company's jobs would."""
    connector._sessions.rows(f"CREATE DATABASE {corpus.database}")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda table: _make(connector, warehouse, corpus, table), corpus.names()))


def _make(connector: HiveConnector, warehouse: Path, corpus: Corpus, table: str) -> None:
    ask, name = connector._sessions.rows, f"{corpus.database}.{table}"
    ask(f"CREATE TABLE {name} ({COLUMNS}) PARTITIONED BY (day STRING) STORED AS PARQUET")
    for day in DAYS:
        folder = warehouse / f"{corpus.database}.db" / table / f"day={day}"
        folder.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(corpus.rows(table, day), SCHEMA), folder / "part-0.parquet")
    partitions = " ".join(f"PARTITION (day='{day}')" for day in DAYS)
    ask(f"ALTER TABLE {name} ADD {partitions}")


def untouched(corpus: Corpus, warehouse: Path) -> list[tuple[str, int]]:
    """The files of all partitions that hold nobody to be erased, with their inode."""
    parts = [
        (table, day) for table in corpus.names() for day in DAYS if table not in corpus.holding() or day == DAYS[2]
    ]
    folders = [warehouse / f"{corpus.database}.db" / table / f"day={day}" for table, day in parts]
    found = [path for folder in folders for path in folder.glob("*.parquet") if not path.name.startswith(".")]
    assert len(found) == len(parts)
    return sorted((str(path), path.stat().st_ino) for path in found)


def notes(reader: HiveConnector, corpus: Corpus, table: str) -> Counter[tuple[str, str]]:
    """Note and day of each row of a table: every row's note is its own."""
    name = f"{corpus.database}.{table}"
    return Counter((row[0], row[1]) for row in reader._sessions.rows(f"SELECT note, day FROM {name}", name))


def staying(corpus: Corpus, table: str, holder: str) -> Counter[tuple[str, str]]:
    """The same of the rows that must stay when the holder's go."""
    return Counter((row["note"], day) for day in DAYS for row in corpus.rows(table, day) if row["mail"] != holder)
