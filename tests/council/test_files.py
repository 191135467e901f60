"""The files of a release: no name becomes a formula, and the PDF draws each."""

import csv
import io
import re

import pytest
from reportlab.pdfbase import pdfmetrics

from portal.council.report_pdf import HEAD, PART, SMALL, TEXT
from tests.council.conftest import read, week
from tests.releases.conftest import Company


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("Berlin;=HYPERLINK(1)", "Berlin;'=HYPERLINK(1)"),
        ("a,+1", "a,'+1"),
        ("a\t@b\n-c", "a\t'@b\n'-c"),
        ("a; =b", "a;' =b"),
        ("\tx", "'\tx"),
        ("E-Mail, 50 % - more", "E-Mail, 50 % - more"),
    ],
)
def test_no_name_of_a_place_becomes_a_formula(company: Company, told: str, kept: str) -> None:
    """Also where a spreadsheet parts fields at something else than commas: each field is in quotation marks besides."""
    company.hire("DE", told, "Sales", 12)
    company.works(company.everybody(), week(0))
    company.release(week(1))
    with read(company) as council:
        path = f"/council/releases/{council.newest()}/report.csv"
        text = council.as_(council.clara).get(path).data.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text, newline="")))
    assert kept in {line[2] for line in lines[1:]}
    assert text.startswith('"')
    assert all(part.startswith('"') for part in text.split("\r\n") if part and "\n" not in told)


def test_the_pdf_draws_every_name_and_says_its_language(company: Company) -> None:
    """The embedded font has the letters of all of Europe; the fonts that every reader has do not."""
    company.hire("PL", "Łódź", "Sprzedaż Ωμέγα Отдел", 25)
    company.works(company.everybody(), week(0))
    company.release(week(1))
    with read(company) as council:
        data = council.as_(council.clara).get(f"/council/releases/{council.newest()}/report.pdf").data
    fonts = set(re.findall(rb"/BaseFont /([^ /]+)", data))
    assert fonts
    assert all(b"DejaVuSans" in font for font in fonts - {b"Helvetica"})
    assert b"/FontFile2" in data
    assert b"/Lang (en-GB)" in data or b"/Lang (en)" in data
    assert b"/Title" in data
    assert {style.fontName for style in (TEXT, SMALL, HEAD, PART)} == {"DejaVuSans", "DejaVuSans-Bold"}
    drawn = pdfmetrics.getFont("DejaVuSans").face.charWidths
    assert all(ord(letter) in drawn for letter in "ŁódźSprzedażΩμέγαОтдел")  # noqa: RUF001 - other alphabets
