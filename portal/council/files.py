"""A release as a table to keep: CSV, and XLSX written by hand, for both are a list of rows and no more."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from flask_babel import gettext

from portal.council import words
from portal.council.queries import Cells
from portal.releases.models import Release

TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
FORMULA: Final = re.compile(r"(^|[;,\t\r\n])(?=\s*[=+\-@])|^(?=[\t\r])")
"""Where a spreadsheet would find a formula: at the beginning, or behind what it may take for the end of a field."""
RowOfText = list[str | int | None]

_PARTS: Final = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="xl/workbook.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="worksheets/sheet1.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Daylight" sheetId="1" r:id="r1"/></sheets></workbook>',
}
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_ALWAYS: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every part, so that the same release gives the same bytes."""


def rows(release: Release, cells: Cells, contexts: dict[str, str]) -> Iterator[RowOfText]:
    """A heading, then one row a figure: where, what, the value as a number, or why it is hidden.

    A share has two numbers: where its step begins and where it ends.
    """
    yield [
        gettext("Level"), gettext("Country"), gettext("Site"), gettext("Department"), gettext("Code"), gettext("What"),
        gettext("Value"), gettext("To under (percent)"), gettext("Why it is hidden"),
    ]  # fmt: skip
    for place, figures in sorted(cells.items()):
        for item, told in sorted(figures.items()):
            why = words.hidden(told, release.k) if told.value is None else ""
            level = str(words.LEVELS[place.level])
            upper = told.value + told.step if told.value is not None and told.step else None
            yield [level, *place[1:], item, words.item(item, contexts), told.value, upper, why]


def csv_of(release: Release, cells: Cells, contexts: dict[str, str]) -> bytes:
    """UTF-8 with a mark, so that spreadsheets read umlauts; hours in milliseconds, as released."""
    target = io.StringIO()
    writer = csv.writer(target, quoting=csv.QUOTE_ALL)
    writer.writerow([words.title(release), release.hash])
    for row in rows(release, cells, contexts):
        writer.writerow(["" if value is None else _harmless(value) for value in row])
    return target.getvalue().encode("utf-8-sig")


def _harmless(value: str | int) -> str | int:
    """Names of places come from the identity provider; an apostrophe makes a text of what would be a formula."""
    return FORMULA.sub(r"\1'", value) if isinstance(value, str) else value


def xlsx_of(release: Release, cells: Cells, contexts: dict[str, str]) -> bytes:
    """One sheet; texts are inline strings, which no spreadsheet takes for formulas."""
    lines: list[RowOfText] = [[words.title(release), release.hash], *rows(release, cells, contexts)]
    body = "".join(f"<row>{''.join(map(_cell, line))}</row>" for line in lines)
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{body}</sheetData></worksheet>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (_PARTS | {"xl/worksheets/sheet1.xml": sheet}).items():
            part = zipfile.ZipInfo(name, _ALWAYS)
            part.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(part, _XML + content)
    return target.getvalue()


def _cell(value: str | int | None) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(_printable(value))}</t></is></c>'


def _printable(text: str) -> str:
    """Without control characters, which XML cannot hold."""
    return "".join(character for character in text if character >= " ")
