"""docs/requirements.md claims what the tests hold, no more and no less; and every document leads where it says."""

import re
from pathlib import Path

import pytest

from tests.sabotage import framework

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
STATES = {"met", "partly", "to come"}
GROUPS = {"S": 14, "D": 7, "P": 10, "C": 5, "L": 4, "A": 5, "R": 7}
SABOTAGED = "DPCLA"
ROW = re.compile(r"^\| ([SDPCLAR]\d\d)(?: to [SDPCLAR](\d\d))? \|(.+)\|$", re.MULTILINE)
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)?(?:#([^)\s]+))?\)")


def rows() -> dict[str, tuple[str, list[str], str]]:
    """Id → state, files, what is missing."""
    text = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
    found = {}
    for first, last, cells in ROW.findall(text):
        _, state, files, missing = (cell.strip() for cell in cells.split("|"))
        for number in range(int(first[1:]), int(last or first[1:]) + 1):
            found[f"{first[0]}{number:02}"] = (state, re.findall(r"`([^`]+)`", files), missing)
    return found


def proofs() -> dict[str, set[str]]:
    """Id → the files with a test named after it."""
    found: dict[str, set[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        for name in re.findall(r"^def test_([SDPCLAR]\d\d)_", path.read_text(encoding="utf-8"), re.MULTILINE):
            found.setdefault(name, set()).add(str(path.relative_to(TESTS)))
    return found


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as code hosts make them."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def test_every_requirement_stands_in_the_table_once() -> None:
    assert list(rows()) == [f"{group}{number:02}" for group, most in GROUPS.items() for number in range(1, most + 1)]
    assert {state for state, _, _ in rows().values()} <= STATES


@pytest.mark.parametrize("name", rows())
def test_a_claim_has_its_tests_and_its_sabotage(name: str) -> None:
    state, files, missing = rows()[name]
    known = proofs().get(name, set())
    assert set(files) <= known, set(files) - known
    assert bool(files) is (state != "to come")
    assert bool(missing) is (state != "met")
    if state != "to come" and name[0] in SABOTAGED:
        assert name in {sabotage.requirement for sabotage in framework.load().values()}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_in_a_document_leads_somewhere(path: Path) -> None:
    for target, anchor in LINK.findall(path.read_text(encoding="utf-8")):
        file = path.parent / target if target else path
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), f"{target}#{anchor}"


def test_every_test_that_the_threat_model_names_exists() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8").partition("## Open against")[0]
    named = set(re.findall(r"`(test_\w+)`", text))
    names = {name for path in TESTS.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())}
    assert len(named) > 30
    assert named <= names, named - names
