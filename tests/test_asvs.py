"""docs/asvs.yaml answers for every requirement of OWASP ASVS 5.0.0 level 2, and names only what exists."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
THREAT_MODEL = ROOT / "docs" / "threat-model.md"
ANSWERS = {"tests", "document", "not_applicable", "open"}

LEVELS = """
1.1 22  1.2 1111122223  1.3 112222222223  1.4 222  1.5 123
2.1 122  2.2 112  2.3 12223  2.4 23
3.1 3  3.2 113  3.3 12223  3.4 11222233  3.5 11122333  3.6 3  3.7 22333
4.1 12233  4.2 23333  4.3 22  4.4 1222
5.1 2  5.2 112333  5.3 113  5.4 222
6.1 122  6.2 111111112222  6.3 11223333  6.4 112233  6.5 22222333  6.6 2223  6.7 33  6.8 2222
7.1 222  7.2 1111  7.3 22  7.4 11222  7.5 223  7.6 22
8.1 1233  8.2 1123  8.3 133  8.4 23
9.1 111  9.2 1222
10.1 22  10.2 223  10.3 22223  10.4 1111122222233333  10.5 22222  10.6 22  10.7 222
11.1 2233  11.2 22233  11.3 11233  11.4 1222  11.5 23  11.6 23  11.7 33
12.1 12233  12.2 11  12.3 22223
13.1 2333  13.2 222223  13.3 2233  13.4 1222233
14.1 22  14.2 12223333  14.3 122
15.1 12233  15.2 12233  15.3 1222222  15.4 3333
16.1 2  16.2 22222  16.3 2222  16.4 222  16.5 2223
17.1 23  17.2 22223333  17.3 22
"""
"""Section → the level of each of its requirements in turn, as the standard of May 2025 has them."""

CHOSEN = {
    "V2.3.5", "V3.4.3", "V3.4.7", "V7.5.3", "V8.3.2", "V10.2.3", "V11.3.4", "V13.3.3", "V14.2.7",
    "V15.4.1", "V15.4.2", "V15.4.3", "V16.3.2",
}  # fmt: skip
"""Level 3 items, or those whose level 3 part counts for us too."""


def standard() -> dict[str, int]:
    """Id → level of all requirements."""
    words = LEVELS.split()
    return {
        f"V{section}.{number}": int(level)
        for section, levels in zip(words[::2], words[1::2], strict=True)
        for number, level in enumerate(levels, 1)
    }


@cache
def mapping() -> dict[str, dict[str, Any]]:
    """Id → answers."""
    text = (ROOT / "docs" / "asvs.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["requirements"])


@cache
def functions(file: str) -> set[str]:
    """The names of the tests in a file."""
    path = ROOT / file
    if not path.is_file():
        return set()
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def anchors(file: str) -> set[str]:
    """The anchors of a document's headings, as code hosts make them."""
    path = ROOT / file
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    heads = [line.lstrip("# ").lower() for line in lines if line.startswith("#")]
    return {re.sub(r"[^\w\- ]", "", head).strip().replace(" ", "-") for head in heads}


def test_the_list_of_ids_is_the_standards_own() -> None:
    levels = list(standard().values())
    assert [levels.count(level) for level in (1, 2, 3)] == [70, 183, 92]


def test_every_requirement_of_level_2_is_answered_and_no_other_id_is_there() -> None:
    wanted = {name for name, level in standard().items() if level <= 2} | CHOSEN
    assert wanted <= standard().keys()
    assert mapping().keys() == wanted


@pytest.mark.parametrize("name", sorted(mapping()))
def test_an_answer_names_what_exists(name: str) -> None:
    answer = mapping()[name]
    assert answer
    assert answer.keys() <= ANSWERS
    assert "not_applicable" not in answer or len(answer) == 1
    for node in answer.get("tests", ()):
        file, _, test = node.partition("::")
        assert test in functions(file), node
    if "document" in answer:
        file, _, anchor = answer["document"].partition("#")
        assert anchor in anchors(file), answer["document"]
    for words in (answer.get("not_applicable"), answer.get("open")):
        assert words is None or len(words.split()) > 2, name


def test_what_is_open_is_told_in_the_threat_model() -> None:
    rows = re.findall(r"^\| (V[\d.]+) \| (.+) \|$", THREAT_MODEL.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == {name: answer["open"] for name, answer in mapping().items() if "open" in answer}


def test_no_answer_is_a_way_out() -> None:
    counts = {kind: sum(kind in answer for answer in mapping().values()) for kind in ANSWERS}
    assert counts["open"] < 25, counts
    assert counts["tests"] > counts["not_applicable"], counts
