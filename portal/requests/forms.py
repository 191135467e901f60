"""What somebody asks for, from a query or a form: a type, a stretch of time or all of it, a narrowing, and words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from portal.core.clock import FIRST_YEAR, LAST_YEAR
from portal.deletion.forms import RangeError, moment, preset
from portal.requests.rules import About, RequestType
from wire.documents import Kind

MOST_ITEMS = 200
MOST_CONTEXTS = 50
LONGEST_WORDS = 4000
NEED_WORDS = frozenset({RequestType.RECTIFY, RequestType.OBJECT, RequestType.REVIEW})
"""What nobody can decide without knowing why it is asked."""
MINUTE = timedelta(minutes=1)
LEVELS = range(1, 5)
Given = MultiDict[str, str]


@dataclass(frozen=True)
class Asked:
    """What a form said. `errors`: field → words; `starts`, `ends`: the stretch as it was typed, to be shown again."""

    kind: RequestType
    about: About
    words: str = ""
    draft: UUID | None = None
    starts: str = ""
    ends: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def read(given: Given, now: datetime, zone: ZoneInfo) -> Asked:
    """What a query or form asks for. What is wrong stands in `errors`, and what was typed is kept."""
    errors: dict[str, str] = {}
    starts, ends = _stretch(given, now, zone, errors)
    about = About(
        starts,
        ends,
        tuple(kind.value for kind in Kind if kind in given.getlist("kind")),
        tuple(dict.fromkeys(given.getlist("context")))[:MOST_CONTEXTS],
        tuple(sorted({level for level in given.getlist("sensitivity", int) if level in LEVELS})),
        tuple(sorted(set(_ids(given, "item")))),
    )
    if problem := _unknown(given, about):
        errors["narrowed"] = problem
    if len(about.segments) > MOST_ITEMS:
        errors["item"] = gettext("At most %(most)s items at once. Choose a stretch of time instead.", most=MOST_ITEMS)
    kind = _type(given, errors)
    typed = (given["from"], given["to"]) if "from" in given and "to" in given else ("", "")
    if starts and ends:
        typed = wall(starts, zone), wall(ends, zone, up=True)
    words = given.get("words", "").replace("\r\n", "\n").strip()
    return Asked(kind, about, words, next(iter(_ids(given, "draft")), None), *typed, errors=errors)


def check_words(asked: Asked) -> dict[str, str]:
    """What is wrong with the words of something about to be sent: field → words."""
    if len(asked.words) > LONGEST_WORDS:
        return {"words": gettext("At most %(most)s letters.", most=LONGEST_WORDS)}
    if asked.kind in NEED_WORDS and not asked.words:
        return {"words": gettext("Write a sentence or two: without it nobody can decide.")}
    return {}


def wall(at: datetime, zone: ZoneInfo, *, up: bool = False) -> str:
    """The value of a datetime-local field: whole minutes, rounded so that a stretch never loses anything."""
    local = at.astimezone(zone)
    floor = local.replace(second=0, microsecond=0)
    return (floor + MINUTE if up and floor < local else floor).strftime("%Y-%m-%dT%H:%M")


def _unknown(given: Given, about: About) -> str:
    """What was narrowed to and is not known here: left out, it would widen what is asked for."""
    known = {
        "kind": lambda one: one in about.kinds,
        "sensitivity": lambda one: one in {str(level) for level in about.sensitivities},
        "item": _is_id,
    }
    if not all(test(one) for name, test in known.items() for one in given.getlist(name) if one):
        return str(gettext("Something was chosen that is not known here. Nothing was sent: see what is ticked."))
    if len(set(given.getlist("context"))) > MOST_CONTEXTS:
        return str(gettext("At most %(most)s apps and sites at once. Ask for more separately.", most=MOST_CONTEXTS))
    return ""


def _type(given: Given, errors: dict[str, str]) -> RequestType:
    try:
        return RequestType(given.get("type", RequestType.ERASE))
    except ValueError:
        errors["type"] = gettext("Choose what you ask for.")
        return RequestType.ERASE


def _stretch(
    given: Given, now: datetime, zone: ZoneInfo, errors: dict[str, str]
) -> tuple[datetime, datetime] | tuple[None, None]:
    """From and to; neither for all time."""
    try:
        if "last" in given or "day" in given:
            return preset(given, now, zone)
        if not given.get("from") and not given.get("to"):
            return None, None
        starts, ends = _field(given, "from", zone, errors), _field(given, "to", zone, errors)
    except RangeError:
        errors["from"] = gettext("That is not a day. Choose a beginning and an end.")
        return None, None
    if starts is None or ends is None:
        return None, None
    if starts >= ends:
        errors["to"] = gettext("The end must lie after the beginning.")
        return None, None
    return starts, ends


def _field(given: Given, name: str, zone: ZoneInfo, errors: dict[str, str]) -> datetime | None:
    if not given.get(name):
        errors[name] = gettext("Choose both a beginning and an end, or neither for all time.")
        return None
    try:
        return _exact(given, name, zone) or moment(given[name], zone)
    except RangeError:
        errors[name] = gettext(
            "Choose a date and a time between %(first)s and %(last)s.", first=FIRST_YEAR, last=LAST_YEAR
        )
        return None


def _exact(given: Given, name: str, zone: ZoneInfo) -> datetime | None:
    """The moment that a field of minutes was filled with, while it is unchanged: with its seconds, in its own hour."""
    if not given.get(f"exact_{name}"):
        return None
    exact = moment(given[f"exact_{name}"], zone)
    return exact if given[name] == wall(exact, zone, up=name == "to") else None


def _ids(given: Given, name: str) -> list[UUID]:
    """What is not an id is left out; of items it is an error besides."""
    read_one: Callable[[str], UUID] = UUID
    return given.getlist(name, read_one)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
