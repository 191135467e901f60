"""States and findings in plain words."""

from datetime import date
from typing import Final

from flask import url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from portal.capture.marks import Mark
from portal.reconciliation.models import State
from portal.reconciliation.rules import GONE, What

STATES: Final[dict[str, tuple[LazyString, str, str]]] = {
    State.GREEN: (lazy_gettext("Everything agrees"), "success", "good"),
    State.AMBER: (lazy_gettext("Not known yet"), "unknown", "warn"),
    State.RED: (lazy_gettext("Does not agree"), "error", "danger"),
    GONE: (lazy_gettext("Not to be known any more"), "unknown", "warn"),
}
WHAT = {
    What.LOST: lazy_gettext("Sent by a device, and not here"),
    What.UNSENT: lazy_gettext("Here, and sent by no device"),
    What.DIFFERS: lazy_gettext("Other items than the device sent"),
    What.OUTSIDE_LEASE: lazy_gettext("Stored, captured without permission at that time"),
    What.IN_PAUSE: lazy_gettext("Stored, captured during a pause"),
    What.IN_STOP: lazy_gettext("Stored, captured during a stop for all"),
    What.UNANNOUNCED: lazy_gettext("Stored, of a kind or from an app that no policy announced"),
    What.OUTSIDE_POLICY: lazy_gettext("Stored, against the policy's hours or sensitivity"),
    What.NOT_SHOWN: lazy_gettext("Stored, and not shown on the page"),
    What.VIEW_CHANGED: lazy_gettext("The database's rule for showing people their own items was changed"),
    What.UNDECLARED_STORE: lazy_gettext("Rows in another store that the catalogue does not describe"),
    What.TALLY_FORGED: lazy_gettext("A daily count that the device did not sign"),
    What.TALLY_TWICE: lazy_gettext("Two daily counts of one device that differ"),
}
FAMILIES = {
    "linux": "Linux",
    "windows": "Windows",
    "macos": "macOS",
    "other": lazy_gettext("Another system"),
    "": lazy_gettext("No device"),
}


def mark(day: date, state: str) -> Mark:
    """The state as the day's mark."""
    word, icon, tone = STATES[state]
    return Mark(str(word), icon, tone, url_for("reconciliation.check", day=day.isoformat()))


def what(slug: str) -> str:
    """A finding in words."""
    known = {str(one): words for one, words in WHAT.items()}
    return str(known.get(slug) or gettext("Something else"))


def measure(slug: str) -> str:
    """A line of the council's table in words."""
    states = {str(state): words[0] for state, words in STATES.items()}
    return str(states[slug]) if slug in states else what(slug)


def family(slug: str) -> str:
    """A device class in words."""
    return str(FAMILIES.get(slug, slug))
