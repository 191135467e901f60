"""A law as data: how long an answer may take, for what HR may ask back, on which grounds it may refuse or keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """In what a law counts."""

    MONTHS = "months"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"


@dataclass(frozen=True)
class Said:
    """A text of the law's data in every language of the portal."""

    en: str
    de: str

    def in_(self, language: str) -> str:
        """The text in `language`, a code such as `de`."""
        return self.de if language == "de" else self.en


@dataclass(frozen=True)
class Period:
    """An amount of units, with the place in the law that says so."""

    amount: int
    unit: Unit
    article: str


@dataclass(frozen=True)
class Asking:
    """A reason for which HR may ask back. `suspends`: the clock stands until the answer, for requests of `types`."""

    code: str
    article: str
    suspends: bool
    types: frozenset[str]
    words: Said


@dataclass(frozen=True)
class Ground:
    """A ground on which a request of `types` may be refused, wholly or for some records.

    `keeps`: a reason to keep records, so that a legal hold can stand on it; others speak of a request alone.
    """

    code: str
    article: str
    types: frozenset[str]
    name: Said
    words: Said
    keeps: bool


@dataclass(frozen=True)
class Remedy:
    """What a person can do against a decision."""

    code: str
    article: str
    words: Said


@dataclass(frozen=True)
class Law:
    """One jurisdiction as data. `countries`: ISO 3166 codes it applies to; one law is the default for all others."""

    code: str
    name: Said
    countries: frozenset[str]
    default: bool
    answer: Period
    confirm: Period | None
    extension: Period | None
    by_type: Mapping[str, Period]
    ends_on_working_day: str
    """The place that moves a period's end to the next working day, '' where none does."""
    asking: tuple[Asking, ...]
    grounds: tuple[Ground, ...]
    remedies: tuple[Remedy, ...]

    def grounds_for(self, kind: str) -> tuple[Ground, ...]:
        """The grounds on which a request of type `kind` may be refused."""
        return tuple(ground for ground in self.grounds if kind in ground.types)

    def grounds_to_keep(self) -> tuple[Ground, ...]:
        """The grounds on which records may be kept from being deleted, whoever asks."""
        return tuple(ground for ground in self.grounds if ground.keeps)

    def ground(self, code: str) -> Ground | None:
        """The ground of that code."""
        return next((ground for ground in self.grounds if ground.code == code), None)

    def answer_of(self, kind: str) -> Period:
        """How long a request of type `kind` may take."""
        return self.by_type.get(kind, self.answer)

    def extension_of(self, kind: str) -> Period | None:
        """How much longer it may take; None for types that have a time of their own, and where the law knows none."""
        return None if kind in self.by_type else self.extension

    def suspends(self, reason: str, kind: str) -> bool:
        """Whether asking for `reason` about a request of type `kind` lets the clock stand."""
        return any(one.code == reason and one.suspends and kind in one.types for one in self.asking)
