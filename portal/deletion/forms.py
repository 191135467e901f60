"""What to delete, from a query or a form: a preset, a day or a stretch; narrowed by kind, app, level, or to items."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from portal.capture.day import local_midnights
from portal.core.clock import is_ours, local_day, read_day, to_utc
from portal.deletion.actions import Range
from wire.documents import Kind

PRESETS = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1)}
MOST = 50
MOST_ITEMS = 200


class RangeError(ValueError):
    """The query does not say what to delete."""


def read_range(given: "MultiDict[str, str]", now: datetime, zone: ZoneInfo) -> Range:
    """The range that a query or form names. Raises RangeError for anything that is not one."""
    starts, ends = _stretch(given, now, zone)
    kinds, contexts, items = given.getlist("kind"), given.getlist("context"), given.getlist("item")
    levels = [_level(text) for text in given.getlist("sensitivity")]
    if not starts < ends or set(kinds) - set(Kind) or len(contexts) > MOST or len(items) > MOST_ITEMS:
        raise RangeError
    return Range(starts, ends, tuple(kinds), tuple(contexts), tuple(levels), tuple(_uuid(item) for item in items))


def hidden_fields(chosen: Range) -> Mapping[str, str | list[str]]:
    """The same range as fields of a form; the stretch is fixed, so that the click deletes what was previewed."""
    fields: dict[str, str | list[str]] = {"from": chosen.starts_at.isoformat(), "to": chosen.ends_at.isoformat()}
    narrowing = {
        "kind": list(chosen.kinds),
        "context": list(chosen.contexts),
        "sensitivity": [str(level) for level in chosen.sensitivities],
        "item": [str(item) for item in chosen.segments],
    }
    return fields | {name: values for name, values in narrowing.items() if values}


def _stretch(given: "MultiDict[str, str]", now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    if given.get("last") or "day" in given:
        return preset(given, now, zone)
    return moment(given.get("from", ""), zone), moment(given.get("to", ""), zone)


def preset(given: "MultiDict[str, str]", now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The stretch that `last` (15m, 1h, today) or `day` names. Raises RangeError for any other."""
    last = given.get("last")
    if last in PRESETS:
        return now - PRESETS[last], now
    if last == "today":
        return local_midnights(local_day(now, zone), zone)
    return local_midnights(_day(given.get("day", "")), zone)


def _day(text: str) -> date:
    try:
        return read_day(text)
    except ValueError as error:
        raise RangeError from error


def moment(text: str, zone: ZoneInfo) -> datetime:
    """A moment with an offset, or the person's own wall clock without one. Raises RangeError."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise RangeError from error
    if not is_ours(read):
        raise RangeError
    return to_utc(read, zone) if read.tzinfo is None else read


def _level(text: str) -> int:
    if text not in {"1", "2", "3", "4"}:
        raise RangeError
    return int(text)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise RangeError from error
