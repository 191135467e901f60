"""States, reasons and events in words."""

from typing import Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from portal.petitions.actions import Why
from portal.petitions.rules import Answerer, EventKind, Reason, State

STATES: Final[dict[State, tuple[LazyString, str]]] = {
    State.SUPPORT: (lazy_gettext("Looks for support"), "info"),
    State.OPEN: (lazy_gettext("Open for signatures"), "good"),
    State.THRESHOLD: (lazy_gettext("On the agenda of the works council"), "warn"),
    State.AWAITING: (lazy_gettext("Awaits an answer of the employer"), "warn"),
    State.ANSWERED: (lazy_gettext("Answered"), "good"),
    State.CLOSED: (lazy_gettext("Closed"), ""),
    State.REJECTED: (lazy_gettext("Rejected"), "danger"),
    State.WITHDRAWN: (lazy_gettext("Withdrawn by its author"), ""),
}
"""State → words and tone."""

ANSWERERS: Final[dict[Answerer, LazyString]] = {
    Answerer.EMPLOYER: lazy_gettext("The employer"),
    Answerer.COUNCIL: lazy_gettext("The works council"),
}

REASONS: Final[dict[Reason, LazyString]] = {
    Reason.DUPLICATE: lazy_gettext("Another petition that runs demands the same"),
    Reason.NOT_OURS: lazy_gettext("Neither the employer nor the works council can decide this"),
    Reason.PERSONAL: lazy_gettext("It is about a matter of one person, or names people"),
    Reason.INSULT: lazy_gettext("It insults or discriminates"),
    Reason.UNLAWFUL: lazy_gettext("What it demands is against the law"),
    Reason.NO_SUPPORT: lazy_gettext("Too few people supported it in time"),
}

CHOSEN: Final = (Reason.DUPLICATE, Reason.NOT_OURS, Reason.PERSONAL, Reason.INSULT, Reason.UNLAWFUL)
"""The reasons that the works council may give."""

EVENTS: Final[dict[EventKind, LazyString]] = {
    EventKind.OPENED: lazy_gettext("It found support and was opened."),
    EventKind.THRESHOLD: lazy_gettext("It reached the agenda of the works council."),
    EventKind.EMPLOYER: lazy_gettext("The employer must answer in writing."),
    EventKind.DISCUSSED: lazy_gettext("The works council dealt with it."),
    EventKind.ANSWERED: lazy_gettext("The employer answered."),
    EventKind.REJECTED: lazy_gettext("The works council rejected it."),
    EventKind.WITHDRAWN: lazy_gettext("Its author withdrew it."),
    EventKind.CLOSED: lazy_gettext("Its time was over."),
}


def refusal(why: Why) -> str:
    """Why something cannot be done now, and what can."""
    match why:
        case Why.ENDED:
            return str(gettext("This petition has ended, so nothing was changed. Its result is below."))
        case Why.TOO_MANY:
            return str(gettext("You have as many as one person may have at a time. Withdraw or discard one first."))
        case Why.HAS_CARD:
            return str(
                gettext(
                    "Your ballot card has a token for this petition. Sign with your name in the browser that has the "
                    "card, which gives the token up for it: one person, one signature."
                )
            )
        case Why.NO_BALLOT:
            return str(gettext("The ballot does not answer, so nothing was signed. Try again later."))
    return str(gettext("The petition has moved on since you opened the page, so nothing was changed."))
