"""The rows all connectors are tried on: Amira's among others', with everything that tempts one to erase too much."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from portal.sources.connectors.base import Layout, Narrowing, SubjectKind, Target

RUN = UUID("5f6d1f0c-0000-4000-8000-000000000001")
AMIRA = "o'brien\\amira \"%_ü`--;\U0001f600"
"""A handle that breaks what is not quoted."""
BEN = "ben"


@dataclass(frozen=True)
class Made:
    """One row; null where None."""

    who: str | None
    at: datetime | None
    kind: str | None
    app: str | None
    level: int | None
    note: str


def at(hour: int) -> datetime:
    """An hour of the one day that all rows are from."""
    return datetime(2026, 3, 2, hour, tzinfo=UTC)


ROWS = (
    Made(AMIRA, at(9), "key", "mail", 1, "first"),
    Made(AMIRA, at(10), "key", "chat", 3, "second"),
    Made(AMIRA, at(11), "click", "mail", 4, "third"),
    Made(AMIRA, None, None, None, None, "without anything"),
    Made(BEN, at(10), "key", "chat", 3, "Ben's"),
    Made(BEN, at(10), "key", "chat", 3, "Ben's"),
    Made(None, at(10), "key", "chat", 3, "nobody's"),
    Made("", at(10), "key", "chat", 3, "of an empty name"),
    Made(AMIRA.upper(), at(10), "key", "chat", 3, "of another who is written alike"),
    Made("%", at(10), "key", "chat", 3, "of a pattern"),
)
LAYOUT = Layout("events", "who", SubjectKind.HANDLE, "at", "kind", "app", "level", physical_days=7)
ALL_OF_AMIRA = ["first", "second", "third", "without anything"]

NARROWED = {
    "everything": (Narrowing(), ALL_OF_AMIRA),
    "from ten": (Narrowing(since=at(10)), ["second", "third"]),
    "before ten": (Narrowing(until=at(10)), ["first"]),
    "ten to eleven": (Narrowing(since=at(10), until=at(11)), ["second"]),
    "clicks": (Narrowing(kinds=frozenset({"click"})), ["third"]),
    "mail": (Narrowing(contexts=frozenset({"mail"})), ["first", "third"]),
    "confidential": (Narrowing(sensitivities=frozenset({3, 4})), ["second", "third"]),
    "mail from ten": (Narrowing(since=at(10), contexts=frozenset({"mail"})), ["third"]),
    "keys in capitals": (Narrowing(kinds=frozenset({" KEY"})), ["first", "second"]),
    "without a time": (Narrowing(undated=True), ["without anything"]),
    "keys without a time": (Narrowing(kinds=frozenset({"key"}), undated=True), []),
    "from ten, no keys": (Narrowing(since=at(10), kinds=frozenset({"click", "window"})), ["third"]),
    "of a kind that is not there": (Narrowing(kinds=frozenset({"' OR 1=1 --"})), []),
}


def target(layout: Layout = LAYOUT, narrowing: Narrowing | None = None, subject: str = AMIRA) -> Target:
    """Amira's rows in the dataset."""
    return Target(layout, (subject,), narrowing or Narrowing())


def elsewhere(location: str) -> Layout:
    """The same columns at another place."""
    return replace(LAYOUT, location=location)
