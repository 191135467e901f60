"""Steps in words: how one stands, and why something stayed."""

from flask_babel import gettext, lazy_gettext, ngettext
from flask_babel.speaklater import LazyString

from portal.deletion.models import StepAction, StepState
from portal.deletion.rules import GROUND, HELD, LEFT
from portal.sources.rules import NOT_BACK, NOT_FROZEN, NOT_GONE, OWN_STORE, UNDATED
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

MOVED: dict[tuple[StepAction, StepState], LazyString] = {
    (StepAction.FREEZE, StepState.DONE): lazy_gettext("Restricted"),
    (StepAction.FREEZE, StepState.PARTIAL): lazy_gettext("Restricted in part"),
    (StepAction.FREEZE, StepState.REFUSED): lazy_gettext("Not restricted"),
    (StepAction.THAW, StepState.WAITING): lazy_gettext("Still restricted; it is lifted soon"),
    (StepAction.THAW, StepState.RUNNING): lazy_gettext("Still restricted; it is being lifted"),
    (StepAction.THAW, StepState.PENDING): lazy_gettext("Still restricted: it cannot be reached; it is tried again"),
    (StepAction.THAW, StepState.DONE): lazy_gettext("Lifted"),
    (StepAction.THAW, StepState.PARTIAL): lazy_gettext("Lifted in part"),
    (StepAction.THAW, StepState.REFUSED): lazy_gettext("Still restricted: it could not be lifted"),
}
"""Where a freeze and its lifting stand otherwise than a deletion."""

AGAIN: dict[StepState, LazyString] = {
    StepState.WAITING: lazy_gettext("Restricted; what came later soon is, too"),
    StepState.RUNNING: lazy_gettext("Restricted; what came later is being put out of reach"),
    StepState.PENDING: lazy_gettext("Restricted, but not what came later: it cannot be reached; it is tried again"),
    StepState.REFUSED: lazy_gettext("Restricted, but not what came later"),
}
"""Where a later round of a freeze stands."""


def state(action: StepAction, stands: StepState, *, again: bool = False) -> str:
    """How a step stands; `again`: something was frozen before it."""
    if again and action is StepAction.FREEZE and stands in AGAIN:
        return str(AGAIN[stands])
    return str(MOVED.get((action, stands), STATES[stands]))


def store(name: str) -> str:
    """A store's name for people."""
    return str(gettext("Daylight's own store")) if name == OWN_STORE else name


def looked(apart: bool | None) -> str:  # noqa: FBT001 - a value of the receipt
    """Who looked after the deletion, or the freeze."""
    if apart is None:
        return str(gettext("Nobody could look."))
    if apart:
        return str(gettext("Looked at with another access than the one that deletes."))
    return str(gettext("Looked at with the same access that deletes."))


def _not_gone(said: int) -> str:
    return str(
        ngettext(
            "The store said that %(num)s row was deleted, but what should be gone can still be read there.",
            "The store said that %(num)s rows were deleted, but what should be gone can still be read there.",
            said,
        )
    )


def _not_frozen(said: int) -> str:
    return str(
        ngettext(
            "The store said that %(num)s row was put out of reach, but what should be can still be read there.",
            "The store said that %(num)s rows were put out of reach, but what should be can still be read there.",
            said,
        )
    )


def _not_back(said: int) -> str:
    return str(
        ngettext(
            "The store said that %(num)s row was put back, but what should be lies out of reach there still.",
            "The store said that %(num)s rows were put back, but what should be lies out of reach there still.",
            said,
        )
    )


def _undated(rows: int) -> str:
    return str(
        ngettext(
            "%(num)s row there has no time that can be read, so it is in no range of time. It was left as it is.",
            "%(num)s rows there have no time that can be read, so they are in no range of time. They were left there.",
            rows,
        )
    )


def _left(rows: int) -> str:
    return str(
        ngettext(
            "%(num)s row is left in another store. Until somebody has mended that, the name and address stay, for the "
            "row is found by them; after 30 days they go all the same.",
            "%(num)s rows are left in other stores. Until somebody has mended that, the name and address stay, for the "
            "rows are found by them; after 30 days they go all the same.",
            rows,
        )
    )


LIES = {LEFT: _left, UNDATED: _undated, NOT_GONE: _not_gone, NOT_FROZEN: _not_frozen, NOT_BACK: _not_back}
"""What another credential found out, by a number of rows."""


def reason(code: str | None) -> str:
    """Why something stayed; a ground of the decision is told beside the decision itself."""
    if not code:
        return ""
    if code.startswith(GROUND):
        return str(gettext("It stays, as the decision says."))
    if code == HELD:
        return str(
            gettext(
                "A hold is in force. Until it has ended and what it keeps is gone, the name and address stay, for it "
                "is found by them. Then they go by themselves."
            )
        )
    slug, _, detail = code.partition(":")
    if slug in LIES:
        return LIES[slug](int(detail))
    return refusal(slug, detail)
