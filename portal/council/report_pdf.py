"""A release on paper: what changed, the company's figures, and every place with its shares.

Without tags for screen readers, which the library cannot write: the page of the release is the form for everybody.
"""

import io
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from flask_babel import format_date, gettext
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from portal.core.paper import BOLD, SANS, tag
from portal.council import shown, words
from portal.council.queries import Cells, Told
from portal.releases import items
from portal.releases.models import Release
from portal.releases.places import COMPANY, Level

TEXT = ParagraphStyle("text", fontName=SANS, fontSize=10, leading=14)
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=8, leading=10)
HEAD = ParagraphStyle("head", parent=TEXT, fontName=BOLD, fontSize=18, leading=24, spaceAfter=2 * mm)
PART = ParagraphStyle("part", parent=TEXT, fontName=BOLD, fontSize=12, leading=18, spaceBefore=6 * mm)
LINE = HexColor("#d8d4cb")
WIDTH = 170 * mm
ON_PAPER = (items.PEOPLE, *items.SHARES, items.ITEMS)


def draw(release: Release, cells: Cells, contexts: dict[str, str], language: str) -> bytes:
    """The PDF, in the language of the person who asks for it."""
    company = cells[COMPANY]
    unseen = sum(figures[items.PEOPLE].value is None for figures in cells.values())
    sites = [place for place in cells if place.level is Level.SITE]
    news = shown.news(company, None, shown.leading(sites, cells), unseen, release.k)
    title = gettext("Released statistics: %(period)s", period=words.title(release))
    flow: list[Flowable] = [Paragraph(escape(title), HEAD)]
    flow += [Paragraph(escape(sentence), TEXT) for sentence in news.sentences]
    for group in shown.groups(company, contexts, release.k):
        flow += [Paragraph(escape(group.title), PART), _table([[name, cell.text] for name, cell in group.rows], (3, 2))]
    for level in (Level.COUNTRY, Level.SITE, Level.DEPARTMENT):
        flow += _places(level, release, cells)
    flow += _how(release)
    target = io.BytesIO()
    margins: dict[str, Any] = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), 20 * mm)
    SimpleDocTemplate(target, pagesize=A4, title=title, lang=tag(language), author="Daylight", **margins).build(flow)
    return target.getvalue()


def _places(level: Level, release: Release, cells: Cells) -> list[Flowable]:
    """Every place of a level: people, the three shares and items, or why it is hidden."""
    rows = [[str(words.LEVELS[level]), *(str(words.ITEMS[name]) for name in ON_PAPER)]]
    found = sorted(place for place in cells if place.level is level)
    rows += [[words.full(place), *_row(cells[place], release)] for place in found]
    return [Paragraph(escape(rows[0][0]), PART), _table(rows, (4, 3, 3, 3, 3, 3))]


def _row(figures: Mapping[str, Told], release: Release) -> list[str]:
    return [
        shown.cell(name, figures.get(name), release.k).text if figures.get(name) or name == items.PEOPLE else "-"
        for name in ON_PAPER
    ]


def _table(rows: list[list[str]], widths: tuple[int, ...]) -> Table:
    unit = WIDTH / sum(widths)
    cells = [[Paragraph(escape(text), SMALL) for text in row] for row in rows]
    style = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
    ]
    return Table(cells, colWidths=[width * unit for width in widths], style=style, repeatRows=1, hAlign="LEFT")


def _how(release: Release) -> list[Flowable]:
    told = gettext(
        "Each number stands for %(k)s people at least. What is hidden cannot be worked out from what is shown here or "
        "in any other release. Shares are percent of the people who belonged to a place on %(quarter)s, in steps so "
        "wide that each stands for more than %(k)s people.",
        k=release.k, quarter=format_date(release.counted_on or release.quarter, "long"),
    )  # fmt: skip
    return [Spacer(1, 6 * mm), Paragraph(escape(told), TEXT), Paragraph(f"SHA-256 {release.hash}", SMALL)]
