"""Steps in words: how one stands, and why something stayed."""

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from portal.deletion.models import StepState
from portal.deletion.rules import GROUND
from portal.sources.rules import OWN_STORE
from portal.sources.words import refusal

STATES: dict[StepState, LazyString] = {
    StepState.WAITING: lazy_gettext("Not begun yet"),
    StepState.RUNNING: lazy_gettext("At work"),
    StepState.PENDING: lazy_gettext("Cannot be reached; it is tried again"),
    StepState.DONE: lazy_gettext("Deleted"),
    StepState.PARTIAL: lazy_gettext("Deleted in part"),
    StepState.REFUSED: lazy_gettext("Not deleted"),
    StepState.CANCELLED: lazy_gettext("Withdrawn before it began"),
}


def store(name: str) -> str:
    """A store's name for people."""
    return str(gettext("Daylight's own store")) if name == OWN_STORE else name


def looked(apart: bool | None) -> str:  # noqa: FBT001 - a value of the receipt
    """Who looked after the deletion."""
    if apart is None:
        return str(gettext("Nobody could look."))
    if apart:
        return str(gettext("Looked at with another access than the one that deletes."))
    return str(gettext("Looked at with the same access that deletes."))


def reason(code: str | None) -> str:
    """Why something stayed; a ground of the decision is told beside the decision itself."""
    if not code:
        return ""
    if code.startswith(GROUND):
        return str(gettext("It stays, as the decision says."))
    slug, _, detail = code.partition(":")
    return refusal(slug, detail)
