"""The connector to Parquet files, on a real disk and on the S3 server of moto."""

import json
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
    assert after.to_pylist() == pa.concat_tables([before.slice(0, 2), before.slice(3)]).to_pylist()
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


def _people(name: str, note: str) -> pa.Table:
    return pa.table({"who": [name, "ben@x.org"], "note": [note, "Ben's"]})


MAILS = replace(elsewhere("mails"), kind_column=None, subject_kind=SubjectKind.EMAIL)
MAIL = target(replace(MAILS, time_column=None, context_column=None, sensitivity_column=None), subject="amira@x.org")


def raw(lake: Lake, under: str = "mails") -> bytes:
    """All bytes of a dataset, unpacked by nobody, and its names."""
    files = [bytes(obstore.get(lake.inner, path).bytes()) for path in lake.files(under)]
    return b"".join([*files, *(path.encode() for path in lake.files(under))])


@pytest.mark.parametrize("shape", ["plain", "struct", "list", "large list", "fixed list", "map"])
def test_R03_no_dictionary_keeps_the_words_of_rows_that_went(lake: Lake, shape: str) -> None:
    words = pa.array(["Amira's secret", "Ben's"]).dictionary_encode()
    column = {
        "plain": words,
        "struct": pa.StructArray.from_arrays([words], ["inner"]),
        "list": pa.ListArray.from_arrays([0, 1, 2], words),
        "large list": pa.LargeListArray.from_arrays([0, 1, 2], words),
        "fixed list": pa.FixedSizeListArray.from_arrays(words, 1),
        "map": pa.MapArray.from_arrays([0, 1, 2], pa.array(["a", "b"]), words),
    }[shape]
    before = pa.table({"who": ["amira@x.org", "ben@x.org"], "note": column})
    lake.put("mails/a.parquet", before, compression="NONE")
    assert b"Amira's secret" in raw(lake)
    assert lake.connector.erase(MAIL, RUN).rows == 1
    assert b"Amira's secret" not in raw(lake)
    after = lake.read("mails/a.parquet")
    assert after.to_pylist() == before.slice(1).to_pylist()
    assert after.schema.equals(before.schema)


def test_R03_what_a_file_says_of_itself_keeps_no_address(lake: Lake) -> None:
    note = pa.field("note", pa.string(), metadata={"by": "for Amira@x.org", "unit": "words"})
    schema = pa.schema([pa.field("who", pa.string()), note], {"asked by": "<AMIRA@x.org>", "job": "7"})
    lake.put("mails/a.parquet", _people("amira@x.org", "hers").cast(schema))
    lake.put("mails/b.parquet", _people("carl@x.org", "Carl's").cast(schema))
    assert lake.connector.erase(MAIL, RUN).rows == 1
    for name in "ab":
        left = lake.read(f"mails/{name}.parquet").schema
        assert left.metadata == {b"job": b"7"}
        assert left.field("note").metadata[b"unit"] == b"words"
        assert b"by" not in left.field("note").metadata
    assert b"amira@" not in raw(lake).lower()


@pytest.mark.parametrize("others", [True, False])
def test_R03_no_folder_keeps_the_name_of_a_person_who_went(lake: Lake, *, others: bool) -> None:
    table = pa.table({"note": ["a note"]})
    for name in ["Amira%40x.org", "ben%40x.org"] if others else ["Amira%40x.org"]:
        lake.put(f"mails/who={name}/day=1/p.parquet", table)
        lake.put(f"mails/who={name}/day=2/p.parquet", table.slice(1))
    assert lake.connector.erase(MAIL, RUN).rows == 1
    assert b"mira" not in raw(lake)
    assert lake.connector.remaining(MAIL) == 0
    assert lake.connector.count(replace(MAIL, subjects=("ben@x.org",))).rows == others
    if isinstance(lake.inner, LocalStore):
        root = Path(lake.address.removeprefix("file://"))
        assert not [it.name for it in root.rglob("*mira*")]


def test_R03_rows_that_went_with_their_folder_are_counted_after_a_kill(lake: Lake) -> None:
    for name in ("amira%40x.org", "ben%40x.org"):
        lake.put(f"mails/who={name}/p.parquet", pa.table({"note": ["a", "b"]}))
    told: list[Progress] = []

    def killed(progress: Progress) -> None:
        told.append(progress)
        if not progress.going and any(it.going for it in told):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lake.connector.erase(MAIL, RUN, killed)
    assert lake.connector.erase(MAIL, RUN, resume=next(it for it in told if it.going)).rows == 2


def test_an_email_is_the_same_between_blanks(lake: Lake) -> None:
    lake.put("mails/a.parquet", pa.table({"who": [" amira@x.org", "AMIRA@x.org  ", "\tamira@x.org", "ben@x.org"]}))
    assert lake.connector.erase(MAIL, RUN).rows == 3


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_R03_who_could_not_read_a_file_cannot_afterwards(tmp_path: Path, mode: int) -> None:
    lake = Lake(f"file://{tmp_path}", LocalStore(tmp_path), open_parquet(f"file://{tmp_path}"))
    lake.put("mails/a.parquet", _people("amira@x.org", "hers"))
    path = tmp_path / "mails/a.parquet"
    path.chmod(mode)
    kept = path.stat()
    lake.connector.seclude(MAIL.layout, "")
    lake.connector.freeze(MAIL, RUN)
    lake.connector.thaw(MAIL, RUN)
    assert {it.stat().st_mode & 0o777 for it in path.parent.iterdir()} == {mode}
    lake.connector.erase(MAIL, RUN)
    found = path.stat()
    assert (found.st_mode, found.st_uid, found.st_gid) == (kept.st_mode, kept.st_uid, kept.st_gid)
    assert sorted(it.suffix for it in path.parent.iterdir()) == [".parquet", ".parquet"], "nothing half written stays"


@pytest.mark.parametrize("link", ["file", "folder", "dataset"])
def test_R03_what_is_a_link_is_refused_instead_of_being_replaced(tmp_path: Path, link: str) -> None:
    lake = Lake(f"file://{tmp_path}", LocalStore(tmp_path), open_parquet(f"file://{tmp_path}"))
    lake.put("elsewhere/a.parquet", _people("amira@x.org", "hers"))
    lake.put("mails/b.parquet" if link != "dataset" else "other/b.parquet", _people("carl@x.org", "Carl's"))
    there = tmp_path / "elsewhere"
    name, goal = {
        "file": ("mails/a.parquet", there / "a.parquet"),
        "folder": ("mails/day=1", there),
        "dataset": ("mails", there),
    }[link]
    (tmp_path / name).symlink_to(goal)
    for act in (lake.connector.count, lambda it: lake.connector.erase(it, RUN), lake.connector.remaining):
        assert reason(lambda act=act: act(MAIL)) is Reason.LINKED  # type: ignore[misc]
    assert lake.read("elsewhere/a.parquet").num_rows == 2
    assert {it.location: it.refused for it in lake.connector.discover()}["elsewhere"] is None
    if link != "dataset":
        assert {it.location: it.refused for it in lake.connector.discover()}["mails"] is Reason.LINKED


def test_a_copy_holds_times_that_python_has_none_of_and_numbers_that_json_has_none_of(lake: Lake) -> None:
    odd = {
        "moment": pa.array([1, None], pa.timestamp("ns", "UTC")),
        "far": pa.array([3 * 10**11, 0], pa.timestamp("s")),
        "time": pa.array([1, None], pa.time64("ns")),
        "length": pa.array([1500, None], pa.duration("ns")),
        "within": pa.array([[{"at": 1}], None], pa.list_(pa.struct([("at", pa.timestamp("ns"))]))),
        "share": pa.array([[float("nan"), float("inf"), -float("inf"), 0.5], None]),
    }
    lake.put("mails/a.parquet", pa.table({"who": ["amira@x.org", "ben@x.org"]} | odd))
    (row,) = lake.connector.export(MAIL)
    assert json.loads(json.dumps(row, allow_nan=False)) == {
        "who": "amira@x.org",
        "moment": "1970-01-01 00:00:00.000000001Z",
        "far": "11476-08-15 05:20:00.000",
        "time": "00:00:00.000000001",
        "length": "1500",
        "within": [{"at": "1970-01-01 00:00:00.000000001"}],
        "share": ["nan", "inf", "-inf", 0.5],
    }
