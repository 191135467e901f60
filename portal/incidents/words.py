"""What can be wrong, in words."""

from typing import Final

from flask_babel import lazy_gettext

from portal.incidents.models import Grave, What

WHAT: Final = {
    What.CAPTURED: lazy_gettext("Something was captured that should not be"),
    What.STOPPED: lazy_gettext("It went on recording although it should have stopped"),
    What.LOOKED: lazy_gettext("Somebody looked, or knows, who should not"),
    What.EXPOSED: lazy_gettext("Data lies where others can read it"),
    What.OTHER: lazy_gettext("Something else"),
}
GRAVE: Final = {
    Grave.NOW: lazy_gettext("It goes on now, or hurts somebody"),
    Grave.WRONG: lazy_gettext("It is wrong"),
    Grave.ODD: lazy_gettext("It is odd; I am not sure"),
}
