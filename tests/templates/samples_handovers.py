"""Made-up handovers in the shapes that the docblocks of the templates define."""

from types import SimpleNamespace as Of
from typing import Any

from portal.core.vault_handovers import STATES
from tests.templates.samples import at
from tests.templates.samples_data import HOSTILE

CODE = "AAAAA-BBBBB-22222-ZZZZZ"
__all__ = ["CODE", "STATES", "nothing", "page", "pickup"]


def _row(slug: str, **more: Any) -> Of:
    values: dict[str, Any] = {
        "slug": slug, "state": slug, "tone": "info", "checked": HOSTILE, "prepared": (HOSTILE, at(8)),
        "approved": (None, None), "expires": at(14), "claimed_at": None, "taken_at": None, "tries": 0,
    }  # fmt: skip
    return Of(**(values | more))


def page(slug: str, **more: Any) -> dict[str, Any]:
    """HR's page with one under way, and older ones."""
    live = _row(slug)
    old = [
        _row("ended", tries=10),
        _row("taken", approved=(HOSTILE, at(9)), claimed_at=at(10), taken_at=at(11), tries=1),
    ]
    values: dict[str, Any] = {
        "number": 41, "name": HOSTILE, "early": False, "opens": None, "rows": [live, *old], "live": live, "mine": False,
        "checked": "", "problem": "", "link": "", "code": "",
    }  # fmt: skip
    return values | more


def nothing(**more: Any) -> dict[str, Any]:
    """HR's page before anything."""
    return page("waiting", rows=[], live=None, **more)


def pickup(state: str, **more: Any) -> dict[str, Any]:
    """The leaver's page."""
    return {"token": "x", "state": state, "until": at(14), "problem": "", "code": ""} | more
