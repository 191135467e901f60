"""What every connector promises: find, count, hand out, erase, freeze and read back one person's rows in other stores.

Pure: standard library only. A connector is one folder beside this file; `docs/sources.md` says how to add one.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from portal.sources.connectors.kinds import same_kind
from portal.sources.connectors.progress import BEGINNING, Progress, Tell, quiet


class SubjectKind(StrEnum):
    """What a dataset's subject column holds."""

    EMAIL = "email"
    EMPLOYEE_ID = "employee_id"
    HANDLE = "handle"


class Reason(StrEnum):
    """Why a dataset is refused; `portal.sources.words` has a sentence for each. The detail names columns or types."""

    MISSING = "missing"
    MISSING_COLUMN = "missing_column"
    VIEW = "view"
    NESTED_SUBJECT = "nested_subject"
    SUBJECT_TYPE = "subject_type"
    TIME_TYPE = "time_type"
    NO_TIME_COLUMN = "no_time_column"
    NO_KIND_COLUMN = "no_kind_column"
    NO_CONTEXT_COLUMN = "no_context_column"
    NO_SENSITIVITY_COLUMN = "no_sensitivity_column"
    PART_OF_A_DAY = "part_of_a_day"
    TABLE_FORMAT = "table_format"
    LINKED = "linked"
    REFERENCED = "referenced"
    TAKEN_ALONG = "taken_along"
    COPIES = "copies"
    UNDATED = "undated"
    DENIED = "denied"
    NO_HANDLE = "no_handle"
    AMBIGUOUS = "ambiguous"
    CONTESTED = "contested"
    NO_SUBJECT = "no_subject"
    NO_READ_BACK = "no_read_back"
    CHANGING = "changing"
    QUARANTINE = "quarantine"
    NO_QUARANTINE = "no_quarantine"
    NO_WAY_BACK = "no_way_back"
    STORE_ERROR = "store_error"


class ConnectorError(Exception):
    """A store did not do what was asked. The text is for operators and names no person and no secret."""


class UnreachableError(ConnectorError):
    """The store did not answer: the step stays pending, and is tried again later."""


class RefusedError(ConnectorError):
    """It cannot be done as asked, and trying again does not help: `reason`, and `detail` such as a column's name."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Layout:
    """One dataset as a connector sees it: where it lies and which column means what."""

    location: str
    subject_column: str
    subject_kind: SubjectKind
    time_column: str | None = None
    kind_column: str | None = None
    context_column: str | None = None
    sensitivity_column: str | None = None
    physical_days: int | None = None
    """Days until snapshots and vacuum have removed the bytes, too; None: nobody said."""


@dataclass(frozen=True)
class Narrowing:
    """Which of a person's rows. None means all; `since` ≤ time < `until`, aware; a row without a value never matches.

    Kinds are compared without regard to capitals and to spaces around them. `undated`: only rows of which the time is
    not known or cannot be read, which no range means.

    Raises ValueError for an empty set, a reversed or empty range, a range of what is undated, or a time without zone.
    """

    since: datetime | None = None
    until: datetime | None = None
    kinds: frozenset[str] | None = None
    contexts: frozenset[str] | None = None
    sensitivities: frozenset[int] | None = None
    undated: bool = False

    def __post_init__(self) -> None:
        if any(moment is not None and moment.tzinfo is None for moment in (self.since, self.until)):
            raise ValueError("a time without zone")
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("a range that ends before it starts")
        if self.undated and (self.since, self.until) != (None, None):
            raise ValueError("a range of what has no time")
        narrowed = (self.kinds, self.contexts, self.sensitivities)
        if any(chosen is not None and not chosen for chosen in narrowed):
            raise ValueError("an empty choice")

    @property
    def by_time(self) -> bool:
        """Whether the rows are narrowed by a range of time."""
        return self.since is not None or self.until is not None


EVERYTHING = Narrowing()


@dataclass(frozen=True)
class Target:
    """Whose rows of which dataset. `subjects`: every value of the subject column that means this person, at least one.

    Raises RefusedError when the narrowing asks for a column that the dataset does not have: never more than asked.
    """

    layout: Layout
    subjects: tuple[str, ...]
    narrowing: Narrowing = EVERYTHING

    def __post_init__(self) -> None:
        if not self.subjects or not all(self.subjects):
            raise RefusedError(Reason.NO_SUBJECT)
        layout, narrowing = self.layout, self.narrowing
        wanted = (
            (narrowing.by_time or narrowing.undated, layout.time_column, Reason.NO_TIME_COLUMN),
            (narrowing.kinds is not None, layout.kind_column, Reason.NO_KIND_COLUMN),
            (narrowing.contexts is not None, layout.context_column, Reason.NO_CONTEXT_COLUMN),
            (narrowing.sensitivities is not None, layout.sensitivity_column, Reason.NO_SENSITIVITY_COLUMN),
        )
        for asked, column, reason in wanted:
            if asked and column is None:
                raise RefusedError(reason, layout.location)

    @property
    def mark(self) -> str:
        """A short name for these rows of this dataset, the same in every process; it names nobody."""
        narrowed = self.narrowing
        those = [narrowed.kinds, narrowed.contexts, narrowed.sensitivities]
        chosen = [None if one is None else sorted(map(str, one)) for one in those]
        return _digest([self.layout.location, str(self.narrowing.since), str(self.narrowing.until), *chosen])

    def part(self, name: str) -> str:
        """The name under which a part of the store is told of (`Progress.part`); it names nobody either."""
        return self.mark + _digest([name])

    def chosen(self) -> Iterator[tuple[str, frozenset[str] | frozenset[int]]]:
        """Column → allowed values, for every narrowing but time and kind."""
        layout, narrowing = self.layout, self.narrowing
        pairs: tuple[tuple[str | None, frozenset[str] | frozenset[int] | None], ...] = (
            (layout.context_column, narrowing.contexts),
            (layout.sensitivity_column, narrowing.sensitivities),
        )
        for column, values in pairs:
            if column is not None and values is not None:
                yield column, values

    def kinds(self) -> tuple[str, list[str]] | None:
        """The column of kinds, and those that are meant, as `same_kind` writes them; None where all are."""
        column, kinds = self.layout.kind_column, self.narrowing.kinds
        return (column, sorted(map(same_kind, kinds))) if column is not None and kinds is not None else None

    def undated(self) -> "Target":
        """The rows of the same choice that are in no range of time, since theirs is not known or cannot be read."""
        return replace(self, narrowing=replace(self.narrowing, since=None, until=None, undated=True))


@dataclass(frozen=True)
class Column:
    """A column as the store names it; `type` in the store's own words."""

    name: str
    type: str


@dataclass(frozen=True)
class Found:
    """A dataset that discovery met: its columns, rows where the store knows them for free, or why it is refused."""

    location: str
    columns: tuple[Column, ...]
    rows: int | None = None
    refused: Reason | None = None
    detail: str = ""


@dataclass(frozen=True)
class Count:
    """Rows of one person: in all, and by kind where the dataset has a kind column ("" stands for none)."""

    rows: int
    by_kind: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Erased:
    """An erasure that the store says is done. Only `remaining` proves it; `rows` counts those of all attempts.

    `logical_at`: from then on no query finds the rows. `physical_by`: until then snapshots may hold them; None: nobody
    has said.
    """

    rows: int
    parts: int
    logical_at: datetime
    physical_by: datetime | None


@dataclass(frozen=True)
class Lying:
    """Where a person's rows lie: in what the company reads, and in the quarantine beside it."""

    readable: int
    apart: int


Row = dict[str, object]
"""A row as plain values: str, int, float, bool, None, and of these lists and dicts (see `values.plain`)."""


class Connector(Protocol):
    """One store, opened with one address. Every method may be called from several threads at once.

    Each raises UnreachableError or RefusedError, and nothing else that the store brings about. A quarantine is no
    dataset: `discover` passes it over; `count`, `export`, `erase` and `remaining` mean what lies in it, too.
    """

    login: str
    """Under which name the store knows us; "" where it has none."""

    def discover(self) -> Iterator[Found]:
        """Every dataset that the credentials can see, those that cannot be used with their reason."""

    def check(self, layout: Layout) -> int | None:
        """Raise unless the dataset is there, erasable, and has the columns described; its rows if known for free."""

    def doubts(self, layout: Layout) -> Sequence[RefusedError]:
        """Why erasures and freezes there would be refused, or leave rows, though it can be counted."""

    def count(self, target: Target) -> Count:
        """The person's rows."""

    def counts(self, targets: Sequence[Target]) -> Iterator[tuple[Target, Count | ConnectorError]]:
        """The same for many datasets with few questions, in the order given; one that fails does not end the others."""

    def export(self, target: Target) -> Iterator[Row]:
        """The person's rows, streamed: memory does not grow with their number."""

    def erase(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> Erased:
        """Erase the person's rows and nobody else's. Repeatable after a crash at any point.

        `run` is the same for all attempts of one step (its id): what a killed attempt left is recognised by it.
        `resume`: what it told last. Before a part is rewritten, `tell` hears its name (`Target.part`) and its rows.
        """

    def remaining(self, target: Target) -> int:
        """The person's rows that are still there; asked of a connector opened with other credentials (read back)."""

    def seclude(self, layout: Layout, reader: str) -> None:
        """Make the quarantine beside a dataset, which nobody but this login and `reader` can read; once.

        Raises RefusedError where that is not allowed, or the rows could not be put back as they are.
        """

    def freeze(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> int:
        """Move the person's rows into the quarantine, after `seclude`; how many, over all attempts (see `erase`)."""

    def thaw(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> int:
        """The way back, out of the quarantine."""

    def lying(self, target: Target) -> Lying:
        """How many of the person's rows lie where; asked with other credentials, too."""

    def close(self) -> None:
        """Let go of all connections."""


def _digest(values: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]
