"""The end of a stop for all, which needs officer and council where the stop needs one key; and the record of one."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from wire import codec, councils, documents, dsse, succession
from wire.codec import Moment
from wire.documents import Stop, Trust
from wire.policy import Audience


@dataclass(frozen=True)
class Resume:
    """Recording may go on that the stop `stop` ended: its number, moment and audience are said for who signs."""

    TYPE: ClassVar[str] = "application/vnd.daylight.resume.v1+json"
    stop: UUID
    number: int
    stopped: Moment
    sites: tuple[str, ...] | None
    departments: tuple[str, ...] | None = codec.later()
    countries: tuple[str, ...] | None = codec.later()


def resume_of(stop: Stop) -> Resume:
    """The one document that ends this stop."""
    return Resume(stop.id, stop.number, stop.issued, stop.sites, stop.departments, stop.countries)


def open_resume(envelope: bytes, trust: Trust) -> Resume:
    """The document, signed by an officer and by the council that decides about the stop's sites (wire.councils).

    Raises SignatureError or DocumentError.
    """
    resume, signers = documents.open_signed(Resume, envelope, succession.holders(trust))
    if not councils.both(trust, resume.sites, signers):
        raise dsse.SignatureError("to record again needs the signatures of officer and council")
    return resume


@dataclass(frozen=True)
class Step:
    """By `ms` after the stop was asked for, `percent` of the devices concerned had said that they had stopped."""

    percent: int
    ms: int


@dataclass(frozen=True)
class StopRecord:
    """The account of one stop as of `issued`, signed by the log's key; it can go to anybody: counts, and no person.

    A number is None where fewer than ten devices could be told from it. `stop_sha256`, `resume_sha256`: of the signed
    documents. Times in Unix ms.
    """

    TYPE: ClassVar[str] = "application/vnd.daylight.stop-record.v1+json"
    stop: UUID
    number: int
    by: str
    reason: str
    sites: tuple[str, ...] | None
    stopped: Moment
    resumed: Moment | None
    devices: int | None
    answered: int | None
    unreached: int | None
    last_ms: int | None
    steps: tuple[Step, ...]
    stop_sha256: str | None
    resume_sha256: str | None
    issued: Moment
    departments: tuple[str, ...] | None = codec.later()
    countries: tuple[str, ...] | None = codec.later()


def audience_of(document: Stop | Resume | StopRecord) -> Audience:
    """Whom the stop is for."""
    return Audience(document.sites, document.departments, document.countries)
