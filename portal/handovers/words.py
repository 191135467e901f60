"""Handovers in words."""

from flask_babel import gettext, lazy_gettext

STATES = {
    "waiting": (lazy_gettext("a colleague must agree"), "warn"),
    "claimable": (lazy_gettext("the person can fetch it"), "info"),
    "claimed": (lazy_gettext("the person has begun to fetch it"), "info"),
    "taken": (lazy_gettext("the person has it"), "good"),
    "expired": (lazy_gettext("not fetched in time"), ""),
    "ended": (lazy_gettext("ended"), ""),
}
_REFUSED = {
    "unknown": lazy_gettext("There is no such handover."),
    "over": lazy_gettext("This is over meanwhile. Nothing was changed."),
    "twice": lazy_gettext("A handover is under way for this request. End it first."),
    "four_eyes": lazy_gettext("Who prepared it cannot agree to it. A colleague must."),
    "wrong_code": lazy_gettext("This code is not right. After ten wrong ones nothing can be fetched any more."),
}


def refused(why: str) -> str:
    """Why the vault did not do it."""
    return str(_REFUSED.get(why) or gettext("There is no such handover."))


def decided_otherwise() -> str:
    """Why a decision of before cannot be carried out here."""
    return str(
        gettext(
            "This decision leaves something out that a copy for somebody who has left cannot leave out: only whole "
            "kinds, in every store, can be. Nothing is handed over for it. Start a new request and decide it anew."
        )
    )
