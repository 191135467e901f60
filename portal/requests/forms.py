"""What to delete, from a query or a form: a preset, a day, one item, or a stretch, narrowed by kinds and contexts."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from portal.capture.day import local_midnights
from portal.core.clock import FIRST_YEAR, LAST_YEAR, local_day, read_day, to_utc
from portal.requests.actions import Range
from wire.documents import Kind

PRESETS = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1)}
MOST = 50


class RangeError(ValueError):
    """The query does not say what to delete."""


def read_range(given: "MultiDict[str, str]", now: datetime, zone: ZoneInfo) -> Range:
    """The range that a query or form names. Raises RangeError for anything that is not one."""
    starts, ends = _stretch(given, now, zone)
    kinds, contexts = given.getlist("kind"), given.getlist("context")
    if not starts < ends or set(kinds) - set(Kind) or len(contexts) > MOST:
        raise RangeError
    item = given.get("item")
    return Range(starts, ends, tuple(kinds), tuple(contexts), _uuid(item) if item else None)


def hidden_fields(chosen: Range) -> Mapping[str, str | list[str]]:
    """The same range as fields of a form; the stretch is fixed, so that the click deletes what was previewed."""
    fields: dict[str, str | list[str]] = {"from": chosen.starts_at.isoformat(), "to": chosen.ends_at.isoformat()}
    if chosen.kinds:
        fields["kind"] = list(chosen.kinds)
    if chosen.contexts:
        fields["context"] = list(chosen.contexts)
    if chosen.segment_id:
        fields["item"] = str(chosen.segment_id)
    return fields


def _stretch(given: "MultiDict[str, str]", now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    preset = given.get("last")
    if preset in PRESETS:
        return now - PRESETS[preset], now
    if preset == "today":
        return local_midnights(local_day(now, zone), zone)
    if "day" in given:
        return local_midnights(_day(given["day"]), zone)
    return _moment(given.get("from", ""), zone), _moment(given.get("to", ""), zone)


def _day(text: str) -> date:
    try:
        return read_day(text)
    except ValueError as error:
        raise RangeError from error


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """A moment with an offset, or the person's own wall clock without one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RangeError from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise RangeError
    return to_utc(moment, zone) if moment.tzinfo is None else moment


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise RangeError from error
