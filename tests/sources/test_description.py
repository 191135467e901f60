"""A source described in YAML: what is a slip is told with its place."""

from pathlib import Path

import pytest

from portal.sources import rules
from portal.sources.connectors.base import Column, SubjectKind
from portal.sources.description import DatasetDescription, DescriptionError, read, read_file

CONNECTORS = {"sql": None, "hive": None}
WHOLE = """
source: warehouse
connector: hive
datasets:
  - name: Chat
    location: hr.chat
    subject: {column: mail, kind: email}
    time: at
    kind: sort
    context: app
    sensitivity: level
    physical_days: 7
    readable_by: 4200
  - location: hr.calls
    subject:
      column: who
      kind: handle
    readable_by: unknown
"""
SLIPS = {
    "": "The file must hold names and values (connector, datasets, owner, source).",
    "[]": "The file must hold names and values",
    "source: a": '"connector" is missing',
    "source: a\nconnector: sql\nowner: the data team": '"the data team" cannot be an owner',
    "source: a\nconnector: sql\nowner: [a@b.example]": '"owner" must be text',
    "connector: sql": '"source" is missing',
    "source: 7\nconnector: sql": '"source" must be text',
    "source: a\nconnector: oracle": 'There is no connector "oracle"; known are hive, sql.',
    "source: A b\nconnector: sql": '"A b" cannot be a source: a name of small letters',
    "source: a_readback\nconnector: sql": "cannot end in _readback",
    "source: a\nconnector: sql\ntables: []": '"tables" is unknown; known are connector, datasets, owner, source.',
    "source: a\nsource: b\nconnector: sql": 'Line 2: "source" stands there twice.',
    "source: a\nconnector: sql\ndatasets: x": '"datasets" must be a list.',
    "source: [": "this is not YAML",
    "[" * 2000: "it is nested too deeply",
    "source: !!python/object:os.system x\nconnector: sql": "this is not YAML",
    "source: a\nconnector: sql\n1: x": "Line 3: a name is expected before the colon.",
    "source: a\nconnector: sql\n? [x]\n: y": "Line 3: a name is expected before the colon.",
}
DATASETS = {
    "[x]": "Dataset 1 must hold names and values",
    "[{subject: {column: a, kind: email}}]": 'Dataset 1: "location" is missing.',
    "[{location: t}]": 'Dataset 1 ("t"): "subject" must hold names and values (column, kind).',
    "[{location: t, subject: mail}]": 'Dataset 1 ("t"): "subject" must hold names and values',
    "[{location: t, subject: {kind: email}}]": 'Dataset 1 ("t"): "subject": "column" is missing.',
    "[{location: t, subject: {column: a}}]": 'Dataset 1 ("t"): "subject": "kind" is missing.',
    "[{location: t, subject: {column: a, kind: phone}}]": '"phone" is no kind of subject; known are',
    "[{location: t, subject: {column: email, kind: mail_address}}]": 'Are "column" and "kind" reversed ("email")?',
    "[{location: t, subject: {column: a, kind: email}, time: a}]": 'the column "a" is given two meanings.',
    "[{location: t, subject: {column: a, kind: email}, time: b, kind: b}]": 'the column "b" is given two meanings.',
    "[{location: t, subject: {column: a, kind: email}, time: 2026-01-01}]": '"time" must be text; put quotes around it',
    "[{location: t, subject: {column: a, kind: email}, time: ''}]": '"time" must be text',
    "[{location: t, subject: {column: a, kind: email}, colour: b}]": '"colour" is unknown; known are context, kind, ',
    "[{location: t, subject: {column: a, kind: email}, kinds: {x: key}}]": '"kinds" says what the words in the column',
    "[{location: t, subject: {column: a, kind: email}, kind: k, kinds: [x]}]": '"kinds" must hold words of the store',
    "[{location: t, subject: {column: a, kind: email}, kind: k, kinds: {x: typing}}]": '"x: typing" must be a word of',
    "[{location: t, subject: {column: a, kind: email}, kind: k, kinds: {Key: click}}]": '"Key: click" must be a word',
    "[{location: t, subject: {column: a, kind: email}, physical_days: -1}]": '"physical_days" must be a whole number',
    "[{location: t, subject: {column: a, kind: email}, physical_days: yes}]": '"physical_days" must be a whole number',
    "[{location: t, subject: {column: a, kind: email}, readable_by: all}]": '"readable_by" must be a whole number',
    "[{location: t, subject: {column: a, kind: email}}, {location: t, subject: {column: b, kind: email}}]": (
        '"t" is described twice.'
    ),
    "[{location: t, subject: {column: a, kind: email}}, {location: '\"t\"', subject: {column: b, kind: email}}]": (
        "is described twice."
    ),
    "[{location: t, subject: {column: a, kind: email}}, {location: u, name: t, subject: {column: b, kind: email}}]": (
        'Two datasets are called "t".'
    ),
}


def test_the_words_of_a_store_are_read() -> None:
    one = "[{location: t, subject: {column: a, kind: email}, kind: k, kinds: {Keystroke: key, ' Typed ': key}}]"
    found = read(f"source: a\nconnector: sql\ndatasets: {one}", CONNECTORS)
    assert found.datasets[0].kinds == {"keystroke": "key", "typed": "key"}


def test_a_description_is_read() -> None:
    found = read(WHOLE, CONNECTORS)
    assert (found.name, found.connector) == ("warehouse", "hive")
    assert found.datasets == (
        DatasetDescription("Chat", "hr.chat", "mail", SubjectKind.EMAIL, "at", "sort", "app", "level", 7, 4200),
        DatasetDescription("hr.calls", "hr.calls", "who", SubjectKind.HANDLE),
    )
    assert read("source: a\nconnector: sql", CONNECTORS).datasets == ()


@pytest.mark.parametrize("text", SLIPS)
def test_a_slip_is_told_with_its_place(text: str) -> None:
    with pytest.raises(DescriptionError) as error:
        read(text, CONNECTORS)
    assert SLIPS[text] in str(error.value)


@pytest.mark.parametrize("datasets", DATASETS)
def test_a_slip_in_a_dataset_is_told_with_its_place(datasets: str) -> None:
    with pytest.raises(DescriptionError) as error:
        read(f"source: a\nconnector: sql\ndatasets: {datasets}", CONNECTORS)
    assert DATASETS[datasets] in str(error.value)


def test_an_owner_is_said_or_left_as_it_is() -> None:
    assert read("source: a\nconnector: sql\nowner: data@company.example", CONNECTORS).owner == "data@company.example"
    assert read("source: a\nconnector: sql", CONNECTORS).owner is None


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(DescriptionError, match="not UTF-8"):
        read_file(file, CONNECTORS)
    file.write_bytes(b"#" * (1 << 20) + b"#")
    with pytest.raises(DescriptionError, match="larger than 1 MiB"):
        read_file(file, CONNECTORS)
    with pytest.raises(DescriptionError, match="cannot be read"):
        read_file(tmp_path / "none.yaml", CONNECTORS)
    file.write_text(WHOLE)
    assert read_file(file, CONNECTORS) == read(WHOLE, CONNECTORS)


def test_only_a_plainly_named_column_is_guessed() -> None:
    columns = [Column(name, "text") for name in ("Email", "Created_at", "kind", "note")]
    assert rules.guess_subject(columns) == ("Email", SubjectKind.EMAIL)
    assert rules.guess_meaning(columns, "time") == "Created_at"
    assert rules.guess_meaning(columns, "context") is None
    assert rules.guess_subject([*columns, Column("employee_id", "int")]) is None
    assert rules.guess_subject([Column("name", "text"), Column("id", "int")]) is None


@pytest.mark.parametrize("name", ["a", "a_b", "a1", "x" * 41])
def test_a_good_name_names_two_settings(name: str) -> None:
    assert rules.name_problem(name) is None
    assert rules.setting_name(name) == f"PORTAL_SOURCE_{name.upper()}_URL"
    assert rules.readback_name(name) == f"PORTAL_SOURCE_{name.upper()}_READBACK_URL"


@pytest.mark.parametrize("name", ["", "A", "1a", "a-b", "ä", "x" * 42, "a\n", "a_readback", "_a"])
def test_a_name_that_cannot_become_a_variable_is_refused(name: str) -> None:
    assert rules.name_problem(name) is not None
