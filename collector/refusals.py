"""What the person is told when the server refuses: by the reason's code, in their own language."""

from collections.abc import Mapping
from gettext import gettext
from typing import Any

from collector.language import marked

ENROLMENT: Mapping[str, str] = {
    "code_invalid": marked("This code is wrong, was used already, or is older than 15 minutes."),
    "key_not_ready": marked(
        "The key for what you capture is not made yet. Nothing was used up: run the same command again in a minute."
    ),
    "policy_not_ready": marked(
        "No policy in force is for you yet, so nothing may be captured. Nothing was used up: try again when one is."
    ),
    "key_known": marked("This key belongs to a device already. Run the same command again to make a new one."),
    "malformed": marked("It could not read what this collector sent. The two may be of different versions."),
    "too_large": marked("What this collector sent is too large. The two may be of different versions."),
    "too_many_requests": marked("Too many devices are being added at this moment. Try again in a minute."),
    "too_slow": marked("What this collector sent took too long to arrive. Try again."),
    "unavailable": marked("It cannot do this right now. Nothing was used up: try again in a minute."),
    "busy": marked("It cannot do this right now. Nothing was used up: try again in a minute."),
    "internal": marked("Something went wrong there, and was logged there. Try again in a minute."),
    "not_found": marked("There is no Daylight gateway at this address."),
    "method": marked("There is no Daylight gateway at this address."),
}
SEGMENTS: Mapping[str, str] = {
    "paused": marked("inside a pause"),
    "stopped_for_all": marked("while a stop that concerned you was in force"),
    "after_stop": marked("after this device had said that it stopped"),
    "outside_lease": marked("outside the time of the permit"),
    "no_lease": marked("without a permit"),
    "not_in_policy": marked("not allowed by the policy"),
    "wrong_policy": marked("under a policy that was not in force"),
    "wrong_person": marked("marked as somebody else's"),
    "wrong_device": marked("marked as another device's"),
    "wrong_key": marked("not sealed to your key"),
    "too_old": marked("too late"),
    "in_future": marked("of a time that has not come yet"),
    "too_long": marked("longer than a minute"),
    "too_large": marked("too large"),
    "bad_header": marked("with a label that cannot be read"),
    "malformed": marked("not readable"),
    "conflict": marked("other than what was sent under the same number"),
    "sequence_used": marked("under a number used before"),
    "too_much": marked("more than one day may hold"),
    "not_listed": marked("more than could be listed"),
    "erased": marked("already erased"),
}


def sentence(answer: Mapping[str, Any], status: int) -> str:
    """Why it refused an enrolment: by its code, in its own words if we do not know that, or the bare HTTP status."""
    code, words = answer.get("error"), answer.get("message")
    if isinstance(code, str) and code in ENROLMENT:
        return gettext(ENROLMENT[code])
    if isinstance(words, str) and words:
        return words
    return gettext("It answered %(status)d.") % {"status": status}
