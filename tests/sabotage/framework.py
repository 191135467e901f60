"""What a sabotage is: a change that breaks one required property, and the tests that must notice."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_MODULE = re.compile(r"[a-z]\d\d_\w+")


@dataclass(frozen=True)
class Edit:
    """A change of text in one file, made in a copy of the tree; `old` stands in it exactly once."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Replace:
    """A module's attribute (`package.module:name`, `package.module:Class.name`) replaced inside the test process."""

    target: str
    by: Any


@dataclass(frozen=True)
class Sabotage:
    """`requirement`: its id; `breaks`: what no longer holds, in plain words; `red`: tests that must fail (node ids)."""

    requirement: str
    breaks: str
    changes: tuple[Edit | Replace, ...]
    red: tuple[str, ...]


def load(wanted: Iterable[str] = ()) -> dict[str, Sabotage]:
    """File name → sabotage, of all or of those whose requirement or file name is in `wanted`."""
    package = importlib.import_module("tests.sabotage")
    names = sorted(entry.name for entry in pkgutil.iter_modules(package.__path__) if _MODULE.fullmatch(entry.name))
    found = {name: find(name) for name in names}
    keys = {key.lower() for key in wanted}
    unknown = keys - found.keys() - {sabotage.requirement.lower() for sabotage in found.values()}
    if unknown:
        raise SystemExit(f"no such sabotage: {', '.join(sorted(unknown))}")
    return {name: it for name, it in found.items() if not keys or keys & {name, it.requirement.lower()}}


def find(name: str) -> Sabotage:
    """The sabotage of the file `tests/sabotage/<name>.py`."""
    sabotage = importlib.import_module(f"tests.sabotage.{name}").SABOTAGE
    if not isinstance(sabotage, Sabotage):
        raise TypeError(f"{name}.SABOTAGE is not a Sabotage")
    return sabotage


def edit(change: Edit, root: Path) -> None:
    """Make the change under `root`. Raises ValueError if the source has moved on and the text is not there once."""
    path = root / change.file
    text = path.read_text()
    if text.count(change.old) != 1:
        raise ValueError(f"{change.file} holds {text.count(change.old)} times, not once: {change.old!r}")
    path.write_text(text.replace(change.old, change.new))


def holder(target: str) -> tuple[Any, str]:
    """The object that has the target's attribute, and the attribute's name. Raises AttributeError if it has none."""
    module, _, path = target.partition(":")
    *outer, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for part in outer:
        owner = getattr(owner, part)
    getattr(owner, name)
    return owner, name


def apply(sabotage: Sabotage, setter: Callable[[Any, str, Any], None] = setattr) -> None:
    """Make the sabotage's replacements in this process."""
    for change in sabotage.changes:
        if isinstance(change, Replace):
            setter(*holder(change.target), change.by)
