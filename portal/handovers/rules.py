"""How a handover stands, and whether a request can have one. Pure."""

from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from portal.requests.copies import COPIES
from portal.requests.rules import RequestState, RequestType
from portal.requests.senders import StartedBy

GRANTED: Final = frozenset({RequestState.APPROVED, RequestState.RUNNING, RequestState.DONE, RequestState.PARTIAL})
MOST_TRIES: Final = 10
WAITS: Final = timedelta(days=14)
"""Between leaving and the copy: who was called a leaver by mistake, or worse, reads it meanwhile."""


class Standing(Protocol):
    """What the rules read of a handover."""

    @property
    def prepared_by(self) -> UUID: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def approved_at(self) -> datetime | None: ...
    @property
    def tries(self) -> int: ...
    @property
    def claimed_at(self) -> datetime | None: ...
    @property
    def taken_at(self) -> datetime | None: ...
    @property
    def revoked_at(self) -> datetime | None: ...


def possible(kind: RequestType, started_by: StartedBy, state: RequestState) -> bool:
    """Whether a copy is handed over: HR agreed, and the person cannot fetch it by themselves."""
    return kind in COPIES and started_by is StartedBy.HR and state in GRANTED


def opens(left_at: datetime | None) -> datetime | None:
    """From when on a copy can be handed over; None: never, for the person works here."""
    return None if left_at is None else left_at + WAITS


def state(one: Standing, now: datetime) -> str:
    """One word for HR's page; whether a claimed archive is ready, only the vault and the link's holder know."""
    if one.revoked_at is not None or one.tries >= MOST_TRIES:
        return "ended"
    if one.taken_at is not None:
        return "taken"
    if one.claimed_at is not None:
        return "claimed"
    if one.expires_at <= now:
        return "expired"
    return "waiting" if one.approved_at is None else "claimable"
