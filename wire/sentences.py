"""One table of sentences in both languages, and how a parameter becomes text: no locale, the same on every machine."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

TABLE: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("sentences.json").read_text("utf-8"))
YEAR_10000_MS: Final = 253_402_300_800_000
MINUTE: Final = 60
_PLACE = re.compile(r"\{([a-z]+)(?::([a-z]+))?\}")


def fill(code: str, parameters: Mapping[str, Any], language: str) -> str:
    """The sentence `code` with its parameters. They are put in once: a brace in a name stays a brace."""
    return _PLACE.sub(
        lambda place: _FORMS[place[2] or "text"](parameters[place[1]], language), TABLE["sentences"][code][language]
    )


def _units(unit: str) -> Callable[[Any, str], str]:
    forms = TABLE["words"]["unit"][unit]
    return lambda value, language: f"{value} {forms['one' if value == 1 else 'many'][language]}"


def _seconds(value: int, language: str) -> str:
    whole = value > 0 and value % MINUTE == 0
    return _units("minutes")(value // MINUTE, language) if whole else _units("seconds")(value, language)


def _list(words: str | None) -> Callable[[Any, str], str]:
    def joined(values: Any, language: str) -> str:
        known: dict[str, dict[str, str]] = TABLE["words"][words] if words else {}
        shown = [known[str(one)][language] if str(one) in known else str(one) for one in values]
        return ", ".join(shown) or str(TABLE["words"]["none"][language])

    return joined


def moment(value: int) -> str:
    """Unix milliseconds as a minute of UTC, the same on every machine and in both languages."""
    if not 0 <= value < YEAR_10000_MS:
        return f"{value} ms"
    return datetime.fromtimestamp(value // 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


_FORMS: Final[dict[str, Callable[[Any, str], str]]] = {
    "text": lambda value, _: str(value),
    "list": _list(None),
    "weekdays": _list("weekday"),
    "redactions": _list("redaction"),
    "kind": lambda value, language: str(TABLE["words"]["kind"][value][language]),
    "clock": lambda value, _: f"{value // MINUTE:02}:{value % MINUTE:02}",
    "moment": lambda value, _: moment(value),
    "days": _units("days"),
    "hours": _units("hours"),
    "minutes": _units("minutes"),
    "seconds": _seconds,
}
