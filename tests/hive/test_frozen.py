"""Freezing in Hive: rows go into a quarantine of ours, by partition, and come back; a kill loses and doubles none."""

from collections.abc import Callable, Iterator

import pytest

from portal.core import points
from portal.sources.connectors.base import Lying, Reason, RefusedError
from portal.sources.connectors.hive.connector import HiveConnector
from portal.sources.connectors.hive.quarantine import SUFFIX
from portal.sources.connectors.progress import BEGINNING, Progress
from tests.hive.test_tables import layout, literal, make, notes
from tests.sources.people import ALL_OF_AMIRA, AMIRA, NARROWED, ROWS, RUN, target


class KilledError(BaseException):
    """A kill, as far as one process can have it."""


@pytest.fixture
def days(hive: HiveConnector, small: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A table with the rows in each of two days; its name."""
    del small
    table = f"frozen_{abs(hash(request.node.name)) % 10**9}"
    make(hive, table, day="2026-03-02")
    day = "PARTITION (day='2026-03-03')"
    hive._sessions.rows(f"INSERT INTO small.{table} {day} {' UNION ALL '.join(map(literal, ROWS))}")
    yield table
    for name in (table, f"{table}{SUFFIX}"):
        hive._sessions.rows(f"DROP TABLE IF EXISTS small.{name}")


def apart(hive: HiveConnector, table: str) -> list[str]:
    return notes(hive, f"{table}{SUFFIX}")


def test_rows_go_out_of_the_table_and_come_back(hive: HiveConnector, reader: HiveConnector, days: str) -> None:
    meant, before = target(layout(days), NARROWED["from ten"][0]), notes(hive, days)
    hive.seclude(layout(days), "")
    assert hive.freeze(meant, RUN) == 4
    assert apart(hive, days) == sorted(["second", "third"] * 2)
    assert notes(hive, days) == [note for note in before if note not in {"second", "third"}]
    assert reader.lying(meant) == Lying(0, 4)
    assert hive.count(meant).rows == reader.remaining(meant) == 4
    assert sorted(str(row["note"]) for row in hive.export(meant)) == apart(hive, days)
    assert not [one.location for one in hive.discover() if SUFFIX in one.location]
    with pytest.raises(RefusedError) as refused:
        hive.check(layout(f"{days}{SUFFIX}"))
    assert refused.value.reason is Reason.QUARANTINE
    assert hive.thaw(meant, RUN) == 4
    assert (notes(hive, days), apart(hive, days)) == (before, [])


def test_R03_an_erasure_reaches_what_is_frozen_in_hive(hive: HiveConnector, days: str) -> None:
    hive.seclude(layout(days), "")
    assert hive.freeze(target(layout(days), NARROWED["from ten"][0]), RUN) == 4
    assert hive.erase(target(layout(days)), RUN).rows == 8
    assert (hive.remaining(target(layout(days))), apart(hive, days)) == (0, [])
    assert notes(hive, days) == sorted([row.note for row in ROWS if row.who != AMIRA] * 2)


@pytest.mark.parametrize("point", points.MOVING["hive"])
@pytest.mark.parametrize("act", ["freeze", "thaw"])
def test_R03_a_kill_while_rows_move_loses_and_doubles_none(
    hive: HiveConnector, monkeypatch: pytest.MonkeyPatch, days: str, act: str, point: str
) -> None:
    meant, before = target(layout(days)), notes(hive, days)
    hive.seclude(layout(days), "")
    moves: Callable[..., int] = getattr(hive, act)
    if act == "thaw":
        hive.freeze(meant, RUN)
    told: list[Progress] = []

    def killed(name: str) -> None:
        if name == point:
            raise KilledError

    monkeypatch.setattr(points, "reached", killed)
    with pytest.raises(KilledError):
        moves(meant, RUN, told.append)
    monkeypatch.undo()
    assert moves(meant, RUN, resume=told[-1]) == 8
    assert hive.lying(meant) == (Lying(0, 8) if act == "freeze" else Lying(8, 0))
    assert sorted(notes(hive, days) + apart(hive, days)) == before


def test_R03_what_comes_after_a_kill_does_not_replace_the_frozen_rows(
    hive: HiveConnector, monkeypatch: pytest.MonkeyPatch, days: str
) -> None:
    meant = target(layout(days))
    hive.seclude(layout(days), "")

    def killed(name: str) -> None:
        if name == "hive_dropped":
            raise KilledError

    monkeypatch.setattr(points, "reached", killed)
    with pytest.raises(KilledError):
        hive.freeze(meant, RUN)
    monkeypatch.undo()
    for day in ("2026-03-02", "2026-03-03"):
        hive._sessions.rows(f"INSERT INTO small.{days} PARTITION (day='{day}') {literal(ROWS[1])}")
    hive.freeze(meant, RUN)
    assert apart(hive, days) == sorted([*ALL_OF_AMIRA * 2, "second", "second"])


def test_a_table_without_partitions_is_frozen_whole(hive: HiveConnector, small: str) -> None:
    del small
    make(hive, "frozen_whole")
    meant, before = target(layout("frozen_whole")), notes(hive, "frozen_whole")
    with pytest.raises(RefusedError) as refused:
        hive.freeze(meant, RUN)
    assert refused.value.reason is Reason.NO_QUARANTINE
    hive.seclude(layout("frozen_whole"), "")
    assert (hive.freeze(meant, RUN, resume=BEGINNING), hive.lying(meant)) == (4, Lying(0, 4))
    assert (hive.thaw(meant, RUN), notes(hive, "frozen_whole")) == (4, before)
