"""Everything the first page and the bar show, gathered from the features below."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.agents.queries import device_facts
from portal.agents.rules import DeviceFacts
from portal.home import rules
from portal.home.rules import Bar, DeviceLine, Part, Whole
from portal.pauses.rules import Pause
from portal.stops.queries import pauses_and_halts

PAUSES_SINCE = timedelta(days=2)


@dataclass(frozen=True)
class Standing:
    """How a person's devices and pauses stand at one moment."""

    asked: list[Pause]
    whole: Whole | None
    parts: list[Part]
    devices: list[DeviceLine]
    permitted: dict[str, tuple[str, ...]]
    facts: list[DeviceFacts]
    bar: Bar


def standing(session: Session, person: UUID, zone: str, now: datetime) -> Standing:
    """How things stand for this person at `now`; three queries."""
    asked, halts = pauses_and_halts(session, person, zone, now - PAUSES_SINCE)
    whole, over, parts = rules.whole_pause(asked, now), rules.just_over(asked, now), rules.parts(asked, now)
    asks = [whole.ask] if whole else [over[0]] if over else []
    facts = rules.waiting(device_facts(session, person, [*asks, *(part.ask for part in parts)]), over)
    lines = rules.device_lines(facts, whole, now, halts)
    reached = [rules.reached(part, facts, now) for part in parts]
    state = rules.bar([line for line in lines if not line.observer], whole, halts)
    return Standing(asked, whole, reached, lines, rules.permitted_now(facts, now), facts, state)
