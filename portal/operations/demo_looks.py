"""The last strokes of the demo's past: who looked at Amira's data, and since when her people have their devices."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from portal.access_log.models import Look, LookKind
from portal.agents.models import Device
from portal.core.clock import from_ms
from portal.core.config import Settings
from portal.operations.demo_calendar import DAY_MS, HOUR_MS, STAR, name_id
from portal.operations.demo_people import PEOPLE
from portal.operations.demo_plan import Employed, Planned, Story
from portal.operations.publish import as_owner
from wire.documents import Kind

OWN_DAYS_AGO: Final = (2, 5, 9, 16, 23)
SEARCHED_DAYS_AGO: Final = 7
OWN_VIEW, OWN_SEARCH = "own_view", "search"
OWNED: Final = timedelta(days=90)


def finish(settings: Settings, employed: Sequence[Employed], stories: Mapping[UUID, Story], until: int) -> None:
    """Add the looks, and let no device be younger than what it captured. Nothing happens a second time."""
    with as_owner(settings) as session:
        for one in employed:
            for at, device in enumerate(one.devices):
                added = from_ms(until) - OWNED + timedelta(minutes=at)
                least = func.least(Device.added_at, added)
                session.execute(update(Device).where(Device.id == device).values(added_at=least))
        star = next((one for one in employed if one.who.subject == STAR), None)
        looks = [] if star is None else list(_looks(star, stories[star.id].items, until))
        if looks:
            session.execute(insert(Look).values(looks).on_conflict_do_nothing(index_elements=["id"]))


def _looks(star: Employed, items: Sequence[Planned], until: int) -> Iterator[dict[str, Any]]:
    """Her own: nobody else can open anything of hers."""
    readable = [item for item in items if item.kind in {Kind.KEY, Kind.PROMPT, Kind.SCREENSHOT}]
    for days in OWN_DAYS_AGO:
        for item in _around(readable, until - days * DAY_MS)[:2]:
            yield _look(star, [item], OWN_VIEW, until)
    searched = _around(readable, until - SEARCHED_DAYS_AGO * DAY_MS)
    if searched:
        yield _look(star, searched, OWN_SEARCH, until)


def _around(items: Sequence[Planned], moment: int) -> list[Planned]:
    """What was captured on the last working day before `moment`."""
    before = [item for item in items if item.start < moment]
    return [item for item in before if item.start > before[-1].start - DAY_MS // 2]


def _look(star: Employed, items: Sequence[Planned], purpose: str, until: int) -> dict[str, Any]:
    last = max(item.start for item in items)
    at = from_ms(min(last + 3 * HOUR_MS, until))
    unit = next((person.department for person in PEOPLE if person.user == star.who.subject), None)
    return {
        "id": name_id("look", purpose, items[0].segment),
        "employee_id": star.id,
        "reader_id": star.id,
        "reader_name": star.who.name,
        "reader_unit": unit,
        "kind": LookKind.SEARCH if purpose == OWN_SEARCH else LookKind.OPEN,
        "purpose": purpose,
        "segment_ids": [item.segment for item in items],
        "covers_from": from_ms(min(item.start for item in items)),
        "covers_until": from_ms(last + 1),
        "at": at,
        "read_at": at,
    }
