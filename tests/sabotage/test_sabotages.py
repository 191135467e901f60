"""Each required property can be broken on purpose, each sabotage still fits, and the runner tells red from green."""

import ast
import re
from pathlib import Path

import pytest

from tests.sabotage import framework, run
from tests.sabotage.framework import ROOT, Edit, Replace, Sabotage

GROUPS = "DPCLA"
TESTS = ROOT / "tests"
CANONICAL = "tests/wire/test_canonical.py::test_canonical_has_no_form_for"
SABOTAGES = framework.load()


def functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def ids_with_tests() -> set[str]:
    names = {name for path in TESTS.rglob("test_*.py") for name in functions(path)}
    return {found[1] for name in names if (found := re.match(rf"test_([{GROUPS}]\d\d)_", name))}


def test_every_required_id_with_tests_has_a_sabotage() -> None:
    assert ids_with_tests() - {sabotage.requirement for sabotage in SABOTAGES.values()} == set()


@pytest.mark.parametrize("name", SABOTAGES)
def test_sabotage_names_tests_of_its_requirement(name: str) -> None:
    sabotage = SABOTAGES[name]
    assert name.startswith(sabotage.requirement.lower() + "_")
    assert sabotage.changes
    for node in sabotage.red:
        path, _, function = node.rpartition("::")
        assert function.partition("[")[0] in functions(ROOT / path.partition("::")[0]), node
    assert any(f"::test_{sabotage.requirement}_" in node for node in sabotage.red)


@pytest.mark.parametrize("name", SABOTAGES)
def test_sabotage_fits_the_source(name: str) -> None:
    for change in SABOTAGES[name].changes:
        match change:
            case Edit():
                assert (ROOT / change.file).read_text().count(change.old) == 1
                assert change.old != change.new
            case Replace():
                framework.holder(change.target)


def test_apply_replaces_the_named_attribute() -> None:
    made: list[tuple[object, str, object]] = []
    change = Replace("wire.dsse:Verified.payload", by=1)
    with pytest.raises(AttributeError):
        framework.apply(Sabotage("P01", "", (change,), ()), lambda *told: made.append(told))
    framework.apply(Sabotage("P01", "", (Replace("wire.dsse:verify", by=2),), ()), lambda *told: made.append(told))
    assert [(name, by) for _, name, by in made] == [("verify", 2)]


def sabotage(old: str, new: str, red: str = CANONICAL) -> Sabotage:
    return Sabotage("P01", "test", (Edit("wire/canonical.py", old, new),), (red,))


def test_runner_sees_a_sabotage_that_nobody_notices() -> None:
    word, _ = run.judge("", sabotage("nested too deeply", "nested deeply"))
    assert word == f"passed: {CANONICAL}"


def test_runner_sees_red() -> None:
    word, _ = run.judge("", sabotage("case str() | bool() | None:", "case str() | bool() | None | float() | bytes():"))
    assert word == run.RED


def test_runner_does_not_count_a_broken_tree_as_red() -> None:
    word, printed = run.judge("", sabotage("import hashlib", "import hashlib_"))
    assert word == f"did not run: {CANONICAL}"
    assert "ModuleNotFoundError" in printed


def test_runner_does_not_count_a_broken_fixture_as_red() -> None:
    node = "a.py::test_x"
    assert run.verdict(sabotage("", "", node), {node: "setup failed"}) == f"setup failed: {node}"
    assert run.verdict(sabotage("", "", node), {f"{node}[1]": "passed", f"{node}[2]": "failed"}) == run.RED
    assert run.verdict(sabotage("", "", node), {"a.py::test_xy": "failed"}) == f"did not run: {node}"
    assert run.verdict(sabotage("", "", node), {node: "skipped"}) == f"skipped: {node}"


def test_runner_refuses_a_sabotage_that_no_longer_fits() -> None:
    word, _ = run.judge("", sabotage("no such text", ""))
    assert word.startswith("does not fit: wire/canonical.py holds 0 times")


def test_runner_wants_green_first() -> None:
    missing = "tests/wire/test_canonical.py::test_that_does_not_exist"
    assert run.not_green([sabotage("", "", missing)])[0] == [missing]
