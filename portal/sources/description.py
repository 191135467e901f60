"""A source described in YAML: read strictly, so that a slip is told with its place and nothing is guessed.

The form is in docs/sources.md. Whether the columns exist is asked of the store afterwards (`Connector.check`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from portal.sources.connectors.base import SubjectKind
from portal.sources.connectors.kinds import same_kind
from portal.sources.connectors.names import split
from portal.sources.rules import address_problem, name_problem
from wire.documents import Kind

MOST_BYTES: Final = 1 << 20
MOST_DAYS: Final = 3650
COLUMNS: Final = ("time", "kind", "context", "sensitivity")
SOURCE_KEYS: Final = {"source", "connector", "owner", "datasets"}
DATASET_KEYS: Final = {"name", "location", "subject", "kinds", "physical_days", "readable_by", *COLUMNS}


class DescriptionError(ValueError):
    """The file does not describe a source; one sentence for its author, with the place."""


@dataclass(frozen=True)
class DatasetDescription:
    """One dataset as its author describes it."""

    name: str
    location: str
    subject_column: str
    subject_kind: SubjectKind
    time_column: str | None = None
    kind_column: str | None = None
    context_column: str | None = None
    sensitivity_column: str | None = None
    physical_days: int | None = None
    readable_by: int | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Its words for our kinds, in small letters."""


@dataclass(frozen=True)
class SourceDescription:
    """One source with its datasets; without any it is only named, so that it can be discovered."""

    name: str
    connector: str
    datasets: tuple[DatasetDescription, ...]
    owner: str | None = None
    """The mail address of whoever answers for it; None: not said, so nothing changes."""


class _Strict(yaml.SafeLoader):
    """YAML in which no key stands twice in one place: the second would silently win."""


def _mapping(loader: _Strict, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key, _ in node.value:
        name = loader.construct_object(key, deep=True)
        if not isinstance(name, str):
            raise DescriptionError(f"Line {key.start_mark.line + 1}: a name is expected before the colon.")
        if name in seen:
            raise DescriptionError(f'Line {key.start_mark.line + 1}: "{name}" stands there twice.')
        seen.add(name)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


_Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_file(path: Path, connectors: Mapping[str, object]) -> SourceDescription:
    """The description in a file. `connectors`: the known ones by name. Raises DescriptionError with a sentence."""
    try:
        content = path.read_bytes()
        if len(content) > MOST_BYTES:
            raise DescriptionError("The file is larger than 1 MiB.")
        return read(content.decode("utf-8"), connectors)
    except OSError as error:
        raise DescriptionError(f"The file cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise DescriptionError("The file is not UTF-8 text.") from error


def read(text: str, connectors: Mapping[str, object]) -> SourceDescription:
    """The description in YAML text. Raises DescriptionError with a sentence."""
    try:
        top = yaml.load(text, _Strict)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"Line {mark.line + 1}: " if mark else ""
        raise DescriptionError(f"{place}this is not YAML: {getattr(error, 'problem', None) or error}.") from error
    except RecursionError as error:
        raise DescriptionError("This is not YAML: it is nested too deeply.") from error
    source = _keys(top, SOURCE_KEYS, "The file")
    name, connector = _text(source, "source", "The file"), _text(source, "connector", "The file")
    if problem := name_problem(name):
        raise DescriptionError(f'"{name}" cannot be a source: {problem}.')
    if connector not in connectors:
        raise DescriptionError(f'There is no connector "{connector}"; known are {", ".join(sorted(connectors))}.')
    listed = source.get("datasets", [])
    if not isinstance(listed, list):
        raise DescriptionError('"datasets" must be a list.')
    datasets = tuple(_dataset(given, number) for number, given in enumerate(listed, 1))
    _no_duplicates(datasets)
    return SourceDescription(name, connector, datasets, _owner(source))


def _owner(source: Mapping[str, Any]) -> str | None:
    if source.get("owner") is None:
        return None
    address = _text(source, "owner", "The file").strip()
    if problem := address_problem(address):
        raise DescriptionError(f'"{address}" cannot be an owner: {problem}.')
    return address


def _dataset(given: object, number: int) -> DatasetDescription:
    place = f"Dataset {number}"
    keys = _keys(given, DATASET_KEYS, place)
    location = _text(keys, "location", place)
    place = f'Dataset {number} ("{location}")'
    subject = _keys(keys.get("subject"), {"column", "kind"}, f'{place}: "subject"')
    column = _text(subject, "column", f'{place}: "subject"')
    columns = {meaning: _text(keys, meaning, place) if meaning in keys else None for meaning in COLUMNS}
    _apart(place, column, columns)
    return DatasetDescription(
        name=_text(keys, "name", place) if "name" in keys else location,
        location=location,
        subject_column=column,
        subject_kind=_subject_kind(subject, place),
        time_column=columns["time"],
        kind_column=columns["kind"],
        context_column=columns["context"],
        sensitivity_column=columns["sensitivity"],
        kinds=_kinds(keys, place),
        physical_days=_number(keys, "physical_days", MOST_DAYS, place),
        readable_by=_number(keys, "readable_by", 10**9, place),
    )


def _kinds(given: Mapping[str, Any], place: str) -> dict[str, str]:
    """The store's words for our kinds."""
    if given.get("kinds") is None:
        return {}
    if "kind" not in given:
        raise DescriptionError(f'{place}: "kinds" says what the words in the column "kind" mean, which is missing.')
    words = given["kinds"]
    if not isinstance(words, dict):
        raise DescriptionError(f'{place}: "kinds" must hold words of the store, each with one of {", ".join(Kind)}.')
    found = {}
    for word in words:
        kind = _text(words, word, f'{place}: "kinds"')
        if kind not in set(Kind) or same_kind(word) in set(Kind):
            raise DescriptionError(
                f'{place}: "{word}: {kind}" must be a word of the store, and what it means: {", ".join(Kind)}.'
            )
        found[same_kind(word)] = kind
    return found


def _apart(place: str, subject: str, columns: Mapping[str, str | None]) -> None:
    """Two meanings in one column are a slip: most often subject and another one reversed."""
    named = [subject, *(name for name in columns.values() if name is not None)]
    for name in named:
        if named.count(name) > 1:
            raise DescriptionError(f'{place}: the column "{name}" is given two meanings.')


def _subject_kind(subject: Mapping[str, Any], place: str) -> SubjectKind:
    text = _text(subject, "kind", f'{place}: "subject"')
    try:
        return SubjectKind(text)
    except ValueError:
        known = ", ".join(SubjectKind)
        reverse = f' Are "column" and "kind" reversed ("{subject["column"]}")?' if subject["column"] in known else ""
        raise DescriptionError(f'{place}: "{text}" is no kind of subject; known are {known}.{reverse}') from None


def _no_duplicates(datasets: tuple[DatasetDescription, ...]) -> None:
    seen: set[tuple[str, ...]] = set()
    names: set[str] = set()
    for dataset in datasets:
        if _same_place(dataset.location) in seen:
            raise DescriptionError(f'"{dataset.location}" is described twice.')
        if dataset.name in names:
            raise DescriptionError(f'Two datasets are called "{dataset.name}".')
        seen.add(_same_place(dataset.location))
        names.add(dataset.name)


def _same_place(location: str) -> tuple[str, ...]:
    """A location however it is quoted."""
    try:
        return split(location)
    except ValueError:
        return (location,)


def _keys(given: object, allowed: set[str], place: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise DescriptionError(f"{place} must hold names and values ({', '.join(sorted(allowed))}).")
    unknown = sorted(given.keys() - allowed)
    if unknown:
        raise DescriptionError(f'{place}: "{unknown[0]}" is unknown; known are {", ".join(sorted(allowed))}.')
    return given


def _text(given: Mapping[str, Any], key: str, place: str) -> str:
    value = given.get(key)
    if value is None:
        raise DescriptionError(f'{place}: "{key}" is missing.')
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise DescriptionError(f'{place}: "{key}" must be text; put quotes around it if it is a number or a date.')
    return value


def _number(given: Mapping[str, Any], key: str, most: int, place: str) -> int | None:
    value = given.get(key)
    if value is None or value == "unknown":
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise DescriptionError(f'{place}: "{key}" must be a whole number from 0 to {most}, or unknown.')
    return value
