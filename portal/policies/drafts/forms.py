"""The form of a draft, to and from the tree that it shares with YAML. A list is one entry a line; rows can be added."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from portal.policies.drafts import words
from portal.policies.drafts.reading import AXES, MOST
from portal.policies.drafts.rules import PAUSE_MINUTES, Problem
from portal.policies.drafts.writing import ALL, ANY, AT_ONCE
from wire.documents import Kind

Given = MultiDict[str, str]
LONGEST_TITLE: Final = 120
PARTS: Final = ("sampling", "interval_s", "retention_days")
USUAL: Final = {"sampling": "1000", "interval_s": "0", "retention_days": "30"}
SPACED: Final = "300"
LIMITS: Final = ("max_sensitivity", "self_service_hours", "lease_ttl_s")
_ROW = re.compile(r"contexts\.([0-9]{1,3})\.id")


@dataclass(frozen=True)
class Form:
    """A draft as the form shows it. `errors`: name of a field → why it is refused; `other`: what fits no field."""

    title: str
    tree: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)
    other: tuple[str, ...] = ()

    def rules(self) -> dict[str, dict[str, Any]]:
        """Kind → its rule; what would be usual for a kind that has none."""
        given = {str(rule["kind"]): rule for rule in self.tree["rules"]}
        return {kind: given.get(kind, _usual(kind)) | {"on": kind in given} for kind in Kind}

    def unfolded(self) -> set[int]:
        """Rows of apps and sites to show unfolded: new ones, and those with a mistake."""
        wrong = {int(name.split(".")[1]) for name in self.errors if name.startswith("contexts.")}
        return wrong | {at for at, one in enumerate(self.tree["contexts"]) if not one["id"]}

    def wrong_kinds(self) -> set[str]:
        """Kinds to show unfolded: those with a mistake."""
        return {name.split(".")[1] for name in self.errors if name.startswith("rules.")}


def _usual(kind: str) -> dict[str, Any]:
    return {**USUAL, "contexts": []} | ({"interval_s": SPACED} if kind == Kind.SCREENSHOT else {})


def tree_of(given: Given) -> dict[str, Any]:
    """The tree of what was typed."""
    return {
        "audience": {axis: _lines(given, f"audience.{axis}") or ALL for axis in AXES},
        "begins": given.get("begins", "").strip() or AT_ONCE,
        "ends": given.get("ends", "").strip(),
        "contexts": [_context(given, at) for at in rows(given)],
        "rules": [_rule(given, kind) for kind in _kinds(given) if f"rules.{kind}.on" in given],
        "exclusions": _lines(given, "exclusions"),
        "hours": _hours(given),
        "redaction": given.getlist("redaction"),
        **{name: given.get(name, "").strip() for name in LIMITS},
        "purpose": {language: _flat(given, f"purpose.{language}") for language in ("en", "de")},
        "legal_basis": {language: _flat(given, f"legal_basis.{language}") for language in ("en", "de")},
        "impact_assessment": given.get("impact_assessment", "").strip(),
        "pause_min_minutes": str(PAUSE_MINUTES),
    }


def rows(given: Given) -> list[int]:
    """The numbers of the rows of apps and sites, in their order on the page, without the one to remove."""
    gone = given.get("remove", "")
    found = sorted({int(match[1]) for name in given if (match := _ROW.fullmatch(name))})
    return [at for at in found if str(at) != gone][: MOST + 1]


def _context(given: Given, at: int) -> dict[str, Any]:
    return {
        "id": given.get(f"contexts.{at}.id", "").strip(),
        "name": given.get(f"contexts.{at}.name", "").strip(),
        "apps": _lines(given, f"contexts.{at}.apps"),
        "sites": _lines(given, f"contexts.{at}.sites"),
    }


def with_row(tree: dict[str, Any]) -> dict[str, Any]:
    """The tree with one more, empty, app or site."""
    return {**tree, "contexts": [*tree["contexts"], {"id": "", "name": "", "apps": [], "sites": []}]}


def _kinds(given: Given) -> list[str]:
    """The kinds in the order of the rules that the form was drawn from."""
    known = [str(kind) for kind in Kind]
    order = [kind for kind in given.get("order", "").split() if kind in known]
    return list(dict.fromkeys([*order, *known]))


def _rule(given: Given, kind: str) -> dict[str, Any]:
    parts = {name: given.get(f"rules.{kind}.{name}", "").strip() for name in PARTS}
    return {"kind": kind, "contexts": given.getlist(f"rules.{kind}.contexts"), **parts}


def _hours(given: Given) -> str | dict[str, Any]:
    if given.get("hours") != "limited":
        return ANY
    starts, ends = given.get("hours.from", "").strip(), given.get("hours.to", "").strip()
    return {"weekdays": given.getlist("hours.weekdays"), "from": starts, "to": ends}


def _lines(given: Given, name: str) -> list[str]:
    return [line.strip() for line in given.get(name, "").splitlines() if line.strip()]


def _flat(given: Given, name: str) -> str:
    """One paragraph: line breaks come from the width of the box."""
    return " ".join(given.get(name, "").split())


def errors_of(problems: list[Problem], tree: dict[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Field of the form → why it is refused, and what belongs to no field."""
    found: dict[str, str] = {}
    other: list[str] = []
    for problem in problems:
        name = _field(problem.path, tree)
        text = words.reason(problem)
        if not name:
            other.append(text)
        elif text not in found.get(name, ""):
            found[name] = f"{found[name]} {text}" if name in found else text
    return found, tuple(other)


def _field(path: str, tree: dict[str, Any]) -> str:
    """The name of the field that shows what stands at `path` of the tree."""
    parts = path.split(".")
    if parts[0] == "rules" and len(parts) > 1:
        kind = tree["rules"][int(parts[1])]["kind"]
        return ".".join(["rules", str(kind), *parts[2:3]])
    most = {"contexts": 3, "audience": 2, "hours": 2, "purpose": 2, "legal_basis": 2}.get(parts[0], 1)
    return ".".join(parts[:most])
