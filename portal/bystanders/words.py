"""Claims in the reader's words."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext

from portal.bystanders.models import ShownClaim, Wish
from portal.bystanders.rules import Answer, may_take_back

_ANSWERS = {
    Answer.GONE: lazy_gettext("This item is deleted already. There is nothing left to ask for."),
    Answer.TWICE: lazy_gettext("You have asked for this already. You see below where it stands."),
    Answer.HELD: lazy_gettext("HR must keep this item for now, so it cannot be deleted. You can have it frozen."),
}
_WISHES = {Wish.ERASE: lazy_gettext("Delete it"), Wish.RESTRICT: lazy_gettext("Freeze it")}
_STATES = {
    "waiting": lazy_gettext("on its way to HR"),
    "open": lazy_gettext("HR decides"),
    "asked_back": lazy_gettext("HR asks the person whose item it is"),
    "approved": lazy_gettext("HR agreed"),
    "running": lazy_gettext("is being done"),
    "done": lazy_gettext("done"),
    "partial": lazy_gettext("done in part: the rest must stay for now, on a legal ground"),
    "refused": lazy_gettext("HR refused; you may ask for a review"),
    "gone": lazy_gettext("the item is deleted"),
    "withdrawn": lazy_gettext("you took it back"),
}
_BEING_TAKEN_BACK = lazy_gettext("is being taken back")


@dataclass(frozen=True)
class Line:
    """One claim as the list shows it. `open`: it can be taken back."""

    id: UUID
    wish: str
    number: int | None
    at: datetime
    state: str
    tone: str
    open: bool


def answer(given: Answer) -> str:
    """Why a claim was not taken."""
    return str(_ANSWERS[given])


def line(claim: ShownClaim) -> Line:
    """A claim in words."""
    tone = {"done": "good", "gone": "good", "refused": "danger", "partial": "warn"}.get(claim.state, "")
    ending = claim.withdrawn_at is not None and claim.state != "withdrawn"
    state = str(_BEING_TAKEN_BACK if ending else _STATES.get(claim.state, claim.state))
    can_end = claim.withdrawn_at is None and may_take_back(claim.wish, claim.state)
    return Line(claim.id, str(_WISHES[claim.wish]), claim.number, claim.claimed_at, state, tone, can_end)
