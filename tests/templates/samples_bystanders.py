"""Made-up items that show somebody else, in the shapes that the docblocks of the templates define."""

from datetime import date
from types import SimpleNamespace as Of
from typing import Any

from tests.templates.samples import at
from tests.templates.samples_data import HOSTILE


def item(**more: Any) -> Of:
    """An item of somebody else."""
    values: dict[str, Any] = {
        "id": "i1", "kind": "prompt", "context": HOSTILE, "unit": HOSTILE, "start": at(9), "end": at(10), "held": False,
        "wish": "", "url": "/data/2026-11-21/i1", "day": date(2026, 11, 21),
    }  # fmt: skip
    return Of(**(values | more))


def naming(**more: Any) -> dict[str, Any]:
    """An own item with a name beside it."""
    return {"item": item(), "names": [("n1", HOSTILE, at(11))], "typed": "", "problem": ""} | more


def shown(**more: Any) -> dict[str, Any]:
    """Items of others, asked about and not."""
    items = [item(), item(wish="erase", unit=""), item(wish="restrict", kind="key")]
    claims = [
        Of(id=f"c{number}", wish="Delete it", number=number, at=at(12), state=state, tone=tone, open=not tone)
        for number, state, tone in ((None, "on its way to HR", ""), (41, HOSTILE, "danger"), (42, "done", "good"))
    ]
    return {"items": items, "claims": claims} | more


def one(*, held: bool = False, problem: str = "") -> dict[str, Any]:
    """One of them."""
    return {"item": item(held=held), "problem": problem}
