"""Where a mismatch stands, and its causes, in words."""

from typing import Final

from flask_babel import lazy_gettext

from portal.reconciliation.settling.models import Cause, Standing

STANDING: Final = {
    Standing.OPEN: lazy_gettext("waits for an answer"),
    Standing.ANSWERED: lazy_gettext("answered"),
    Standing.DISPUTED: lazy_gettext("answered, and disputed"),
}
TONE: Final = {Standing.OPEN: "danger", Standing.ANSWERED: "good", Standing.DISPUTED: "danger"}
CAUSE: Final = {
    Cause.DEVICE: lazy_gettext("A device or the program on it did something wrong"),
    Cause.LATE: lazy_gettext("A pause, a stop or a policy reached a device too late"),
    Cause.DAYLIGHT: lazy_gettext("Daylight itself did something wrong"),
    Cause.STORE: lazy_gettext("Another store was not described, or wrongly"),
    Cause.PERSON: lazy_gettext("Somebody did or changed something that was not allowed"),
    Cause.CHECK: lazy_gettext("The check was wrong: nothing was amiss"),
    Cause.UNKNOWN: lazy_gettext("The cause could not be found"),
}
