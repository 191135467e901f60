"""Made-up data for the pages of released statistics."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import current_app
from markupsafe import Markup

from portal.council import words
from portal.council.charts import Column, Square
from portal.council.models import Paper
from portal.council.shown import Cell, Group, News, PlaceRow
from portal.releases.places import Level, Place
from tests.templates.samples import at
from tests.templates.samples_data import HOSTILE

FIELDS = ("kind", "title", "on_day", "text", "link", "told")
WHY = Cell("hidden: it would reveal Legal", hidden=True)
HEADS = ["People counted", "Captured at least once", "Paused at least once"]


def release() -> Any:
    """A week."""
    return SimpleNamespace(
        id="1" * 32,
        released_at=at(12),
        k=10,
        quarter=date(2026, 10, 1),
        hash="5d" * 32,
        span="month",
        withdrawn_at=at(12),
        counted_on=date(2026, 10, 2),
    )


def report(**more: Any) -> dict[str, Any]:
    """A site with two departments, one of them hidden."""
    squares = (
        Square(0.0, 0.3, 1, "W45: 20 %"),
        Square(0.34, 0.3, 4, "W46: 45 %"),
        Square(0.67, 0.3, None, "W47: hidden"),
    )
    cells = (Cell("41", hidden=False), Cell("95 % or more", hidden=False), Cell("45 %", hidden=False))
    engineering = Place(Level.DEPARTMENT, site="Berlin", department="Engineering")
    hidden = PlaceRow(engineering, "Donaudampfschifffahrtsgesellschaftsangelegenheiten", WHY, (WHY,) * 3, "", squares)
    values = {
        "release": release(),
        "title": "Week 47, 16 Nov to 22 Nov 2026",
        "seats": [at(18)],
        "name": "Berlin",
        "above": [("The whole company", "#")],
        "news": News("Fewer people were captured, more paused.", ["Captured: 95 %.", "Paused: 45 %.", "Items: 1,204."]),
        "stats": [("People counted", cells[0], "#everything"), ("Items captured", WHY, "/council?show=items")],
        "rows": [PlaceRow(engineering, "Engineering", Cell("45 %", False, 0.45), cells, "#", squares), hidden],
        "columns": [
            Column(0.05, 0.4, 0.45, "W46", "45 %", "Week 46: 45 %"),
            Column(0.5, 0.4, None, "W47", "", "Week 47"),
        ],
        "weeks": ["Week 46", "Week 47"],
        "heads": HEADS,
        "groups": [
            Group("In all", (("People counted", cells[0]), ("Hours", WHY))),
            Group("Items", (("Keys", cells[2]),)),
        ],
        "choices": {
            "by": [("Site", "#", True), ("Department", "#", False)],
            "show": [("Paused at least once", "#", True), ("Items captured", "#", False)],
        },
        "others": [("Week 47", "#", True), ("Week 46", "#", False)],
        "files": [("csv", "#"), ("pdf", "#")],
        "groups_url": "#",
    }
    drawn = current_app.jinja_env.get_template("council/_report.html").render(**values | more)
    return {"title": values["title"], "body": Markup(drawn)}  # noqa: S704 - as portal.council.pages does


def evidence(**more: Any) -> dict[str, Any]:
    """A checkpoint, a policy, a release."""
    head = SimpleNamespace(
        size=4120, at=at(11), note="daylight.example/log\n4120\nq83v\n\n- daylight.example/log c2ln\n"
    )
    policy = SimpleNamespace(version=7, published_at=at(9), not_before=at(9), expires_at=at(18), hash="a0" * 32)
    values = papers(desk="council") | {
        "heads": [head, head],
        "policies": [policy],
        "decided": [decision()],
        "releases": [(release(), "Week 47")],
    }
    return values | more


def decision() -> dict[str, Any]:
    """A policy that was rejected."""
    words = {"reasons": f"Too wide. {HOSTILE}", "minutes": f"We met. {HOSTILE}"}
    return words | {"by": "works council", "outcome": "Rejected", "kind": "rejected", "version": 7, "title": "Mail",
                    "key": "", "at": at(10)}  # fmt: skip


def policy(*, first: bool = False, **more: Any) -> dict[str, Any]:
    """A policy that replaces another, signed by a key that is known and one that is not."""
    row = SimpleNamespace(version=7, published_at=at(9), not_before=at(9), expires_at=at(18), hash="a0" * 32)
    said = (("more", f"Screenshots in {HOSTILE}"), ("same", "Kept 30 days"))
    lines = [{"effect": effect, "text": text, "moments": [], "whole": False} for effect, text in said]
    difference = {"lines": lines, "more": 1, "less": 0, "replaces": None if first else 6, "widens": True, "hash": "b"}
    signed = [("works council", "c2ln" * 4)]
    values = {"desk": "expert", "row": row, "says": lines, "difference": difference, "signed": signed}
    return values | {"decided": [decision()]} | more


def looks(**more: Any) -> dict[str, Any]:
    """Two looks, one by somebody who was erased since."""
    one = {"at": at(12), "name": "Clara Voss", "role": "the works council", "what": "Evidence room", "about": ""}
    gone = one | {"name": "", "what": "Report", "about": "Week 47, 16 Nov to 22 Nov 2026"}
    return {"looks": [one, gone], "page": 2, "newer": "#", "older": "#"} | more


def experts(**more: Any) -> dict[str, Any]:
    """A seat of each state."""
    seat = {"id": "1" * 32, "name": f"Dr. Eva Exner {HOSTILE}", "account": "eva@exner.example", "task": "Section 80"}
    row = SimpleNamespace(**seat, starts_at=at(9), ends_at=at(18), ended_at=None)
    empty = dict.fromkeys(("name", "account", "task", "first", "last"), "")
    states = ("to_come", "open", "over", "ended")
    return {
        "seats": [{"seat": row, "state": one} for one in states],
        "typed": empty,
        "errors": empty,
        "most": 90,
    } | more


def papers(**more: Any) -> dict[str, Any]:
    """Minutes that were told, and an impact assessment."""
    values = {"document_id": "1" * 32, "version": 2, "on_day": date(2026, 11, 20), "text": f"One.\nTwo. {HOSTILE}"}
    values |= {"written_at": at(9), "link": "https://intranet.example/paper"}
    told = SimpleNamespace(**values, kind=Paper.MINUTES, title=f"Meeting 11/2026 {HOSTILE}", told=True)
    other = SimpleNamespace(**values | {"link": "", "version": 1}, kind=Paper.IMPACT, title="Screenshots", told=False)
    return {"papers": [told, other], "kinds": words.PAPERS, "desk": "officer_room"} | more


def paper_new(**more: Any) -> dict[str, Any]:
    """An empty form of the council's."""
    empty = dict.fromkeys(FIELDS, "") | {"kind": "minutes"}
    options = [("minutes", "Minutes"), ("agenda", "Agenda")]
    return {"desk": "council", "typed": empty, "errors": dict.fromkeys(FIELDS, ""), "options": options} | more


def paper(**more: Any) -> dict[str, Any]:
    """Two versions of minutes."""
    values = {"versions": papers()["papers"], "kind": "Minutes", "may_write": True}
    return paper_new(**values, options=[("minutes", "Minutes")]) | more
