"""The messages of code and templates, and the German catalogues: read, brought up to date, compiled."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
KEYWORDS = DEFAULT_KEYWORDS | {"lazy_gettext": None, "marked": None}


@dataclass(frozen=True)
class German:
    """One catalogue. `po`: its file; `mapping`: Babel's, which says where its messages stand."""

    po: Path
    mapping: str

    @property
    def mo(self) -> Path:
        """The compiled catalogue."""
        return self.po.with_suffix(".mo")

    def template(self) -> Catalog:
        """Every message that code and templates ask for."""
        methods, options = parse_mapping_cfg(io.StringIO(self.mapping))  # type: ignore[no-untyped-call]
        found = Catalog(project="Daylight", copyright_holder="The Daylight authors", charset="utf-8")
        extracted = extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=_source)
        for _, _, message, comments, context in extracted:
            found.add(message, None, auto_comments=comments, context=context)
        return found

    def read(self) -> Catalog:
        """The catalogue as it lies in the tree."""
        with self.po.open("rb") as file:
            return read_po(file, locale="de")

    def update(self) -> list[str]:
        """Bring the catalogue up to date and compile it; the messages that still need a translation."""
        catalogue = self.read()
        made = catalogue.creation_date
        catalogue.update(self.template(), no_fuzzy_matching=True)
        catalogue.creation_date = made  # else every run would change the file
        catalogue.msgid_bugs_address = catalogue.last_translator = "The Daylight authors"
        with self.po.open("wb") as file:
            write_po(file, catalogue, width=120, no_location=True, ignore_obsolete=True, sort_output=True)
        self.mo.write_bytes(compiled(self.read()))
        return untranslated(catalogue)


PORTAL = German(ROOT / "portal/translations/de/LC_MESSAGES/messages.po", (ROOT / "babel.cfg").read_text())
COLLECTOR = German(ROOT / "collector/translations/de/LC_MESSAGES/collector.po", "[python: collector/**.py]\n")


def _source(path: str) -> bool:
    return not Path(path).name.startswith((".", "_")) and Path(path).name not in {"var", "tests"}


def compiled(catalogue: Catalog) -> bytes:
    """The bytes of the .mo file of a catalogue."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """Messages without a translation, or with one that a person has not confirmed."""
    return [
        forms(message.id)[0]
        for message in catalogue
        if message.id and (message.fuzzy or not all(forms(message.string)))
    ]


def forms(value: str | Iterable[str] | None) -> list[str]:
    """Singular and plural, or the one form there is."""
    return [value or ""] if value is None or isinstance(value, str) else list(value)
