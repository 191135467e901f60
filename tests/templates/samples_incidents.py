"""Made-up data for the pages of incidents and of the smallest group."""

from datetime import date
from types import SimpleNamespace as Of
from typing import Any

from portal.incidents import words
from portal.incidents.models import Grave, What
from tests.templates.samples import at
from tests.templates.samples_data import HOSTILE

FIELDS = ("what", "grave", "text", "on_day", "named", "council", "item", "day")


def _incident(**more: Any) -> Of:
    values = {
        "id": "1" * 32, "number": 4, "what": What.LOOKED, "grave": Grave.NOW, "text": f"They knew it. {HOSTILE}",
        "on_day": date(2026, 11, 20), "who": "Amira K.", "council": True, "kind": "key", "context": "mail",
        "local_day": date(2026, 11, 20), "raised_at": at(9), "answer": None, "answered_at": None, "withdrawn_at": None,
    }  # fmt: skip
    return Of(**values | more)


def _three() -> list[Of]:
    answered = {"number": 3, "who": None, "kind": None, "answer": f"It is over. {HOSTILE}", "answered_at": at(12)}
    return [_incident(), _incident(**answered), _incident(number=2, on_day=None, withdrawn_at=at(12))]


def own(**more: Any) -> dict[str, Any]:
    """One that waits, one that is answered, one that was taken back; the form about an item."""
    item = {"kind": "key", "context": "Mail", "start": at(9), "end": at(9, 1)}
    empty = dict.fromkeys(FIELDS, "")
    values = {"own": _three(), "item": item, "what": words.WHAT, "grave": words.GRAVE, "most": 4000, "may_raise": True}
    return values | {"typed": empty | {"named": "no"}, "errors": empty} | more


def raised(**more: Any) -> dict[str, Any]:
    """The same at the officer's desk."""
    values = {"found": _three(), "what": words.WHAT, "grave": words.GRAVE, "labels": {"mail": "Mail"}, "most": 4000}
    return values | {"about": None, "given": "", "problem": "", "page": 2, "newer": "#", "older": "#"} | more


def told() -> dict[str, Any]:
    """Two that the council may read."""
    one = Of(what=What.LOOKED, grave=Grave.NOW, text=f"They knew. {HOSTILE}", month=date(2026, 11, 1), answer=None)
    two = Of(what=What.OTHER, grave=Grave.ODD, text="A light.", month=date(2026, 10, 1), answer=f"Gone. {HOSTILE}")
    return {"told": [one, two], "what": words.WHAT, "grave": words.GRAVE}


def _proposal(number: int, **more: Any) -> Of:
    row = {"id": "2" * 32, "number": number, "people": 8, "starts": date(2027, 1, 1), "signed_at": None}
    document = Of(people=8, replaces=10, reason=f"Small teams. {HOSTILE}")
    proposed = Of(**row | {"withdrawn_at": None} | more)
    return Of(row=proposed, document=document, signers=("ab" * 32,), forged=False)


def groups(**more: Any) -> dict[str, Any]:
    """A signed one in force, one to come, one that waits, one that was withdrawn."""
    forged = Of(row=_proposal(5, signed_at=at(9)).row, document=None, signers=(), forged=True)
    signed, empty = _proposal(1, signed_at=at(9)), dict.fromkeys(("people", "reason", "signed"), "")
    values = {"desk": "council", "people": 8, "by": signed, "coming": _proposal(2, signed_at=at(9)), "quorum": 1}
    values |= {
        "waits": _proposal(4),
        "history": [forged, _proposal(3, withdrawn_at=at(9)), signed],
        "floor": 8,
        "most": 1000,
    }
    return values | {"forged": [5], "next_day": date(2027, 1, 1), "typed": empty, "errors": empty} | more
