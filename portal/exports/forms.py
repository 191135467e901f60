"""What to export, from the form or from an address that leads to it."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from portal.core.clock import is_ours, to_utc
from portal.exports.rules import Chosen
from wire.documents import Kind

EVERYTHING, RANGE = "everything", "range"


class ChoiceError(ValueError):
    """The form does not say what to export; `fields` names what is wrong."""

    def __init__(self, *fields: str) -> None:
        super().__init__(*fields)
        self.fields = fields


def read_choice(given: "MultiDict[str, str]", zone: ZoneInfo) -> Chosen:
    """What the form asks for. Raises ChoiceError."""
    starts = ends = None
    if given.get("scope", EVERYTHING) == RANGE:
        starts, ends = read_moment(given.get("from", ""), zone), read_moment(given.get("to", ""), zone)
        missing = tuple(name for name, at in (("from", starts), ("to", ends)) if at is None)
        if starts is None or ends is None:
            raise ChoiceError(*missing)
        if not starts < ends:
            raise ChoiceError("order")
    kinds = tuple(dict.fromkeys(given.getlist("kind")))
    if set(kinds) - set(Kind):
        raise ChoiceError("kind")
    whole = not kinds or set(kinds) == set(Kind)
    return Chosen(starts, ends, () if whole else kinds, "stores" in given, read_request(given))


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A moment with an offset, or the person's own wall clock without one; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
        if not is_ours(moment):
            return None
        return to_utc(moment, zone) if moment.tzinfo is None else moment
    except (ValueError, OverflowError):
        return None


def read_request(given: "MultiDict[str, str]") -> UUID | None:
    """The request that led here, if any."""
    try:
        return UUID(given.get("request", ""))
    except ValueError:
        return None
