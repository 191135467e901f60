"""Names of places, items and reasons in words."""

from datetime import timedelta
from typing import Final

from babel.numbers import format_compact_decimal
from flask_babel import format_date, format_number, get_locale, gettext, lazy_gettext, ngettext

from portal.council.models import Paper, What
from portal.council.queries import Told
from portal.council.rules import Change
from portal.incidents.words import WHAT as ABOUT
from portal.reconciliation.words import what as sort_of_mismatch
from portal.releases.contributions import WHOLE
from portal.releases.items import OTHER
from portal.releases.models import Release
from portal.releases.panels import Why
from portal.releases.periods import Span
from portal.releases.places import Level, Place
from portal.requests.words import TYPES

MS_PER_HOUR: Final = 3_600_000
LEAST_SHARE, MOST_SHARE = 5, 95
ITEMS: Final = {
    "people": lazy_gettext("People counted"),
    "share.captured": lazy_gettext("Captured at least once"),
    "share.paused": lazy_gettext("Paused at least once"),
    "share.opted_out": lazy_gettext("Opted out at the end"),
    "hours": lazy_gettext("Hours captured"),
    "items": lazy_gettext("Items captured"),
    "pauses": lazy_gettext("Pauses begun"),
    "refused": lazy_gettext("Refused uploads"),
    "requests": lazy_gettext("Requests received"),
    "looks": lazy_gettext("Looks at people's data"),
    "effect": lazy_gettext("Pauses that a device confirmed"),
    "mismatches": lazy_gettext("Found not to agree by the daily check"),
    "incidents": lazy_gettext("Incidents raised"),
}
WAYS: Final = {
    "items.kind": lazy_gettext("Items by kind"),
    "items.sensitivity": lazy_gettext("Items by sensitivity"),
    "items.context": lazy_gettext("Items by app or site"),
    "pauses.length": lazy_gettext("Pauses by length"),
    "requests.type": lazy_gettext("Requests by type"),
    "requests.state": lazy_gettext("Requests by state on the day of the release"),
    "requests.decided": lazy_gettext("Requests by time to the decision"),
    "looks.role": lazy_gettext("Looks by who looked"),
    "looks.purpose": lazy_gettext("Looks by purpose"),
    "effect.time": lazy_gettext("Pauses by time until the first device had stopped"),
    "mismatches.sort": lazy_gettext("What did not agree"),
    "incidents.about": lazy_gettext("Incidents by what is wrong"),
    "incidents.answer": lazy_gettext("Incidents by answer on the day of the release"),
}
PARTS: Final = {
    "kind.key": lazy_gettext("Keyboard"),
    "kind.pointer": lazy_gettext("Mouse"),
    "kind.click": lazy_gettext("Clicks"),
    "kind.screenshot": lazy_gettext("Screenshots"),
    "kind.window": lazy_gettext("Window titles"),
    "kind.prompt": lazy_gettext("AI prompts"),
    "sensitivity.1": lazy_gettext("1 · routine"),
    "sensitivity.2": lazy_gettext("2 · internal"),
    "sensitivity.3": lazy_gettext("3 · confidential"),
    "sensitivity.4": lazy_gettext("4 · special category"),
    "length.30m": lazy_gettext("up to 30 minutes"),
    "length.1h": lazy_gettext("up to 1 hour"),
    "length.1d": lazy_gettext("up to 1 day"),
    "length.longer": lazy_gettext("longer than a day"),
    "length.open": lazy_gettext("each week, or without an end"),
    "state.open": lazy_gettext("open"),
    "state.asked_back": lazy_gettext("waits for the person"),
    "state.approved": lazy_gettext("approved"),
    "state.running": lazy_gettext("being carried out"),
    "state.done": lazy_gettext("done"),
    "state.partial": lazy_gettext("done in part"),
    "state.refused": lazy_gettext("refused"),
    "state.withdrawn": lazy_gettext("withdrawn"),
    "state.lifted": lazy_gettext("freeze ended"),
    "state.merged": lazy_gettext("merged with another"),
    "decided.7d": lazy_gettext("within 7 days"),
    "decided.14d": lazy_gettext("within 14 days"),
    "decided.30d": lazy_gettext("within 30 days"),
    "decided.longer": lazy_gettext("after more than 30 days"),
    "decided.waits": lazy_gettext("not decided yet"),
    "role.own": lazy_gettext("the person"),
    "role.hr": lazy_gettext("HR"),
    "role.works_council": lazy_gettext("the works council"),
    "role.privacy_officer": lazy_gettext("the privacy officer"),
    "role.other": lazy_gettext("somebody else"),
    "purpose.own_view": lazy_gettext("opening what is one's own"),
    "purpose.search": lazy_gettext("searching"),
    "purpose.export": lazy_gettext("making an export"),
    "purpose.export_download": lazy_gettext("downloading an export"),
    "purpose.other": lazy_gettext("an approved purpose"),
    "time.1s": lazy_gettext("within 1 second"),
    "time.10s": lazy_gettext("within 10 seconds"),
    "time.2m": lazy_gettext("within 2 minutes"),
    "time.longer": lazy_gettext("later"),
    "answer.answered": lazy_gettext("answered"),
    "answer.waits": lazy_gettext("waits for an answer"),
    "answer.withdrawn": lazy_gettext("withdrawn"),
}
WHAT: Final = {
    What.ROOM: lazy_gettext("Evidence room"),
    What.RELEASE: lazy_gettext("Report"),
    What.FILE: lazy_gettext("Report as a file"),
    What.DOCUMENT: lazy_gettext("Paper"),
    What.POLICY: lazy_gettext("Policy"),
    What.LOOKS: lazy_gettext("Who looked"),
    What.EXPERTS: lazy_gettext("Experts"),
    What.GROUPS: lazy_gettext("Smallest group"),
    What.INCIDENTS: lazy_gettext("Incidents"),
    What.CHECK: lazy_gettext("The daily check"),
}
PAPERS: Final = {
    Paper.MINUTES: lazy_gettext("Minutes"),
    Paper.AGENDA: lazy_gettext("Agenda"),
    Paper.IMPACT: lazy_gettext("Impact assessment"),
    Paper.INCIDENT: lazy_gettext("Incident"),
}
LEVELS: Final = {
    Level.COMPANY: lazy_gettext("Company"),
    Level.COUNTRY: lazy_gettext("Country"),
    Level.SITE: lazy_gettext("Site"),
    Level.DEPARTMENT: lazy_gettext("Department"),
}
HEADLINES: Final = {
    (Change.MORE, Change.MORE): lazy_gettext("More people were captured, and more paused."),
    (Change.MORE, Change.FEWER): lazy_gettext("More people were captured, fewer paused."),
    (Change.MORE, Change.SAME): lazy_gettext("More people were captured."),
    (Change.FEWER, Change.MORE): lazy_gettext("Fewer people were captured, more paused."),
    (Change.FEWER, Change.FEWER): lazy_gettext("Fewer people were captured, and fewer paused."),
    (Change.FEWER, Change.SAME): lazy_gettext("Fewer people were captured."),
    (Change.SAME, Change.MORE): lazy_gettext(
        "More people paused; how many were captured is in the same step as before."
    ),
    (Change.SAME, Change.FEWER): lazy_gettext(
        "Fewer people paused; how many were captured is in the same step as before."
    ),
    (Change.SAME, Change.SAME): lazy_gettext(
        "How many people were captured, and how many paused, is in the same steps as before."
    ),
}


def item(name: str, contexts: dict[str, str]) -> str:
    """An item, or a part of one, in words."""
    if name in ITEMS:
        return str(ITEMS[name])
    _, way, part = name.split(".", 2)
    if way == "context":
        return str(gettext("all others")) if part == OTHER else contexts.get(part, part)
    if way == "type":
        return next((str(told.name) for kind, told in TYPES.items() if kind == part), part)
    if way == "sort":
        return sort_of_mismatch(part)
    if way == "about":
        return next((str(told) for what, told in ABOUT.items() if what == part), part)
    return str(PARTS.get(f"{way}.{part}", part))


def place(of: Place) -> str:
    """A cell's name."""
    match of.level:
        case Level.COMPANY:
            return str(gettext("The whole company"))
        case Level.COUNTRY:
            return of.country or gettext("no country stated")
        case Level.SITE:
            return of.site or gettext("no site stated")
    return of.department or gettext("no department stated")


def full(of: Place) -> str:
    """A cell's name where its site is not said beside it."""
    site = place(Place(Level.SITE, site=of.site))
    return f"{site} · {place(of)}" if of.level is Level.DEPARTMENT else place(of)


def title(release: Release) -> str:
    """Which week or month."""
    first, last = release.starts_on, release.ends_on - timedelta(days=1)
    days = {"first": format_date(first, "d MMM"), "last": format_date(last, "d MMM yyyy")}
    if release.span == Span.WEEK:
        return str(gettext("Week %(number)s, %(first)s to %(last)s", number=first.isocalendar().week, **days))
    return str(gettext("%(month)s, %(first)s to %(last)s", month=format_date(first, "LLLL yyyy"), **days))


def short(release: Release) -> str:
    """Which week or month, under a column."""
    if release.span == Span.WEEK:
        return str(gettext("W%(number)s", number=release.starts_on.isocalendar().week))
    return str(format_date(release.starts_on, "LLL"))


def value(name: str, amount: int, step: int | None = None) -> str:
    """A value with its unit; `step`: how wide a share's step is."""
    if name.startswith("share."):
        return share(amount, step)
    if name == "hours":
        return str(gettext("%(hours)s h", hours=format_number(round(amount / MS_PER_HOUR))))
    return str(format_number(amount))


def brief(name: str, value: int, step: int | None = None) -> str:
    """A value in few characters, above its column."""
    if name.startswith("share."):
        return str(gettext("%(share)s %%", share=f"{value}-{value + step}" if step else value))
    return format_compact_decimal(value // MS_PER_HOUR if name == "hours" else value, locale=get_locale())


def share(value: int, step: int | None) -> str:
    """Percent, as the step that begins at `value`; without one rounded to 5, with both ends open."""
    if step is not None:
        low, high = {"low": value}, {"high": value + step}
        if not value:
            return str(gettext("under %(high)s %%", **high))
        if value + step >= WHOLE:
            return str(gettext("%(low)s %% or more", **low))
        return str(gettext("%(low)s to under %(high)s %%", **low | high))
    if value <= LEAST_SHARE:
        return str(gettext("5 % or less"))
    if value >= MOST_SHARE:
        return str(gettext("95 % or more"))
    return str(gettext("%(share)s %%", share=value))


def hidden(told: Told, k: int) -> str:
    """Why nothing is shown, in a release of this k."""
    match told.why:
        case Why.SMALL:
            return str(gettext("hidden: fewer than %(k)s people", k=k))
        case Why.CHANGED:
            return str(gettext("hidden: too few people came or went since it was shown"))
        case Why.FEW:
            few = gettext(
                "hidden: fewer than %(k)s people, most of it by one or two, or it would give another away", k=k
            )
            return str(few)
        case Why.SHARE:
            return str(gettext("hidden: too few people for a share"))
        case Why.WITHDRAWN:
            return str(gettext("taken back: it told too much of so few people"))
        case Why.PART:
            return str(gettext("hidden: one of its weeks is hidden"))
    if told.because:
        return str(gettext("hidden: it would reveal %(place)s", place=told.because))
    return str(gettext("hidden: with others it would reveal a small group"))


def reader(count: int) -> str:
    """How many places are hidden."""
    if not count:
        return str(gettext("no place is hidden"))
    return str(ngettext("%(num)s place is hidden", "%(num)s places are hidden", count))
