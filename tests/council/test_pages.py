"""The council's desk and everybody's statistics: who may, what they show, what they hide and why."""

import csv
import io
import zipfile
from uuid import uuid4

import pytest

from tests.council.conftest import Council, week
from tests.releases.conftest import MONDAY
from tests.web_client import statements

PATHS = ("/council", "/council/evidence", "/council/releases/{}", "/council/releases/{}/report.csv")


def test_only_the_council_has_the_desk(released: Council) -> None:
    for path in PATHS:
        address = path.format(released.newest())
        assert released.as_(None).get(address).status_code in {302, 303, 401}, path
        for stranger in (released.ben, released.hana):
            assert released.as_(stranger).get(address).status_code == 403, path
        assert released.as_(released.clara).get(address).status_code == 200, path


def test_everybody_reads_the_same_release(released: Council) -> None:
    for path in ("", f"/releases/{released.newest()}", f"/releases/{released.newest()}/report.csv"):
        council = released.get(f"/council{path}")
        employee = released.get(f"/statistics{path}", released.ben)
        main = council.partition("<main")[2].partition("</main>")[0] or council
        own = employee.partition("<main")[2].partition("</main>")[0] or employee
        assert main.replace("/council", "") == own.replace("/statistics", "")
    assert released.as_(None).get("/statistics").status_code in {302, 303, 401}


def test_nothing_yet(council: Council) -> None:
    assert "Nothing has been released yet." in council.get("/council")
    assert "Nothing has been released yet." in council.get("/statistics", council.ben)
    assert "Nothing has been released yet." in council.get("/council/evidence")
    assert council.as_(council.clara).get(f"/council/releases/{uuid4()}").status_code == 404


def test_the_week_in_a_headline_and_three_sentences(released: Council) -> None:
    page = released.get("/council")
    assert "More people paused; how many were captured is in the same step as before." in page
    told = page.replace("\N{NO-BREAK SPACE}%", " %")
    assert "Captured at least once: 80 % or more of 117 people (before: 80 % or more)." in told
    assert "Paused at least once: 20 to under 40 % (before: under 20 %)" in told
    assert " %" not in page.partition("<main")[2].partition('id="places"')[0], "a percent sign stays with its number"


def test_hidden_cells_say_why(released: Council) -> None:
    page = released.get(f"/council/releases/{released.newest()}?site=Berlin")
    assert "hidden: fewer than 10 people" in page
    assert "hidden: it would reveal Legal" in page
    assert "hidden: fewer than 10 people, most of it by one or two, or it would give another away" in released.get(
        "/council"
    )


def test_A04_a_release_names_its_own_k_in_every_sentence(council: Council) -> None:
    council.company.works(council.company.everybody(), MONDAY)
    assert council.company.release(week(1), k=15) == 1
    release = council.newest()
    page = council.get(f"/statistics/releases/{release}?site=Berlin&department=Legal", council.ben)
    assert page.count("hidden: fewer than 15 people") > 1
    assert "Each number stands for 15 people at least" in page
    assert "10 people" not in page


def test_down_along_the_hierarchy_and_nowhere_else(released: Council) -> None:
    release = released.newest()
    site = released.get(f"/council/releases/{release}?site=Berlin")
    assert f"/council/releases/{release}?site=Berlin&amp;department=Engineering" in site
    assert "Berlin · Engineering" in released.get(f"/council/releases/{release}?site=Berlin&department=Engineering")
    assert "DE" in released.get(f"/council/releases/{release}?country=DE")
    for query in ("site=Paris", "site=Berlin&department=Nobody", "country=XX"):
        assert released.as_(released.clara).get(f"/council/releases/{release}?{query}").status_code == 404, query
    by = released.get(f"/council/releases/{release}?by=department&show=items")
    assert "Dublin · Engineering" in by


def test_at_most_12_statements(released: Council) -> None:
    for path in ("/council", "/council?span=month", "/council/evidence", f"/council/releases/{released.newest()}"):
        assert statements(released.as_(released.clara).get(path)) <= 12, path
    assert statements(released.as_(released.ben).get("/statistics")) <= 12


def test_csv_and_xlsx_hide_what_the_page_hides(released: Council) -> None:
    release = released.newest()
    lines = list(csv.reader(io.StringIO(released.get(f"/council/releases/{release}/report.csv").lstrip("\ufeff"))))
    rows = {(line[2], line[3], line[4]): line[6:] for line in lines[2:]}
    assert rows["Berlin", "Legal", "people"] == ["", "", "hidden: fewer than 10 people"]
    assert rows["Berlin", "", "people"] == ["67", "", ""]
    company = next(line[6:] for line in lines[2:] if (line[0], line[4]) == ("Company", "share.paused"))
    assert company == ["20", "40", ""], "from 20 to under 40 percent"
    assert rows["Zürich", "", "share.paused"] == ["", "", "hidden: too few people for a share"]
    assert ("Berlin", "Legal", "items") not in rows
    assert lines[0][1] == released.company.value("SELECT hash FROM pub.release WHERE id = %s", release)
    book = released.as_(released.clara).get(f"/council/releases/{release}/report.xlsx").data
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row>") == len(lines)
    assert "<v>67</v>" in sheet


def test_a_place_named_like_a_formula_stays_text(council: Council) -> None:
    council.company.hire("DE", "=1+1", "<b>Sales</b>", 12)
    council.company.works(council.company.everybody(), week(0))
    council.company.release(week(1))
    text = council.get(f"/council/releases/{council.newest()}/report.csv")
    assert ',"\'=1+1",' in text
    assert "<b>Sales" not in council.get(f"/council/releases/{council.newest()}?by=department")


def test_on_paper(released: Council) -> None:
    paper = released.as_(released.clara).get(f"/council/releases/{released.newest()}/report.pdf")
    assert paper.mimetype == "application/pdf"
    assert paper.data.startswith(b"%PDF")
    assert released.as_(released.clara).get(f"/council/releases/{released.newest()}/report.doc").status_code == 404


@pytest.mark.parametrize("path", ["/council", "/statistics"])
def test_only_reading(released: Council, path: str) -> None:
    assert released.as_(released.clara).post(path, {}).status_code == 405


def test_the_month_adds_up_its_weeks_and_counts_what_is_rare(released: Council) -> None:
    weeks = [released.company.figures(day) for day in ("2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26")]
    month = released.company.figures("2026-10-05", "month")
    company = ("company", "", "", "")
    assert month[*company, "items"] == sum(week[*company, "items"] for week in weeks)
    assert month[*company, "items.kind.prompt"] == "part"
    assert month[*company, "requests"] == "few"
    assert "hidden: one of its weeks is hidden" in released.get("/council?span=month")


def test_evidence(released: Council) -> None:
    page = released.get("/council/evidence")
    assert released.company.value("SELECT hash FROM pub.release WHERE id = %s", released.newest()) in page
    assert "No checkpoint yet" in page
