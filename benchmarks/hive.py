"""One person out of 300 Hive tables: as Daylight does it, beside one table after the other over one session."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import uuid4

from benchmarks.measure import Figure, step, timed
from portal.sources.connectors.base import Count, Erased, Target
from portal.sources.connectors.hive.connector import HiveConnector, open_hive
from tests.hive.corpus import Corpus, fill
from tests.hive.server import spark_thrift
from tests.sources.side_by_side import Job, erase_all

TABLES, QUICK_TABLES = 300, 60
TARGET = 0.6
FIRST, SECOND, WARM = "first@example.org", "second@example.org", "warm@example.org"


def run(*, quick: bool) -> Iterator[Figure]:
    """Count everywhere, erase where the person is and count there again; the same for two people who lie alike."""
    corpus = Corpus(QUICK_TABLES if quick else TABLES, (FIRST, SECOND, WARM))
    with tempfile.TemporaryDirectory() as folder, spark_thrift(Path(folder)) as server:
        hive = open_hive(server.address())
        with step(f"making {corpus.tables} tables"):
            fill(hive, server.warehouse, corpus)
        with step("warming up"):
            _side_by_side(hive, corpus.targets(WARM)[:20])
            _one_by_one(hive, corpus.targets(WARM)[20:40])
        serial = timed(lambda: _one_by_one(hive, corpus.targets(FIRST)))
        ours = timed(lambda: _side_by_side(hive, corpus.targets(SECOND)))
        preview = timed(lambda: list(hive.counts(corpus.targets(SECOND))))
        hive.close()
    yield Figure(
        f"one person out of {corpus.tables} Hive tables, {len(corpus.holding())} of which hold the person",
        f"{ours:.1f} s",
        f"one table after the other {serial:.1f} s",
        f"{ours / serial:.2f}x",
        f"≤ {TARGET}x",
        ours <= TARGET * serial,
    )
    yield Figure(f"asking {corpus.tables} Hive tables for a person", f"{preview:.1f} s", "-", "-", "-", met=True)


def _side_by_side(hive: HiveConnector, targets: Sequence[Target]) -> None:
    held = [target for target, count in hive.counts(targets) if isinstance(count, Count) and count.rows]
    for _, outcome in erase_all(hive, [Job(target, uuid4()) for target in held]):
        _done(outcome)
    left = [count for _, count in hive.counts(held) if not isinstance(count, Count) or count.rows]
    if left:
        raise AssertionError(f"{len(left)} tables still hold the person")


def _one_by_one(hive: HiveConnector, targets: Sequence[Target]) -> None:
    for target in targets:
        if hive.count(target).rows:
            _done(hive.erase(target, uuid4()))
            if hive.count(target).rows:
                raise AssertionError("the table still holds the person")


def _done(outcome: object) -> None:
    if not isinstance(outcome, Erased):
        raise TypeError(f"not erased: {outcome}")
