"""What is watched, in words: what it is called, what is wrong, and who can do something about it."""

from collections.abc import Callable
from typing import Final

from flask_babel import format_number, gettext, lazy_gettext, ngettext

from portal.watch.rules import Watched

NAMES: Final = {
    Watched.INCIDENTS: lazy_gettext("Incidents that employees raised"),
    Watched.MISMATCHES: lazy_gettext("What the daily check found"),
    Watched.STOPS: lazy_gettext("Devices that a stop for all has not reached"),
    Watched.ENDING: lazy_gettext("Policies that end without a successor"),
    Watched.POLICY: lazy_gettext("Devices without their policy"),
    Watched.SIGNING_FILE: lazy_gettext("The signing file that is offered here"),
    Watched.LOG: lazy_gettext("The log"),
    Watched.WITNESS: lazy_gettext("Witnesses of the log"),
    Watched.CHECKS: lazy_gettext("Whether each day is checked"),
    Watched.RETENTION: lazy_gettext("Deleting what has become too old"),
    Watched.REQUESTS: lazy_gettext("Requests past their date"),
    Watched.STORES: lazy_gettext("Stores that cannot be reached"),
    Watched.PETITIONS: lazy_gettext("Petitions past the date of their answer"),
    Watched.DRAFTS: lazy_gettext("Drafts that wait for your signature"),
    Watched.RELEASES: lazy_gettext("Statistics that are due"),
    Watched.TALLIES: lazy_gettext("Days of which a device has not said what it sent"),
}
LINKS: Final = {
    Watched.INCIDENTS: ("officer_incidents.raised", lazy_gettext("To the incidents")),
    Watched.MISMATCHES: ("officer_reconciliation.officer", lazy_gettext("To the daily check")),
    Watched.STOPS: ("officer_stops.stops", lazy_gettext("To the stops")),
    Watched.ENDING: ("policy_desk.drafts", lazy_gettext("To the policies")),
    Watched.POLICY: ("policy_desk.drafts", lazy_gettext("To the policies")),
    Watched.RETENTION: ("watch.retention", lazy_gettext("To what was deleted by itself")),
    Watched.STORES: ("officer_stores.stores", lazy_gettext("To the stores")),
    Watched.PETITIONS: ("officer_petitions.answers", lazy_gettext("To the petitions")),
    Watched.DRAFTS: ("policy_desk.drafts", lazy_gettext("To the drafts")),
}
OPERATOR = lazy_gettext("Tell whoever runs Daylight here.")
OTHERS: Final = {
    Watched.SIGNING_FILE: lazy_gettext(
        "If a new release brought it, sign a trust document that names it. If none did, this server was changed: "
        "take the file that you kept, and tell whoever runs Daylight here."
    ),
    Watched.LOG: OPERATOR,
    Watched.WITNESS: OPERATOR,
    Watched.CHECKS: OPERATOR,
    Watched.REQUESTS: lazy_gettext("Ask HR: the requests stand on its desk, overdue ones first."),
    Watched.RELEASES: OPERATOR,
    Watched.TALLIES: lazy_gettext("Once it is on, it says so, and the day is checked again."),
}
"""What to do where this desk has no page for it."""


_WRONG: Final[dict[Watched, Callable[[int, str], str]]] = {
    Watched.INCIDENTS: lambda n, count: ngettext(
        "%(count)s incident that an employee raised waits for your answer.",
        "%(count)s incidents that employees raised wait for your answer.", n, count=count),
    Watched.MISMATCHES: lambda n, count: ngettext(
        "%(count)s mismatch of the daily check waits for your answer.",
        "%(count)s mismatches of the daily check wait for your answer.", n, count=count),
    Watched.STOPS: lambda n, count: ngettext(
        "%(count)s device has not said that it stopped.",
        "%(count)s devices have not said that they stopped.", n, count=count),
    Watched.ENDING: lambda n, count: ngettext(
        "%(count)s policy has ended or ends within two weeks without a successor.",
        "%(count)s policies have ended or end within two weeks without a successor.", n, count=count),
    Watched.POLICY: lambda n, count: ngettext(
        "%(count)s device refused its policy, sends what it does not permit, or has not applied it.",
        "%(count)s devices refused their policy, send what it does not permit, or have not applied it.",
        n, count=count),
    Watched.SIGNING_FILE: lambda _n, _count: gettext(
        "The signing file that this server offers is not the one that the trust document names."),
    Watched.LOG: lambda n, count: ngettext(
        "%(count)s entry waits for its place in the log.",
        "%(count)s entries wait for their place in the log.", n, count=count),
    Watched.WITNESS: lambda n, count: ngettext(
        "%(count)s witness does not take the checkpoints of the log.",
        "%(count)s witnesses do not take the checkpoints of the log.", n, count=count),
    Watched.CHECKS: lambda n, count: ngettext(
        "%(count)s day of one person should have been checked by now.",
        "%(count)s days of people should have been checked by now.", n, count=count),
    Watched.RETENTION: lambda n, count: ngettext(
        "Of %(count)s kind of data something is kept that is too old, or nobody has deleted it in time.",
        "Of %(count)s kinds of data something is kept that is too old, or nobody has deleted it in time.",
        n, count=count),
    Watched.REQUESTS: lambda n, count: ngettext(
        "%(count)s request is past the date of its answer.",
        "%(count)s requests are past the date of their answer.", n, count=count),
    Watched.STORES: lambda n, count: ngettext(
        "%(count)s store cannot be reached, and something is to be done in it.",
        "%(count)s stores cannot be reached, and something is to be done in them.", n, count=count),
    Watched.PETITIONS: lambda n, count: ngettext(
        "%(count)s petition should have been answered by the employer.",
        "%(count)s petitions should have been answered by the employer.", n, count=count),
    Watched.DRAFTS: lambda n, count: ngettext(
        "%(count)s draft waits for your signature.",
        "%(count)s drafts wait for your signature.", n, count=count),
    Watched.RELEASES: lambda _n, _count: gettext(
        "Statistics are due and were not released: nothing has shown yet that they give nobody away."),
    Watched.TALLIES: lambda n, count: ngettext(
        "Of %(count)s day of one person a device has not said what it sent.",
        "Of %(count)s days of people a device has not said what it sent.", n, count=count),
}  # fmt: skip


def wrong(name: Watched, found: int | None) -> str:
    """What is wrong, in a sentence. `found` None: a small number of people's days."""
    return _few(name) if found is None else str(_WRONG[name](found, format_number(found)))


def silent(name: Watched) -> str:
    """That nobody looked."""
    return str(gettext("Nobody has looked, so nobody knows: %(what)s.", what=NAMES[name]))


def _few(name: Watched) -> str:
    if name is Watched.CHECKS:
        return str(gettext("A few days, fewer than 10, should have been checked by now."))
    return str(gettext("Of a few days, fewer than 10, a device has not said what it sent."))
