"""Decisions about stores, pure: names, settings, and which column probably means what."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Final
from uuid import UUID

from portal.sources.connectors.base import Column, SubjectKind
from wire.documents import Kind

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")
ADDRESS: Final = re.compile(r"[^\s@<>\",;:()\[\]\\]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+")
LONGEST_ADDRESS: Final = 254
"""RFC 5321, 4.5.3.1.3, without the brackets."""
READBACK: Final = "_readback"
OWN_STORE: Final = "daylight"
"""What Daylight's own store is called where datasets are named: no dataset is."""
LOST: Final = "lost"
"""A freeze or a thaw after which fewer rows are there than before."""
FROZEN_FOR_WHOM: Final = "frozen_for_whom"
"""A thaw after which rows lie frozen that may be this person's or somebody else's."""
NOT_GONE: Final = "not_gone"
"""An erasure after which rows are still found; its detail: how many the store said that it had deleted."""
NOT_FROZEN: Final = "not_frozen"
"""A freeze after which rows can still be read; its detail: how many the store said that it had put out of reach."""
NOT_BACK: Final = "not_back"
"""A thaw after which rows still lie out of reach; its detail: how many the store said that it had put back."""
UNDATED: Final = "undated"
"""Rows in no range of time, since theirs is not known or cannot be read, are left; its detail: how many."""
NOT_DESCRIBED: Final = "not_described"
"""Why a discovered dataset is refused whose columns nobody has explained."""
OBJECTIONS: Final = timedelta(days=7)
"""How long whoever is concerned can object to what HR says of an address, before anything is deleted for it."""

KINDS: Final = frozenset(kind.value for kind in Kind)

Ends = tuple[datetime | None, datetime | None]

SUBJECTS: Final[Mapping[str, SubjectKind]] = {
    "email": SubjectKind.EMAIL,
    "employee_email": SubjectKind.EMAIL,
    "user_email": SubjectKind.EMAIL,
    "mail": SubjectKind.EMAIL,
    "employee_id": SubjectKind.EMPLOYEE_ID,
    "subject_handle": SubjectKind.HANDLE,
}
"""Names that say what they hold. Anything less plain is left to whoever describes the store."""

MEANINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "time": ("captured_at", "occurred_at", "event_time", "created_at", "started_at", "ts"),
    "kind": ("kind", "event_type"),
    "context": ("context", "app", "site"),
    "sensitivity": ("sensitivity",),
}


@dataclass(frozen=True)
class Said:
    """What HR says of one person and an address: that it was theirs, `since` ≤ day < `until`, or never.

    Raises ValueError for a reversed or empty stretch.
    """

    person: UUID
    theirs: bool
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("a stretch that ends before it starts")

    @property
    def ends(self) -> Ends:
        """From which moment to which."""
        return begins(self.since), begins(self.until)


def apart(said: Sequence[Said]) -> bool:
    """Whether at no moment it was two people's."""
    return not any(meet(one.ends, other.ends) for one, other in combinations([it for it in said if it.theirs], 2))


def name_problem(name: str) -> str | None:
    """What is wrong with the name of a source, or None. It becomes part of a variable's name."""
    if not NAME.fullmatch(name):
        return "a name of small letters, digits and _ that starts with a letter is expected, at most 41 long"
    if name.endswith(READBACK):
        return "a name cannot end in _readback: its setting would be mistaken for another source's"
    return None


def address_problem(address: str) -> str | None:
    """What is wrong with the mail address of an owner, or None."""
    if len(address) > LONGEST_ADDRESS or not ADDRESS.fullmatch(address):
        return "one mail address such as data@company.example is expected"
    return None


def setting_name(name: str) -> str:
    """The variable that holds a source's address."""
    return f"PORTAL_SOURCE_{name.upper()}_URL"


def readback_name(name: str) -> str:
    """The variable that holds the address with which an erasure is read back."""
    return f"PORTAL_SOURCE_{name.upper()}_READBACK_URL"


def meant(
    kinds: frozenset[str] | None, words: Mapping[str, str], spared: frozenset[str] = frozenset()
) -> frozenset[str] | None:
    """The words for kinds that are looked for in a store; None: all. `words`: a store's word → the kind it means.

    A word stands for itself only while nobody has explained it: what it means may be what is to stay. Where some are
    spared only kinds of ours go, since what the store calls otherwise may be of them.
    """
    if not spared and kinds is None:
        return None
    wanted = kinds or KINDS
    if spared:
        wanted = wanted & KINDS - spared
    return frozenset(one for one in {*wanted, *words} if words.get(one, one) in wanted)


def told(by_kind: Mapping[str, int], words: Mapping[str, str]) -> dict[str, int]:
    """Rows by what the store's words for kinds mean; a word that nobody explained stands for itself."""
    found = Counter[str]()
    for word, rows in by_kind.items():
        found[words.get(word, word)] += rows
    return dict(found)


def begins(day: date | None) -> datetime | None:
    """The first moment of a UTC day."""
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def meet(one: Ends, other: Ends) -> Ends | None:
    """What two half-open stretches have in common; None for nothing."""
    starts = [moment for moment in (one[0], other[0]) if moment is not None]
    ends = [moment for moment in (one[1], other[1]) if moment is not None]
    since, until = max(starts, default=None), min(ends, default=None)
    return None if since is not None and until is not None and since >= until else (since, until)


def guess_subject(columns: Sequence[Column]) -> tuple[str, SubjectKind] | None:
    """The column whose name says whose row it is; None when none or several do: then a person must say."""
    found = [(column.name, SUBJECTS[column.name.lower()]) for column in columns if column.name.lower() in SUBJECTS]
    return found[0] if len(found) == 1 else None


def guess_meaning(columns: Sequence[Column], meaning: str) -> str | None:
    """The column that holds time, kind, context or sensitivity, by its name."""
    by_name = {column.name.lower(): column.name for column in columns}
    return next((by_name[name] for name in MEANINGS[meaning] if name in by_name), None)
