"""What the forms of a stop hold, and what is wrong with it in words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from portal.core.plain import plain
from portal.stops.rules import LONGEST_REASON, Refused
from wire.policy import Audience
from wire.precedence import AXES

EVERYBODY, SOME = "everybody", "some"
MISSING: Final = Refused.NOT_SIGNED
_SENTENCES: Final[Mapping[Refused, LazyString]] = {
    Refused.NOT_THIS: lazy_gettext("This is not the document that ends this stop. Fetch it here, and sign that one."),
    Refused.NOT_SIGNED: lazy_gettext("There is no signature in it. Sign the document, then bring back what you get."),
    Refused.NOT_TRUSTED: lazy_gettext("Its key is not one that devices trust, or it was changed after it was signed."),
    Refused.OTHER_COUNCIL: lazy_gettext("Its key belongs to another works council than the one that is asked here."),
    Refused.OVER: lazy_gettext("This stop has ended already."),
}


@dataclass(frozen=True)
class Asked:
    """Whom to stop and why. `whom`: everybody, or some, who fit all of the audience."""

    whom: str
    audience: Audience
    reason: str


def read() -> Asked:
    """The form as it was sent, or an empty one."""
    whom = request.form.get("whom", EVERYBODY)
    chosen = (tuple(sorted(set(request.form.getlist(axis)))) or None for axis in AXES)
    audience = Audience(*chosen) if whom == SOME else Audience(None, None, None)
    return Asked(whom, audience, plain(request.form.get("reason", "")))


def problems(asked: Asked, known: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Field → what is wrong with it; `known`: axis → places to choose from."""
    chosen = vars(asked.audience).items()
    found = {
        axis: gettext("Choose from the list.") for axis, places in chosen if not set(places or ()) <= set(known[axis])
    }
    if asked.whom not in {EVERYBODY, SOME}:
        found["whom"] = gettext("Choose from the list.")
    elif asked.whom == SOME and not asked.audience.named:
        found["whom"] = gettext("Choose at least one place below.")
    if not asked.reason:
        found["reason"] = gettext("Say why, in a sentence. Everybody who is stopped reads it.")
    elif len(asked.reason) > LONGEST_REASON:
        found["reason"] = gettext("Use at most %(most)s characters.", most=LONGEST_REASON)
    return found


def sentence(why: Refused) -> str:
    """Why signatures were not taken."""
    return str(_SENTENCES[why])
