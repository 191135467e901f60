"""Requests, drafts and previews as pages show them: plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import url_for

from portal.capture.pages import list_url
from portal.core.clock import local_day
from portal.deletion.models import LegalHold
from portal.policies.queries import Policies
from portal.requests import previewing, words
from portal.requests.copies import wider
from portal.requests.forms import MINUTE, Asked
from portal.requests.models import Request
from portal.requests.rules import LIVE, About, RequestState, RequestType

LAST_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Scope:
    """What a request is about; `starts` None: all time; empty tuples narrow nothing. `chosen`: single items."""

    starts: datetime | None
    ends: datetime | None
    kinds: tuple[str, ...]
    contexts: tuple[str, ...]
    sensitivities: tuple[int, ...]
    chosen: int


@dataclass(frozen=True)
class Line:
    """One request in a list. `due_on`: the last day for the answer, in the person's own zone."""

    id: UUID
    number: int
    type: str
    name: str
    state: str
    scope: Scope
    at: datetime
    due_on: date | None
    overdue: bool
    closed_at: datetime | None
    live: bool
    steps_done: int
    steps_total: int


def line(row: Request, labels: Mapping[str, str], now: datetime, zone: str, steps: tuple[int, int] = (0, 0)) -> Line:
    """The request in `row` at `now`; `steps`: done and all."""
    undecided = row.state in {RequestState.OPEN, RequestState.ASKED_BACK}
    return Line(
        id=row.id,
        number=row.number,
        type=row.type.value,
        name=words.name(row.type),
        state=row.state.value,
        scope=scope_of(row, labels),
        at=row.received_at or row.changed_at,
        due_on=local_day(row.due_at - LAST_MOMENT, ZoneInfo(zone)) if row.due_at else None,
        overdue=undecided and row.due_at is not None and row.due_at <= now,
        closed_at=row.closed_at,
        live=row.state in LIVE,
        steps_done=steps[0],
        steps_total=steps[1],
    )


def scope_of(row: Request, labels: Mapping[str, str]) -> Scope:
    """What the request in `row` is about."""
    return Scope(
        starts=row.starts_at,
        ends=row.ends_at,
        kinds=tuple(row.kinds or ()),
        contexts=tuple(labels.get(context, context) for context in row.contexts or ()),
        sensitivities=tuple(row.sensitivities or ()),
        chosen=len(row.segments or ()),
    )


def preview(counted: previewing.Preview, known: Policies, asked: Asked, now: datetime) -> dict[str, Any]:
    """What templates/requests/_preview.html takes."""
    return {
        "items": counted.items,
        "open": counted.open,
        "stays": counted.stays,
        "kinds": counted.kinds(),
        "levels": counted.levels(),
        "kindless": counted.kindless,
        "levelless": counted.levelless,
        "apart": counted.apart,
        "stores": [store(one) for one in counted.stores],
        "holds": holds(counted.holds),
        "wider": wider(asked.kind, asked.about),
        "at_once": at_once(asked, known.self_service_since(now), now),
    }


def store(one: previewing.Store) -> dict[str, Any]:
    """A store with its counts."""
    own = one.dataset is None
    return {
        "name": words.own_store() if own else one.name,
        "items": one.items,
        "stays": one.stays,
        "counted_at": one.counted_at,
        "own": own,
        "at_most": one.at_most,
        "refused": words.not_counted(one.refused),
        "away_since": one.away_since,
    }


def holds(found: Sequence[LegalHold]) -> list[dict[str, Any]]:
    """Why something stays for now, and how long at most."""
    return [{"reason": hold.reason, "until": hold.expires_at} for hold in found]


def at_once(asked: Asked, since: datetime, now: datetime) -> str:
    """Where to delete the youngest part of it without asking anybody; '' where there is none."""
    about = asked.about
    if asked.kind is not RequestType.ERASE or (about.ends_at or now) <= since:
        return ""
    starts, ends = max(about.starts_at or since, since), about.ends_at or now
    return url_for("deletion.delete", **narrowing(about) | {"from": starts.isoformat(), "to": ends.isoformat()})


def around(asked: Asked, starts: Sequence[datetime]) -> str:
    """Where to ask for the stretch in which chosen items lie, in every store; `starts`: when they begin, any order."""
    about = asked.about
    first, last = about.starts_at or min(starts), about.ends_at or max(starts) + MINUTE
    narrowed = {name: values for name, values in narrowing(about).items() if name != "item"}
    stretch = {"from": first.isoformat(), "to": last.isoformat()}
    return url_for("asking.new", type=asked.kind.value, **narrowed | stretch)


def listed(about: About, zone: ZoneInfo) -> str:
    """Where the person sees the items of Daylight's own store that it is about."""
    narrowed = {name: values for name, values in narrowing(about).items() if name != "item"}
    return list_url(about.starts_at, about.ends_at, zone, **narrowed)


def narrowing(about: About) -> dict[str, Any]:
    """The query that narrows as `about` does, without its stretch of time."""
    values = {
        "kind": list(about.kinds),
        "context": list(about.contexts),
        "sensitivity": list(about.sensitivities),
        "item": [str(item) for item in about.segments],
    }
    return {name: value for name, value in values.items() if value}
