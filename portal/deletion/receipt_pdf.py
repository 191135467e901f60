"""The receipts of a request as a PDF that a person can read, print and hand on; the proof itself is the JSON file."""

import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

from flask_babel import format_date, format_datetime, gettext
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

from portal.core.paper import BOLD, SANS, tag
from portal.deletion import words
from portal.deletion.models import Receipt, StepAction
from portal.deletion.shown import StepShown

TEXT = ParagraphStyle("text", fontName=SANS, fontSize=10, leading=14)
SMALL = ParagraphStyle("small", parent=TEXT, fontName="Courier", fontSize=7.5, leading=10, splitLongWords=True)
HEAD = ParagraphStyle("head", parent=TEXT, fontName=BOLD, fontSize=18, leading=24, spaceAfter=4 * mm)
STORE = ParagraphStyle("store", parent=TEXT, fontName=BOLD, fontSize=12, leading=18, spaceBefore=6 * mm)


def draw(request: UUID, rows: Sequence[tuple[StepShown, Receipt | None]], language: str) -> bytes:
    """The PDF, in the language of the person who asks for it."""
    erases = all(step.action == StepAction.ERASE for step, _ in rows)
    title = str(gettext("Receipt of a deletion") if erases else gettext("Receipt of a freeze"))
    flow: list[Flowable] = [Paragraph(escape(title), HEAD)]
    flow.append(_line(gettext("Request"), str(request)))
    for step, receipt in rows:
        flow += _store(step, receipt)
    flow += _how()
    target = io.BytesIO()
    margins: dict[str, Any] = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), 20 * mm)
    SimpleDocTemplate(target, pagesize=A4, title=title, lang=tag(language), author="Daylight", **margins).build(flow)
    return target.getvalue()


def _store(step: StepShown, receipt: Receipt | None) -> list[Flowable]:
    lines = _deleted(step) if step.action == StepAction.ERASE else _moved(step)
    if step.reason:
        lines.append((gettext("Why"), step.reason))
    flow: list[Flowable] = [Paragraph(escape(step.store), STORE), *(_line(name, value) for name, value in lines)]
    return flow + _proof(receipt)


def _deleted(step: StepShown) -> list[tuple[str, str]]:
    known = format_date(step.physical_on) if step.physical_on else gettext("not known")
    lines = [
        (gettext("State"), step.words),
        (gettext("Deleted"), str(step.deleted)),
        (gettext("Kept by a legal hold"), str(step.held)),
        (gettext("Still found afterwards"), gettext("not known") if step.remaining is None else str(step.remaining)),
        (gettext("Checked afterwards"), words.looked(step.apart)),
    ]
    if step.logical_at:
        lines.append((gettext("Nobody reads it any more since"), format_datetime(step.logical_at, "long")))
        lines.append((gettext("In no backup any more from"), known))
    return lines


def _moved(step: StepShown) -> list[tuple[str, str]]:
    """A freeze, or its lifting: when, how many rows, and what was found afterwards."""
    thaws = step.action == StepAction.THAW
    lines = [
        (gettext("State"), step.words),
        (gettext("Rows put back") if thaws else gettext("Rows put out of reach"), str(step.deleted)),
        (gettext("Rows restricted now"), gettext("not known") if step.apart is None else str(step.apart_rows)),
        (gettext("Checked afterwards"), words.looked(step.apart)),
    ]
    if step.frozen_at:
        lines.append((gettext("Restricted since"), format_datetime(step.frozen_at, "long")))
    if thaws and step.logical_at:
        lines.append((gettext("Lifted on"), format_datetime(step.logical_at, "long")))
    if step.since:
        lines.append((gettext("Cannot be reached since"), format_datetime(step.since, "long")))
    return lines


def _proof(receipt: Receipt | None) -> list[Flowable]:
    """What the log holds of it, to be compared with the JSON file."""
    if receipt is None or receipt.proof is None:
        return [Paragraph(escape(gettext("There is no receipt in the log yet.")), TEXT)]
    proof = receipt.proof
    place = gettext("Entry %(leaf)s of the log", leaf=proof["leaf"])
    checkpoint = "<br/>".join(escape(line) for line in proof["checkpoint"].strip().split("\n"))
    return [_line(gettext("Proof"), place), Paragraph(checkpoint, SMALL), Paragraph(escape(proof["key"]), SMALL)]


def _how() -> list[Flowable]:
    """How anybody checks it without us."""
    return [
        Spacer(1, 8 * mm),
        Paragraph(escape(gettext("How to check this")), STORE),
        Paragraph(
            escape(
                gettext(
                    "Download the receipt of each store as a file. The program verify_receipt.py checks it without a "
                    "network; it needs nothing but Python. Ask the works council or the privacy officer for the log's "
                    "public key and compare it with the one above."
                )
            ),
            TEXT,
        ),
        Paragraph(escape("python verify_receipt.py receipt.json --key …"), SMALL),
    ]


def _line(name: str, value: str) -> Paragraph:
    return Paragraph(f"<b>{escape(name)}:</b> {escape(value)}", TEXT)
