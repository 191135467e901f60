"""Freezing in Parquet files, on a real disk and a real S3 server: rows go into the quarantine and come back."""

from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from portal.core import points
from portal.sources.connectors.base import Lying, Narrowing, Reason
from portal.sources.connectors.parquet.connector import open_parquet
from portal.sources.connectors.parquet.rewriting import QUARANTINE
from portal.sources.connectors.progress import Progress
from tests.sources.people import AMIRA, LAYOUT, NARROWED, ROWS, RUN, at, elsewhere, target
from tests.sources.test_parquet import EVERYBODY, TABLE, Lake, endpoint, lake, reason

__all__ = ["endpoint", "lake"]
APART = f"{QUARANTINE}/events"


class KilledError(BaseException):
    """A kill, as far as one process can have it."""


@pytest.mark.parametrize("name", NARROWED)
def test_only_the_rows_that_are_meant_go_and_all_of_them_come_back(lake: Lake, name: str) -> None:
    narrowing, notes = NARROWED[name]
    meant = target(narrowing=narrowing)
    lake.connector.seclude(LAYOUT, "")
    assert lake.connector.freeze(meant, RUN) == len(notes)
    assert lake.notes() == [note for note in EVERYBODY if note not in notes]
    assert lake.notes(APART) == notes
    assert lake.connector.lying(meant) == Lying(0, len(notes))
    assert lake.connector.count(meant).rows == len(notes), "previews, copies and erasures mean them, too"
    assert sorted(str(row["note"]) for row in lake.connector.export(meant)) == notes
    assert lake.connector.freeze(meant, RUN) == 0
    assert lake.connector.thaw(meant, RUN) == len(notes)
    assert (lake.notes(), lake.files(APART)) == (EVERYBODY, {})
    back = [row for path in lake.files() for row in lake.read(path).to_pylist()]
    assert sorted(map(str, back)) == sorted(map(str, TABLE.to_pylist()))


def test_R03_an_erasure_reaches_what_is_frozen_in_files(lake: Lake) -> None:
    lake.connector.seclude(LAYOUT, "")
    assert lake.connector.freeze(target(narrowing=Narrowing(since=at(10))), RUN) == 2
    assert lake.connector.erase(target(), RUN).rows == 4
    assert lake.connector.remaining(target()) == 0
    assert lake.notes(APART) == []
    assert lake.notes() == sorted(row.note for row in ROWS if row.who != AMIRA)


def test_a_quarantine_is_no_store_of_its_own(lake: Lake) -> None:
    lake.connector.seclude(LAYOUT, "")
    lake.connector.freeze(target(), RUN)
    assert [found.location for found in lake.connector.discover()] == ["events", "events/late"]
    assert reason(lambda: lake.connector.check(elsewhere(APART))) is Reason.QUARANTINE
    assert lake.connector.check(LAYOUT) == len(ROWS) - 4


@pytest.mark.parametrize("point", points.MOVING["parquet"])
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("act", ["freeze", "thaw"])
def test_R03_no_row_is_lost_or_doubled_by_a_kill_between_the_two_files(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, act: str, point: str, *, late: bool
) -> None:
    lake.connector.seclude(LAYOUT, "")
    if act == "thaw":
        lake.connector.freeze(target(), RUN)
    told: list[Progress] = []

    def killed(name: str) -> None:
        if name == point:
            raise KilledError

    monkeypatch.setattr(points, "reached", killed)
    with pytest.raises(KilledError):
        getattr(lake.connector, act)(target(), RUN, told.append)
    monkeypatch.undo()
    added = 0
    if late and act == "freeze":  # somebody appends rows of hers to the very file before the next attempt
        left = lake.read("events/part-0.parquet")
        lake.put("events/part-0.parquet", left.slice(0, 0) if not left.num_rows else left)
        lake.put("events/part-9.parquet", TABLE.slice(0, 1))
        added = 1
    assert getattr(lake.connector, act)(target(), RUN, resume=told[-1]) == 4 + added
    assert lake.connector.lying(target()) == (Lying(0, 4 + added) if act == "freeze" else Lying(4, 0))
    assert sorted(lake.notes() + lake.notes(APART)) == sorted(EVERYBODY + ["first"] * added)


def test_R03_rows_that_come_into_the_file_after_a_kill_do_not_replace_the_frozen_ones(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.connector.seclude(LAYOUT, "")

    def killed(name: str) -> None:
        if name == "parquet_moved":
            raise KilledError

    monkeypatch.setattr(points, "reached", killed)
    with pytest.raises(KilledError):
        lake.connector.freeze(target(), RUN)
    monkeypatch.undo()
    lake.put("events/part-0.parquet", TABLE.slice(1, 1))
    lake.connector.freeze(target(), RUN)
    assert lake.notes(APART) == sorted([*NARROWED["everything"][1], "second"])


def test_what_is_in_quarantine_on_a_disk_is_for_our_account_alone(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "part-0.parquet").write_bytes(content())
    connector = open_parquet(f"file://{tmp_path}")
    connector.seclude(LAYOUT, "")
    assert connector.freeze(target(), RUN) == 4
    assert (tmp_path / QUARANTINE).stat().st_mode & 0o777 == 0o700


def content() -> bytes:
    """The rows as one file."""
    made = BytesIO()
    pq.write_table(TABLE, made)
    return made.getvalue()


def test_where_we_may_make_no_folder_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "part-0.parquet").write_bytes(content())
    (tmp_path / QUARANTINE).write_text("a file is in the way")
    connector = open_parquet(f"file://{tmp_path}")
    assert reason(lambda: connector.seclude(LAYOUT, "")) is Reason.NO_QUARANTINE
    assert connector.lying(target()) == Lying(4, 0)
