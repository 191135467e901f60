"""The connector to Parquet files, on a real disk and on the S3 server of moto."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import obstore
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from obstore.store import LocalStore, S3Store

from portal.sources.connectors.base import (
    Count,
    Narrowing,
    Reason,
    RefusedError,
    SubjectKind,
    UnreachableError,
)
from portal.sources.connectors.parquet import store as stores
from portal.sources.connectors.parquet.connector import ParquetConnector, open_parquet
from portal.sources.connectors.progress import Progress
from tests.sabotage.framework import ROOT
from tests.sources.object_store import Bucket, bucket, object_store
from tests.sources.people import AMIRA, LAYOUT, NARROWED, ROWS, RUN, at, elsewhere, target

SCHEMA = pa.schema(
    [
        pa.field("who", pa.string()),
        pa.field("at", pa.timestamp("us", "UTC")),
        pa.field("kind", pa.dictionary(pa.int32(), pa.string())),
        pa.field("app", pa.string()),
        pa.field("level", pa.int16()),
        pa.field("note", pa.large_string()),
    ],
    metadata={"written by": "somebody's job"},
)
TABLE = pa.Table.from_pylist([vars(row) for row in ROWS], SCHEMA)
EVERYBODY = sorted(row.note for row in ROWS)


@dataclass
class Lake:
    """A root with the rows in three files, one of them without Amira."""

    address: str
    inner: LocalStore | S3Store
    connector: ParquetConnector

    def put(self, path: str, table: pa.Table, **options: Any) -> None:
        """Write a table."""
        content = BytesIO()
        pq.write_table(table, content, **options)
        obstore.put(self.inner, path, content.getvalue())

    def files(self, under: str = "events") -> dict[str, str]:
        """Path → tag of every object of a dataset."""
        return {it["path"]: str(it["e_tag"]) for chunk in obstore.list(self.inner, prefix=under) for it in chunk}

    def read(self, path: str) -> pa.Table:
        """A file, read by the test itself."""
        return pq.read_table(BytesIO(bytes(obstore.get(self.inner, path).bytes())))

    def notes(self, under: str = "events") -> list[str]:
        """The notes of all rows, sorted."""
        return sorted(note for path in self.files(under) for note in self.read(path)["note"].to_pylist())


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with object_store() as address:
        yield address


@pytest.fixture(params=["disk", "s3"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    if request.param == "disk":
        made = Lake(f"file://{tmp_path}", LocalStore(tmp_path), open_parquet(f"file://{tmp_path}"))
    else:
        one: Bucket = bucket(request.getfixturevalue("endpoint"))
        made = Lake(one.address, one.store(), open_parquet(one.address))
    made.put("events/part-0.parquet", TABLE.slice(0, 4), row_group_size=2, compression="ZSTD")
    made.put("events/part-1.parquet", TABLE.slice(4, 4))
    made.put("events/late/part-2.parquet", TABLE.slice(8))
    return made


@pytest.mark.parametrize("name", NARROWED)
def test_only_the_rows_that_are_meant_are_counted_exported_and_erased(lake: Lake, name: str) -> None:
    narrowing, notes = NARROWED[name]
    meant = target(narrowing=narrowing)
    untouched = {path: tag for path, tag in lake.files().items() if "part-0" not in path}
    assert lake.connector.count(meant).rows == len(notes)
    assert sorted(str(row["note"]) for row in lake.connector.export(meant)) == notes
    told: list[Progress] = []
    erased = lake.connector.erase(meant, RUN, told.append)
    assert (erased.rows, erased.parts, told[-1]) == (len(notes), 3, Progress(3, 3, len(notes)))
    assert [it.done for it in told if not it.part] == [1, 2, 3]
    assert lake.notes() == [note for note in EVERYBODY if note not in notes]
    assert untouched.items() <= lake.files().items()
    assert lake.connector.remaining(meant) == 0
    assert lake.connector.erase(meant, RUN).rows == 0


@pytest.mark.parametrize("replaced", [True, False])
def test_R03_rows_are_counted_once_whether_a_kill_came_before_or_after_a_file_was_replaced(
    lake: Lake, *, replaced: bool
) -> None:
    for number in (3, 4):
        lake.put(f"events/part-{number}.parquet", TABLE)
    told: list[Progress] = []

    def killed(progress: Progress) -> None:
        if [it.part for it in told if it.part][1:]:
            raise LookupError
        told.append(progress)
        if [it.part for it in told if it.part][1:] and not replaced:
            raise LookupError

    with pytest.raises(LookupError):
        lake.connector.erase(target(), RUN, killed)
    assert (told[-1].rows, told[-1].going) == (4, 4)
    assert lake.connector.count(target()).rows == (4 if replaced else 8)
    again: list[Progress] = []
    assert lake.connector.erase(target(), RUN, again.append, told[-1]).rows == 12


def test_what_stays_is_what_it_was(lake: Lake) -> None:
    before = lake.read("events/part-0.parquet")
    lake.connector.erase(target(narrowing=NARROWED["clicks"][0]), RUN)
    after = lake.read("events/part-0.parquet")
    assert after.schema.equals(before.schema, check_metadata=True)
    assert after.equals(pa.concat_tables([before.slice(0, 2), before.slice(3)]).combine_chunks())
    raw = pq.ParquetFile(BytesIO(bytes(obstore.get(lake.inner, "events/part-0.parquet").bytes())))
    assert raw.metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_file_that_held_nobody_else_stays_as_an_empty_one(lake: Lake) -> None:
    lake.connector.erase(target(), RUN)
    assert lake.read("events/part-0.parquet").num_rows == 0
    assert lake.connector.count(target()) == Count(0, {})
    assert lake.connector.check(LAYOUT) == len(ROWS) - 4


def test_rows_are_counted_by_kind(lake: Lake) -> None:
    assert lake.connector.count(target()) == Count(4, {"key": 2, "click": 1, "": 1})
    answers = [answer for _, answer in lake.connector.counts([target(), target(elsewhere("nowhere"))])]
    assert answers[0] == Count(4, {"key": 2, "click": 1, "": 1})
    assert isinstance(answers[1], RefusedError)


def test_folders_that_name_values_are_columns(lake: Lake) -> None:
    days = TABLE.drop_columns(["at", "kind"])
    for path in ("kind=key/day=2026-03-01", "kind=key/day=2026-03-02", "kind=a%20b%3D/day=2026-03-02"):
        lake.put(f"days/{path}/p.parquet", days)
    layout = replace(elsewhere("days"), time_column="day")
    since = datetime(2026, 3, 2, tzinfo=UTC)
    assert lake.connector.check(layout) == 30
    assert lake.connector.count(target(layout)) == Count(12, {"key": 8, "a b=": 4})
    assert lake.connector.count(target(layout, Narrowing(since=since))).rows == 8
    odd = target(layout, Narrowing(since=since, kinds=frozenset({"a b="})))
    exported = list(lake.connector.export(odd))
    assert {(row["kind"], row["day"]) for row in exported} == {("a b=", "2026-03-02")}
    assert lake.connector.erase(odd, RUN).rows == 4
    assert lake.connector.count(target(layout)).rows == 8
    assert reason(lambda: lake.connector.count(target(layout, Narrowing(since=at(9))))) is Reason.PART_OF_A_DAY


def test_a_field_within_a_struct_can_name_the_person_and_a_list_of_people_is_refused(lake: Lake) -> None:
    nested = pa.table(
        {
            "payload": [{"user": {"id": AMIRA}}, {"user": {"id": "ben"}}, {"user": None}, None],
            "people": [[AMIRA, "ben"], ["ben"], [], None],
            "note": list("abcd"),
        }
    )
    lake.put("nested/a.parquet", nested)
    layout = replace(elsewhere("nested"), subject_column="payload.user.id", kind_column=None)
    assert lake.connector.erase(target(layout), RUN).rows == 1
    assert lake.notes("nested") == ["b", "c", "d"]
    for column, expected in (
        ("people", Reason.NESTED_SUBJECT),
        ("payload", Reason.SUBJECT_TYPE),
        ("payload.whom", Reason.MISSING_COLUMN),
        ("payload.user.id.x", Reason.MISSING_COLUMN),
        ("people.x", Reason.NESTED_SUBJECT),
    ):
        assert reason(lambda column=column: lake.connector.check(replace(layout, subject_column=column))) is expected  # type: ignore[misc]


def test_times_of_every_unit_and_zone_are_the_same_moment(lake: Lake) -> None:
    for unit, zone in (("s", None), ("ms", "Europe/Berlin"), ("ns", "UTC"), ("ns", None)):
        moments = pa.array([at(9), at(10), None], pa.timestamp("us", "UTC")).cast(pa.timestamp(unit, "UTC"))
        times = moments.cast(pa.timestamp(unit, zone)) if zone else moments.cast(pa.timestamp(unit))
        lake.put(f"times_{unit}_{zone is None}/a.parquet", pa.table({"who": ["amira"] * 3, "at": times}))
        layout = replace(elsewhere(f"times_{unit}_{zone is None}"), kind_column=None)
        assert lake.connector.count(target(layout, Narrowing(since=at(10)), "amira")).rows == 1
        assert lake.connector.count(target(layout, Narrowing(until=at(10)), "amira")).rows == 1


def test_an_email_is_the_same_in_capitals(lake: Lake) -> None:
    lake.put("mails/a.parquet", pa.table({"who": ["Amira@X.org", "amira@x.org", "ben@x.org", None]}))
    layout = replace(elsewhere("mails"), kind_column=None, subject_kind=SubjectKind.EMAIL)
    assert lake.connector.count(target(layout, subject="AMIRA@x.org")).rows == 2
    assert (
        lake.connector.count(target(replace(layout, subject_kind=SubjectKind.HANDLE), subject="AMIRA@x.org")).rows == 0
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("events/_delta_log/0.json", Reason.TABLE_FORMAT),
        ("events/metadata/v1.metadata.json", Reason.TABLE_FORMAT),
        ("events/_metadata", Reason.TABLE_FORMAT),
        ("events/rows.csv", Reason.TABLE_FORMAT),
        ("events/not-parquet.parquet", Reason.TABLE_FORMAT),
    ],
)
def test_what_cannot_be_rewritten_alone_is_refused(lake: Lake, path: str, expected: Reason) -> None:
    obstore.put(lake.inner, path, b"{}")
    assert reason(lambda: lake.connector.check(LAYOUT)) is expected
    assert reason(lambda: lake.connector.erase(target(), RUN)) is expected
    if "/_" in path or "metadata" in path:
        assert {it.location: it.refused for it in lake.connector.discover()}["events"] is expected


def test_what_is_not_there_is_refused(lake: Lake) -> None:
    obstore.put(lake.inner, "events/_SUCCESS", b"")
    assert lake.connector.check(LAYOUT) == len(ROWS)
    for location in ("nowhere", "event", "../events", "/events", "events/", ""):
        assert reason(lambda location=location: lake.connector.check(elsewhere(location))) is Reason.MISSING  # type: ignore[misc]
    assert reason(lambda: lake.connector.check(replace(LAYOUT, kind_column="sort"))) is Reason.MISSING_COLUMN


def test_discovery_finds_each_folder_once(lake: Lake) -> None:
    lake.put("days/day=2026-03-01/p.parquet", TABLE)
    lake.put("days/day=2026-03-02/p.parquet", TABLE)
    found = {it.location: [column.name for column in it.columns] for it in lake.connector.discover()}
    assert found == {
        "events": SCHEMA.names,
        "events/late": SCHEMA.names,
        "days": [*SCHEMA.names, "day"],
    }


def test_R03_somebody_who_writes_meanwhile_loses_nothing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    added = pa.Table.from_pylist([vars(replace(ROWS[0], note="added"))], SCHEMA)
    more = pa.concat_tables([TABLE.slice(0, 4), added])
    original = stores.Folders.replace
    written: list[int] = []

    def first_somebody_else(self: stores.Folders, *args: Any) -> None:
        if not written:
            written.append(1)
            lake.put("events/part-0.parquet", more)
        original(self, *args)

    monkeypatch.setattr(stores.Folders, "replace", first_somebody_else)
    assert lake.connector.erase(target(narrowing=NARROWED["clicks"][0]), RUN).rows == 1
    assert lake.read("events/part-0.parquet")["note"].to_pylist() == ["first", "second", "without anything", "added"]


def test_a_store_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    for address in (f"file://{tmp_path}/none", "s3://a:b@bucket/x?endpoint=http://127.0.0.1:1"):
        with pytest.raises(UnreachableError) as error:
            open_parquet(address).count(target())
        assert "a:b" not in str(error.value)


@pytest.mark.parametrize(
    "address",
    ["", "/relative", "file:relative", "file://host/x", "file:///x?y=z", "s3:///x", "s3://b?colour=red", "gs://b"],
)
def test_a_malformed_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"expected|can follow"):
        open_parquet(address)


def test_hadoops_checksum_goes_with_the_old_content(tmp_path: Path) -> None:
    connector = open_parquet(f"file://{tmp_path}")
    (tmp_path / "events").mkdir()
    pq.write_table(TABLE, tmp_path / "events" / "p.parquet")
    (tmp_path / "events" / ".p.parquet.crc").write_bytes(b"crc")
    connector.erase(target(), RUN)
    assert [path.name for path in (tmp_path / "events").iterdir()] == ["p.parquet"]


def test_R03_a_kill_in_the_middle_loses_no_other_row_and_the_next_attempt_does_the_rest(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    for number in range(60):
        pq.write_table(TABLE, tmp_path / "events" / f"{number:02}.parquet")
    kept = [note for note in EVERYBODY if note not in NARROWED["everything"][1]]
    script = (
        "import sys; from portal.sources.connectors.parquet.connector import open_parquet; "
        "from tests.sources.people import RUN, target; "
        "open_parquet(sys.argv[1]).erase(target(), RUN, lambda it: print(it.done, flush=True))"
    )
    command = [sys.executable, "-c", script, f"file://{tmp_path}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "20":
                os.kill(process.pid, signal.SIGKILL)
                break
    connector = open_parquet(f"file://{tmp_path}")
    assert 0 < connector.count(target()).rows <= 40 * 4
    notes = [
        note for path in (tmp_path / "events").glob("*.parquet") for note in pq.read_table(path)["note"].to_pylist()
    ]
    assert all(notes.count(note) == 60 * kept.count(note) for note in set(kept))
    connector.erase(target(), RUN)
    assert connector.remaining(target()) == 0
    notes = [
        note for path in (tmp_path / "events").glob("*.parquet") for note in pq.read_table(path)["note"].to_pylist()
    ]
    assert sorted(notes) == sorted(kept * 60)


def test_large_files_are_read_in_pieces(tmp_path: Path) -> None:
    rows = 400_000
    (tmp_path / "events").mkdir()
    wide = pa.table(
        {
            "who": ["amira" if number % 1000 == 0 else "ben" for number in range(rows)],
            "note": [f"{number:0200}" for number in range(rows)],
        }
    )
    pq.write_table(
        wide, tmp_path / "events" / "p.parquet", row_group_size=20_000, compression="NONE", use_dictionary=False
    )
    del wide
    pa.default_memory_pool().release_unused()
    layout = replace(LAYOUT, kind_column=None)
    before, peak = pa.total_allocated_bytes(), 0
    for _row in open_parquet(f"file://{tmp_path}").export(target(layout, subject="amira")):
        peak = max(peak, pa.total_allocated_bytes() - before)
    assert (tmp_path / "events" / "p.parquet").stat().st_size > 80_000_000
    assert peak < 30_000_000


def test_many_threads_may_ask_one_connector(lake: Lake) -> None:
    counted: list[int] = []
    threads = [threading.Thread(target=lambda: counted.append(lake.connector.count(target()).rows)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert counted == [4] * 8


def reason(act: Callable[[], Any]) -> Reason:
    with pytest.raises(RefusedError) as refusal:
        act()
    assert AMIRA not in str(refusal.value)
    return refusal.value.reason
