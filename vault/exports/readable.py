"""The readable pages of an archive: plain HTML that opens from a disk, runs nothing, and asks no network."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_time_format
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vault.exports.words import ABOUT, COLUMNS, FORMATS, KINDS, catalogue
from vault.opening import Opened

PAGES: Final = Path(__file__).with_name("pages")
LONGEST_CELL: Final = 2000
_BOOLEANS: Final = {True: "✓", False: "✗"}


class Readable:
    """Pages in one language and time zone, marked where they hold demo data. Everything it answers is UTF-8."""

    def __init__(self, language: str, timezone: str, *, demo: bool = False) -> None:
        self._locale, self._zone = Locale.parse(FORMATS[language]), ZoneInfo(timezone)
        self._clock = get_time_format("medium", self._locale)  # once: an archive asks for it 100,000 times
        self._words = catalogue(language)
        self._pages = Environment(
            loader=FileSystemLoader(PAGES),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            auto_reload=False,
        )
        self._pages.install_gettext_translations(self._words, newstyle=True)  # type: ignore[attr-defined]
        self._pages.globals |= {"language": language, "demo": demo}

    def day_of(self, at: datetime) -> date:
        """The calendar day of a moment where the person is."""
        return at.astimezone(self._zone).date()

    def day_name(self, on: date) -> str:
        """A day in words."""
        return format_date(on, "full", self._locale)

    def moment(self, at: datetime) -> str:
        """A moment in words."""
        return format_datetime(at, "medium", tzinfo=self._zone, locale=self._locale)

    def say(self, message: str) -> str:
        """A message in the person's language."""
        return str(self._words.ugettext(message))

    def day(self, on: date) -> bytes:
        """The beginning of a day's page."""
        return self._page("day", title=self.day_name(on))

    def item(self, row: Mapping[str, Any], opened: Opened, file: str | None) -> bytes:
        """One item on a day's page."""
        return self._page(
            "item",
            time=self._clock.apply(row["started_at"].astimezone(self._zone), self._locale),
            kind=self.say(KINDS.get(row["kind"], row["kind"])),
            type=row["kind"] if opened.content is None else str(opened.content.summary.kind),
            context=row["context"],
            state=str(opened.state),
            fields=opened.fields,
            data=None if opened.content is None else opened.content.data,
            file=file or "",
        )

    def list_head(self, about: str, columns: Iterable[str]) -> bytes:
        """The beginning of the page of a list; no columns: it is empty."""
        heads = [self.say(COLUMNS[column]) for column in columns]
        return self._page("rows", title=self.say(ABOUT[about]), heads=heads)

    def list_row(self, row: Mapping[str, Any], columns: Iterable[str]) -> bytes:
        """One row of a list."""
        return self._page("row", cells=[self._cell(column, row[column]) for column in columns])

    def list_end(self, *, empty: bool) -> bytes:
        """The end of the page of a list."""
        return self.end() if empty else b"</tbody></table></div>" + self.end()

    def end(self) -> bytes:
        """The end of a page."""
        return self._page("end")

    def index(self, **told: Any) -> bytes:
        """The contents; what it is given is at the head of pages/index.html."""
        return self._page("index", **told) + self.end()

    def _page(self, name: str, **told: Any) -> bytes:
        return self._pages.get_template(f"{name}.html").render(told).encode(errors="replace")

    def _cell(self, column: str, value: Any) -> str:
        match value:
            case None:
                return ""
            case bool():
                return _BOOLEANS[value]
            case str() if column.endswith("_at") or column in {"at", "covers_from", "covers_until"}:
                return self.moment(datetime.fromisoformat(value))
            case list() if all(isinstance(one, str) for one in value):
                return ", ".join(value)
            case list() | dict():
                return json.dumps(value, ensure_ascii=False)[:LONGEST_CELL]
        return str(value)


def columns_of(row: Mapping[str, Any]) -> list[str]:
    """Which of a row's columns the readable page shows."""
    return [column for column in row if column in COLUMNS]
