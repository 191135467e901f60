"""The house rules that can be counted: sizes, names, imports, docstrings, words."""

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("portal", "gateway", "vault", "ballot", "wire", "collector")
LONGEST_FILE, LONGEST_FUNCTION = 300, 40
NO_ROOM = {"utils", "util", "helpers", "helper", "common", "misc"}
ELSEWHERE = {".git", ".venv", ".hypothesis", "var", "node_modules", "__pycache__", "vendor", "LICENSE"}
TEXT = {
    ".py",
    ".html",
    ".css",
    ".js",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".po",
    ".in",
    ".txt",
    ".ini",
    ".mako",
    "",
}
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
# Places that exist on one machine only, and hosts that an installer should take from its own settings.
FOREIGN = re.compile(r"/(?:work|root|Users)/|/home/(?!$)\w+/|pypi\.(?:org|python)|pythonhosted\.|registry\.npmjs")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> dict[str, Path]:
    """Dotted name → file of each module of the product."""
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in files}
    return {name.removesuffix(".__init__"): path for name, path in names.items()}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions() -> Iterator[tuple[str, Function]]:
    for name, path in modules().items():
        for node in ast.walk(tree(path)):
            if isinstance(node, Function):
                yield f"{name}:{node.name} (line {node.lineno})", node


def texts() -> Iterator[Path]:
    for folder, inner, files in os.walk(ROOT):
        inner[:] = sorted(set(inner) - ELSEWHERE - {name for name in inner if name.endswith("_cache")})
        yield from (Path(folder, name) for name in sorted(set(files) - ELSEWHERE) if Path(name).suffix in TEXT)


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in texts():
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    return found


def imports(name: str, path: Path) -> set[str]:
    """The product's modules that the module `name` imports."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            up = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*up, *([node.module] if node.module else [])])
            found |= {f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules() else base for alias in node.names}
    return (found & modules().keys()) - {name}


def test_the_product_was_found() -> None:
    assert {"wire.dsse", "portal.core.config"} <= modules().keys()


def test_no_file_is_long() -> None:
    lengths = {name: len(path.read_text().splitlines()) for name, path in modules().items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_long() -> None:
    lengths = {where: (node.end_lineno or 0) - node.lineno + 1 for where, node in functions()}
    assert {where: length for where, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_no_import_hides_in_a_function() -> None:
    hidden = [
        where for where, node in functions() if any(isinstance(n, ast.Import | ast.ImportFrom) for n in ast.walk(node))
    ]
    assert hidden == []


def test_no_import_cycle() -> None:
    graph = {name: imports(name, path) for name, path in modules().items()}
    assert graph["wire.policy"] >= {"wire.codec", "wire.documents", "wire.dsse"}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' → '.join(error.args[1])}")


def test_no_room_without_a_name() -> None:
    places = {part for name in modules() for part in name.split(".")} | {
        path.stem for path in ROOT.glob("tests/**/*.py")
    }
    assert places & NO_ROOM == set()


def test_nothing_is_left_for_later() -> None:
    assert lines_with(UNFINISHED) == []


def test_nothing_names_a_place_of_one_machine() -> None:
    assert lines_with(FOREIGN) == []


def test_every_public_function_says_what_it_does() -> None:
    silent = []
    for name, path in modules().items():
        public = [n for n in tree(path).body if isinstance(n, Function) and not n.name.startswith("_")]
        silent += [f"{name}:{node.name}" for node in public if not ast.get_docstring(node)]
    assert silent == []


def test_every_folder_of_tests_is_a_package() -> None:
    # Two files of the same name in two folders would otherwise be one module to pytest and mypy.
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert sorted(str(folder) for folder in folders if not (folder / "__init__.py").exists()) == []
