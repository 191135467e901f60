"""How a rollout stands, what was done to it and why it does not go on, as people read it."""

from typing import Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from portal.core.permissions import ROLE_WORDS
from portal.policies.models import Attempt, RolloutState
from portal.policies.rollouts.rules import Hold, Reason
from portal.policies.rules import Gate

_ = lazy_gettext
STATES: Final[dict[RolloutState, LazyString]] = {
    RolloutState.RUNNING: _("going out"),
    RolloutState.HALTED: _("halted"),
    RolloutState.ENDED: _("over"),
}
TONES: Final = {RolloutState.RUNNING: "info", RolloutState.HALTED: "danger", RolloutState.ENDED: ""}
ATTEMPTS: Final[dict[Attempt, LazyString]] = {
    Attempt.BEGUN: _("Begun"),
    Attempt.ADVANCED: _("Next ring"),
    Attempt.HALTED: _("Halted"),
    Attempt.RESUMED: _("Went on"),
    Attempt.ENDED: _("Ended"),
}
REASONS: Final[dict[Reason, LazyString]] = {
    Reason.FAILURES: _("too many devices refuse it"),
    Reason.TAKEN_BACK: _("a draft with what held before was begun"),
    Reason.OVERTAKEN: _("another policy took its place"),
}


def hold(why: Hold, gate: Gate) -> str:
    """Why it does not go on, as a sentence."""
    sentences: dict[Hold, str] = {
        Hold.OVER: gettext("This rollout is over."),
        Hold.HALTED: gettext("It is halted: nobody else gets the policy until you let it go on."),
        Hold.NOT_HALTED: gettext("It is not halted."),
        Hold.NOT_BEGUN: gettext("The policy has not begun yet, so no device has shown what it makes of it."),
        Hold.NOT_OFFERED: gettext("No device of these rings has been offered the policy yet. Wait until some are on."),
        Hold.FAILED: gettext(
            "More than %(most)s percent of the devices that answered refuse the policy. Find out why, or take it back.",
            most=gate.most_failed,
        ),
        Hold.TOO_FEW: gettext(
            "Fewer than %(least)s percent of the devices that were offered the policy obey it by now. Wait for the others.",  # noqa: E501 - one sentence
            least=gate.least_applied,
        ),
        Hold.NOTHING_BEFORE: gettext(
            "There is no policy before this one that could hold again. Stop for all ends recording."
        ),
    }
    return sentences[why]


def reason(given: str) -> str:
    """The reason that a step keeps."""
    return str(REASONS[Reason(given)]) if given in {one.value for one in REASONS} else ""


def role(name: str) -> str:
    """Who did it."""
    return str(ROLE_WORDS[name]) if name in ROLE_WORDS else str(gettext("Daylight itself"))
