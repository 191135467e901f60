"""What requests are called, what happened to one, why something cannot be done to it: in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from portal.requests.queries import UNREACHABLE
from portal.requests.refusals import Why
from portal.requests.rules import EventKind, RequestType
from portal.sources import words as stores


@dataclass(frozen=True)
class TypeWords:
    """A type of request: its name, what one gets, the article, and that article in one line."""

    name: LazyString
    means: LazyString
    article: LazyString
    explained: LazyString


TYPES = {
    RequestType.ERASE: TypeWords(
        lazy_gettext("Have data deleted"),
        lazy_gettext("What you choose is deleted in every store, and you get a receipt for each."),
        lazy_gettext("GDPR, Article 17"),
        lazy_gettext("You may have data deleted that is no longer needed, or that should not have been captured."),
    ),
    RequestType.ACCESS: TypeWords(
        lazy_gettext("Know what is held about you"),
        lazy_gettext("You get a copy, and are told why it is held, who received it and for how long it stays."),
        lazy_gettext("GDPR, Article 15"),
        lazy_gettext("You may know what is held about you, and have a copy of it, free of charge."),
    ),
    RequestType.PORT: TypeWords(
        lazy_gettext("Take your data with you"),
        lazy_gettext("You get your data in a form that other programs can read."),
        lazy_gettext("GDPR, Article 20"),
        lazy_gettext("You may take data about you elsewhere, in a form that machines can read."),
    ),
    RequestType.RECTIFY: TypeWords(
        lazy_gettext("Correct something"),
        lazy_gettext("What was captured cannot be rewritten: your note stands beside it, and HR answers."),
        lazy_gettext("GDPR, Article 16"),
        lazy_gettext("You may have wrong data corrected, and incomplete data completed by a note."),
    ),
    RequestType.RESTRICT: TypeWords(
        lazy_gettext("Freeze data"),
        lazy_gettext(
            "It is kept, out of everybody's reach in every store, and nobody may use it until the matter is settled. "
            "From now on, until it is decided, none of it is deleted by itself."
        ),
        lazy_gettext("GDPR, Article 18"),
        lazy_gettext("While it is disputed whether data is right or lawful, it may be kept but not used."),
    ),
    RequestType.OBJECT: TypeWords(
        lazy_gettext("Object to its use"),
        lazy_gettext("Say why it should not be used. It may then go on only for reasons that outweigh yours."),
        lazy_gettext("GDPR, Article 21"),
        lazy_gettext("You may object to a use that rests on the company's own interests, for reasons of your own."),
    ),
    RequestType.REVIEW: TypeWords(
        lazy_gettext("Have a person look at a decision"),
        lazy_gettext("A human being looks again at what was decided about you, and hears your side."),
        lazy_gettext("GDPR, Article 22"),
        lazy_gettext("No decision about you may be left to a machine alone: you may ask for a human being."),
    ),
}
"""Every type of request, in the order in which people are offered them."""

_HAPPENED = {
    EventKind.SENT: lazy_gettext("Sent to HR"),
    EventKind.SAID: lazy_gettext("Message"),
    EventKind.ASKED_BACK: lazy_gettext("Question"),
    EventKind.ANSWERED: lazy_gettext("Answer"),
    EventKind.EXTENDED: lazy_gettext("Time to answer extended"),
    EventKind.DECIDED: lazy_gettext("Decided"),
    EventKind.WITHDRAWN: lazy_gettext("Withdrawn"),
    EventKind.APPEALED: lazy_gettext("Appeal sent"),
    EventKind.STARTED: lazy_gettext("Being carried out"),
    EventKind.CLOSED: lazy_gettext("Ended"),
    EventKind.REOPENED: lazy_gettext("Taken up again: something that had to stay can go now"),
    EventKind.LIFT_ANNOUNCED: lazy_gettext("HR announced to lift the freeze"),
    EventKind.LIFT_CALLED_OFF: lazy_gettext("HR does not lift it after all"),
    EventKind.LIFTED: lazy_gettext("Freeze lifted"),
}
NOTED = {
    "identity": lazy_gettext("HR checked who you are"),
    "task": lazy_gettext("HR asked an owner of a store or a recipient to act"),
    "task_chased": lazy_gettext("HR reminded them"),
    "task_done": lazy_gettext("They did it, and HR has the proof"),
    "held": lazy_gettext("HR set a legal hold"),
}
"""What HR or the worker wrote down (`hr.actions.note`), in the person's words."""


def happened(kind: EventKind, params: Mapping[str, Any]) -> str:
    """One event in a few words, for the person and who acts for them; not for those inside HR (`page.UNTOLD`)."""
    match kind:
        case EventKind.NOTED:
            return str(NOTED.get(params.get("what", ""), gettext("HR wrote something down")))
        case EventKind.RETRIED:
            return str(gettext("HR has %(store)s tried again", store=params.get("store", "")))
        case EventKind.MERGED:
            return str(gettext("Joined with request %(number)s", number=params["into"]))
        case EventKind.ABSORBED:
            return str(gettext("Request %(number)s was joined with this one", number=params["absorbed"]))
    return str(_HAPPENED[kind])


_REFUSALS = {
    Why.ALREADY: lazy_gettext("This was done before. Nothing was changed."),
    Why.NOT_YOURS: lazy_gettext("You cannot do this to this request."),
    Why.NOT_SENT: lazy_gettext("This request has not been sent yet."),
    Why.UNDECIDED: lazy_gettext("This request has not been decided yet."),
    Why.DECIDED: lazy_gettext("This request was decided meanwhile."),
    Why.RUNNING: lazy_gettext("This request is being carried out: part of it is done already."),
    Why.OVER: lazy_gettext("This request has ended meanwhile."),
    Why.NO_QUESTION: lazy_gettext("There is no question to answer any more."),
    Why.NO_PROPOSAL: lazy_gettext("No decision is waiting here any more."),
    Why.PROPOSED: lazy_gettext("A decision has been proposed meanwhile."),
    Why.FOUR_EYES: lazy_gettext("Somebody else must confirm what you proposed."),
    Why.EMPTY: lazy_gettext("Write something first."),
    Why.ERASED: lazy_gettext("The whole person was erased: nobody knows any more under which name rows lie there."),
    Why.NO_APPEAL: lazy_gettext("You can appeal a refusal, or what was left out."),
    Why.SENT_IT: lazy_gettext("You sent this request yourself, so somebody else of HR decides on it."),
    Why.DECIDED_BEFORE: lazy_gettext(
        "You decided on what is appealed here, so somebody else of HR looks at it again and decides."
    ),
    Why.NOT_TO_THEM: lazy_gettext(
        "Who sent this request, or decided on what is appealed with it, cannot be given it. Choose somebody else."
    ),
}


def refusal(why: Why) -> str:
    """Why it cannot be done, as a sentence for the person who tried."""
    return str(_REFUSALS[why])


def name(kind: RequestType | str) -> str:
    """What a type of request is called."""
    return str(TYPES[RequestType(kind)].name)


def own_store() -> str:
    """What Daylight's own store is called."""
    return str(gettext("Daylight's own store"))


def not_counted(why: str | None) -> str:
    """Why a store's items are not known, for the `why` of a count; '' when they are."""
    if why == UNREACHABLE:
        return str(gettext("The store does not answer now. It is asked again."))
    slug, colon, detail = (why or "").partition(":")
    return stores.refusal(slug, detail) if colon else ""
