"""A warehouse of 300 tables: found, counted, exported, and rid of one person, whose partitions alone are rewritten."""

import time
from uuid import uuid4

import pytest

from portal.sources.connectors.base import ConnectorError, Count, Erased
from portal.sources.connectors.hive.connector import HiveConnector
from portal.sources.connectors.progress import Progress
from tests.hive.corpus import DATABASE, DAYS, PEOPLE, Corpus, notes, staying, untouched
from tests.hive.server import Server
from tests.sources.side_by_side import Job, erase_all

HOLDER = "amira@example.org"


def test_discovery_finds_every_table_with_its_columns(corpus: Corpus, hive: HiveConnector) -> None:
    found = {it.location: it for it in hive.discover() if it.location.startswith(f"{DATABASE}.")}
    assert sorted(found) == [f"{DATABASE}.{name}" for name in corpus.names()]
    assert {it.refused for it in found.values()} == {None}
    names = {tuple(column.name for column in it.columns) for it in found.values()}
    assert names == {("mail", "at", "kind", "app", "level", "note", "day")}


def test_a_person_is_counted_in_all_of_them(corpus: Corpus, hive: HiveConnector) -> None:
    answers = dict(hive.counts(corpus.targets(HOLDER)))
    assert len(answers) == len(corpus.names()) == 300
    held = {target.layout.location: count for target, count in answers.items() if count != Count(0, {})}
    assert held == {f"{DATABASE}.{name}": Count(4, {"key": 2, "click": 2}) for name in corpus.holding()}
    assert len(held) == 30


def test_a_persons_rows_are_exported(corpus: Corpus, hive: HiveConnector) -> None:
    for table in corpus.holding()[:3]:
        (target,) = [it for it in corpus.targets(HOLDER) if it.layout.location == f"{DATABASE}.{table}"]
        exported = list(hive.export(target))
        expected = [row for day in DAYS for row in corpus.rows(table, day) if row["mail"] == HOLDER]
        assert sorted(str(row["note"]) for row in exported) == sorted(row["note"] for row in expected)
        first = next(row for row in exported if row["note"] == expected[0]["note"])
        plain = expected[0] | {"at": expected[0]["at"].replace(tzinfo=None).isoformat(), "day": DAYS[0]}
        assert first == plain


@pytest.mark.slow
def test_a_person_leaves_all_of_them_and_nobody_else_does(
    corpus: Corpus, hive: HiveConnector, reader: HiveConnector, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    before = untouched(corpus, server.warehouse)
    begins = time.monotonic()
    holding = {f"{DATABASE}.{name}" for name in corpus.holding()}
    held = [target for target in corpus.targets(HOLDER) if target.layout.location in holding]
    seen: dict[str, list[Progress]] = {target.layout.location: [] for target in held}
    jobs = [Job(target, uuid4(), tell=seen[target.layout.location].append) for target in held]
    outcomes: dict[str, Erased | ConnectorError] = {}
    for job, outcome in erase_all(hive, jobs):
        outcomes[job.target.layout.location] = outcome
        with capsys.disabled():
            told = f"{len(outcomes)} of {len(held)} tables, {sum(len(it) for it in seen.values())} notes"
            print(f"\r  {told}, {time.monotonic() - begins:.0f} s ", end="", flush=True)  # noqa: T201 - the progress
    assert {(it.rows, it.parts) if isinstance(it, Erased) else it for it in outcomes.values()} == {(4, 2)}
    for steps in seen.values():
        assert [it for it in steps if not it.part] == [Progress(0, 2, 0), Progress(1, 2, 2), Progress(2, 2, 4)]
    assert [count for _, count in reader.counts(corpus.targets(HOLDER)) if count != Count(0, {})] == []
    assert [reader.remaining(target) for target in held[:3]] == [0, 0, 0]
    assert untouched(corpus, server.warehouse) == before
    for table in corpus.holding():
        found = notes(reader, corpus, table)
        assert found == staying(corpus, table, HOLDER)
        assert found.total() == len(DAYS) * PEOPLE * 2
    assert hive._sessions.rows(f"SHOW TABLES IN {DATABASE} LIKE 'daylight*'") == []
