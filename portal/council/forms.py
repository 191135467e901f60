"""What council and officer type into the evidence room, checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from flask_babel import gettext

from portal.core import clock
from portal.core.plain import plain
from portal.council.models import Paper, RoomDocument

TITLE, TEXT, LINK, LEAST = 160, 20_000, 500, 2
EMPTY: Final = dict.fromkeys(("kind", "title", "on_day", "text", "link", "told"), "")


@dataclass
class Typed:
    """What a form said, and what is wrong with it by field."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def length(self, name: str, most: int) -> None:
        """Say so where a field is too short or too long."""
        if not LEAST <= len(self.values[name]) <= most:
            told = {"min": LEAST, "max": most}
            self.errors[name] = gettext("Between %(min)d and %(max)d characters, please.", **told)

    def day(self, name: str) -> date | None:
        """A day, or None with a word about it."""
        try:
            return clock.read_day(self.values[name])
        except ValueError:
            self.errors[name] = gettext("Choose a day.")
            return None

    def paper(self, document: UUID, version: int) -> dict[str, Any]:
        """The row of a valid form."""
        row = {name: self.values[name] for name in ("kind", "title", "text", "link")}
        day, told = clock.read_day(self.values["on_day"]), bool(self.values["told"])
        return row | {"document_id": document, "version": version, "on_day": day, "told": told}


def of(paper: RoomDocument) -> Typed:
    """A form as the newest version would have filled it in."""
    told = "yes" if paper.told else ""
    values = {"kind": paper.kind.value, "title": paper.title, "on_day": paper.on_day.isoformat()}
    return Typed(values | {"text": paper.text, "link": paper.link, "told": told})


def read(given: Mapping[str, str], kinds: Sequence[Paper]) -> Typed:
    """What was typed; `kinds`: what whoever types may write."""
    typed = Typed({name: plain(given.get(name, "")) for name in EMPTY})
    typed.values["text"] = typed.values["text"].replace("\r\n", "\n")
    if typed.values["kind"] not in kinds:
        typed.errors["kind"] = gettext("Choose one of these.")
    if typed.values["kind"] != Paper.MINUTES:
        typed.values["told"] = ""
    typed.length("title", TITLE)
    typed.length("text", TEXT)
    typed.day("on_day")
    if not _is_link(typed.values["link"]):
        typed.errors["link"] = gettext("An address that begins with https:// or http://, please.")
    return typed


def _is_link(text: str) -> bool:
    """Nothing, or a whole address of the web: never one that runs a script."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return not text or (
        len(text) <= LINK and text.isprintable() and parts.scheme in {"http", "https"} and "." in parts.netloc
    )
