"""The clock of a request, as the law of the person's country counts it from the request's events."""

from collections.abc import Iterable
from datetime import datetime

from portal.laws.book import clock, law_for
from portal.laws.rules import Clock, Event, Happened
from portal.requests import happened, rules
from portal.requests.models import Request

MOVES = {str(kind) for kind in Happened}


def law_code(country: str | None) -> str:
    """The law under which somebody who works in `country` asks."""
    return law_for(country).code


def begun(country: str | None, kind: rules.RequestType, now: datetime, zone: str) -> tuple[str, datetime]:
    """(code of the law, when the answer is due) of a request that arrives now."""
    law = law_for(country).code
    return law, clock(law, kind.value, country, now, [], zone).due


def clock_of(request: Request, events: Iterable[happened.Happened], country: str | None, zone: str) -> Clock:
    """The clock of a request that was sent."""
    received = request.received_at or request.created_at
    moved = [
        Event(Happened(event.kind), event.at, event.params.get("reason", "")) for event in events if event.kind in MOVES
    ]
    return clock(request.law, request.type.value, country, received, moved, zone)
