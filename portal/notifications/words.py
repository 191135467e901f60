"""What was told, in the person's own words; made when shown, so that it follows the language chosen now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import format_date, format_time, gettext, lazy_gettext, ngettext

from portal.core.shell import tell_site
from portal.notifications.models import Notification


@dataclass(frozen=True)
class Told:
    """One thing told, as the page shows it. `link`: where to read more, or ''."""

    id: UUID
    text: str
    at: datetime
    tone: str
    link: str = ""


def told(row: Notification, labels: Mapping[str, str]) -> Told:
    """The notification in `row` in words; `labels`: context → its name."""
    return Told(
        row.id,
        _of_pause(row, labels) if row.kind == "pause_ends" else _text(row),
        row.created_at,
        "warning" if row.kind in {"mismatch", "reconciliation"} else "info",
        _link(row),
    )


def _text(row: Notification) -> str:
    if row.kind == "moved" and "site" in row.params:
        return _of_move(row)
    if row.kind in _PLAIN:
        return str(_PLAIN[row.kind])
    if row.kind in _REQUEST:
        return _of_request(row)
    if row.kind in _PETITION:
        return str(_PETITION[row.kind]) % {"title": row.params["title"]}
    if row.kind in _SHAPED:
        return _SHAPED[row.kind](row)
    match row.kind:
        case "hold_set":
            until = format_date(datetime.fromisoformat(str(row.params["until"])), "long")
            return str(
                gettext("HR has set a legal hold: some of your data cannot be deleted before %(day)s.", day=until)
            )
        case "check_answered":
            day = format_date(date.fromisoformat(str(row.params["day"])), "long")
            said = gettext(
                "The privacy officer says why something of %(day)s did not agree, and what was done.", day=day
            )
            return str(said)
        case "reconciliation":
            day = format_date(date.fromisoformat(str(row.params["day"])), "long")
            return str(gettext("The check of %(day)s found something about your data that does not agree.", day=day))
        case "export_ready":
            until = datetime.fromisoformat(str(row.params["until"]))
            return str(gettext("Your export is ready to download until %(day)s.", day=format_date(until, "long")))
    return str(gettext("Something concerning your data has happened."))


def _of_pause(row: Notification, labels: Mapping[str, str]) -> str:
    """When the pause ends, and what may be recorded again then."""
    said = row.params
    time, what = format_time(datetime.fromisoformat(said["at"]), "short"), _what(said, labels)
    if not what and not said["others"]:
        return str(gettext("Your pause ends at %(time)s. Recording starts again then.", time=time))
    if not what:
        text = gettext("Your pause ends at %(time)s. Recording starts again then; what else you paused stays paused.")
        return str(text) % {"time": time}
    text = gettext("A pause of yours ends at %(time)s. From then on this may be recorded again: %(what)s.")
    return str(text) % {"time": time, "what": what}


def _what(said: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """The kinds, apps and device of which a pause ends; '' for all."""
    if not (said["kinds"] or said["contexts"] or said["one_device"]):
        return ""
    words = ", ".join(str(word) for kind, word in _KINDS.items() if kind in said["kinds"]) or gettext("Everything")
    if said["contexts"]:
        words += f" {gettext('in')} " + ", ".join(labels.get(context, context) for context in said["contexts"])
    return f"{words}, {gettext('one device')}" if said["one_device"] else words


_KINDS = {
    "key": lazy_gettext("Keyboard"),
    "pointer": lazy_gettext("Mouse"),
    "click": lazy_gettext("Clicks"),
    "screenshot": lazy_gettext("Screenshots"),
    "window": lazy_gettext("Window titles"),
    "prompt": lazy_gettext("AI prompts"),
}

_REQUEST = {
    "request_sent": lazy_gettext("Request %(number)s was sent to HR for you."),
    "request_said": lazy_gettext("There is a message for you about request %(number)s."),
    "request_asked_back": lazy_gettext("HR asks you something about request %(number)s."),
    "request_answered": lazy_gettext("A question about request %(number)s was answered for you."),
    "request_extended": lazy_gettext("HR takes longer to answer request %(number)s, and says why."),
    "request_decided": lazy_gettext("HR has decided about request %(number)s."),
    "request_merged": lazy_gettext("HR joined request %(number)s with another of yours."),
    "request_withdrawn": lazy_gettext("Request %(number)s was withdrawn for you."),
    "request_appealed": lazy_gettext("An appeal about request %(number)s was sent for you."),
    "request_closed": lazy_gettext("Request %(number)s has ended. See what was done."),
    "request_lift_announced": lazy_gettext("HR is going to lift your freeze, request %(number)s. See why, and when."),
    "request_lift_called_off": lazy_gettext("HR does not lift your freeze, request %(number)s, after all."),
    "request_lifted": lazy_gettext("Your freeze, request %(number)s, is lifted: the data may be used again."),
    "request_retried": lazy_gettext(
        "Request %(number)s is taken up again: a store that refused it is tried once more."
    ),
    "request_reopened": lazy_gettext("Request %(number)s is taken up again: something that had to stay can go now."),
}

_PETITION = {
    "petition_threshold": lazy_gettext("The petition “%(title)s” is on the agenda of the works council."),
    "petition_employer": lazy_gettext("The employer must answer the petition “%(title)s” in writing."),
    "petition_discussed": lazy_gettext("The works council has dealt with the petition “%(title)s”."),
    "petition_answered": lazy_gettext("The employer has answered the petition “%(title)s”."),
    "petition_closed": lazy_gettext("The petition “%(title)s” has ended. See what came of it."),
    "petition_withdrawn": lazy_gettext("The petition “%(title)s” was withdrawn by its author."),
    "petition_rejected": lazy_gettext("The works council has rejected the petition “%(title)s”, and says why."),
}


def _of_address(row: Notification) -> str:
    """That it is another one now; or whose HR says that it was, and until when the person can object."""
    said = row.params
    if row.kind == "address_changed":
        return str(
            gettext(
                "Your mail address here is now %(address)s. Rows about you in other stores are looked for under it and "
                "under those before. If it is not yours, tell HR.",
                address=said["address"],
            )
        )
    days = (said["since"], said["until"])
    first, last = (format_date(date.fromisoformat(str(day)), "long") if day else "" for day in days)
    when = {
        (True, True): gettext("yours from %(first)s until before %(last)s", first=first, last=last),
        (True, False): gettext("yours from %(first)s on", first=first),
        (False, True): gettext("yours until before %(last)s", last=last),
        (False, False): gettext("yours all the time"),
    }[bool(first), bool(last)]
    return str(
        gettext(
            "Somebody else has or had the mail address %(address)s, too. HR says that it was %(when)s. From %(day)s "
            "on, rows under it in other stores are treated so. If that is wrong, tell HR before then.",
            address=said["address"],
            when=when if said["theirs"] else gettext("never yours"),
            day=format_date(datetime.fromisoformat(str(said["counts"])), "long"),
        )
    )


def _of_policy(row: Notification) -> str:
    """What begins when, and what the person can do about it."""
    begins = datetime.fromisoformat(str(row.params["begins"]))
    at = f"{format_date(begins, 'long')}, {format_time(begins, 'short')}"
    told = {"version": row.params["version"], "at": at}
    if row.params["wider"]:
        return str(
            gettext(
                "Policy %(version)s begins on %(at)s. It is wider than the one before; the works council has signed "
                "it. You can pause, opt out or object at any time, and what you opted out of stays out.",
                **told,
            )
        )
    return str(
        gettext("Policy %(version)s holds from %(at)s on. It captures nothing more than the one before.", **told)
    )


def _of_ended(row: Notification) -> str:
    """That a policy is over, and what holds instead."""
    version, follows = row.params["version"], row.params["follows"]
    if follows is None:
        return str(
            gettext("Policy %(version)s has ended, and no other is in its place: nothing is captured.", version=version)
        )
    told = {"version": version, "follows": follows}
    return str(gettext("Policy %(version)s has ended. Policy %(follows)s holds for you now. See what it says.", **told))


def _of_held(row: Notification) -> str:
    """How many of the items that the person deleted stay, and until when."""
    return str(
        ngettext(
            "A legal hold keeps %(num)s item that you deleted. You see it again; it is deleted when the hold ends.",
            "A legal hold keeps %(num)s items that you deleted. You see them again; they are deleted when the hold "
            "ends.",
            int(row.params["items"]),
        )
    )


_SHAPED = {
    "erasure_held": _of_held,
    "policy_published": _of_policy,
    "policy_ended": _of_ended,
    "address_changed": _of_address,
    "address_settled": _of_address,
}

_PLAIN = {
    "hold_released": lazy_gettext("HR has released a legal hold. What it kept from being deleted is deleted now."),
    "mismatch": lazy_gettext("The label of one of your items did not agree with its content. It has been noted."),
    "export_failed": lazy_gettext("Your export could not be made. Order it again."),
    "delegate_named": lazy_gettext("A colleague lets you act on requests for them."),
    "shown_named": lazy_gettext(
        "A colleague says that an item of theirs shows you. You can have it deleted or frozen."
    ),
    "incident_answered": lazy_gettext("The privacy officer has answered what you raised."),
    "left": lazy_gettext(
        "The company's directory says that you have left. Nothing is captured any more; these pages stay yours."
    ),
    "returned": lazy_gettext("The company's directory says that you work here again. Your devices may record again."),
    "moved": lazy_gettext(
        "The company's directory says that you work somewhere else now. What captures less there holds at once. A "
        "wider policy holds for you only 24 hours after this notice. You can pause, opt out or object at any time, and "
        "what you opted out of stays out. See which policy applies to you there, and what changes."
    ),
    "shown_closed": lazy_gettext("What you asked for about an item of somebody else has ended. See how."),
}
_LEADS_TO = {
    "erasure_held": "requests.deletions",
    "delegate_named": "delegates.people",
    "shown_named": "bystanders.shown",
    "shown_closed": "bystanders.shown",
    "incident_answered": "incidents.incidents",
    "moved": "policy.policy",
}


def _of_move(row: Notification) -> str:
    """Where councils of sites decide, a device that moves learns it from its person alone."""
    site, devices = str(row.params["site"]), ", ".join(row.params["devices"])
    words = gettext(
        "The company's directory says that you work at %(site)s now. A device learns that from you alone: on "
        "%(devices)s stop the collector, then run: %(command)s",
        site=site,
        devices=devices,
        command=tell_site(site),
    )
    return str(words)


def _of_request(row: Notification) -> str:
    if row.kind == "request_sent" and row.params.get("by") == "bystander":
        number = row.params["number"]
        return str(
            gettext("Somebody else whom an item of yours shows asks about it: request %(number)s.", number=number)
        )
    if row.kind == "request_withdrawn" and row.params.get("by") == "bystander":
        number = row.params["number"]
        return str(
            gettext(
                "Somebody whom an item of yours shows took back what they asked: request %(number)s.", number=number
            )
        )
    return str(_REQUEST[row.kind]) % {"number": row.params["number"]}


def _link(row: Notification) -> str:
    """Where to read more; '' where there is nothing more."""
    if row.kind in {"policy_published", "policy_ended"}:
        return url_for("policy.policy")
    if row.kind in {"reconciliation", "check_answered"}:
        return url_for("reconciliation.check", day=row.params["day"])
    if row.kind in _PETITION:
        return url_for("petitions.one", petition=row.params["petition"])
    if row.kind == "moved" and "site" in row.params:
        return url_for("agents.settings", _anchor="place")
    if row.kind in _LEADS_TO:
        return url_for(_LEADS_TO[row.kind])
    if row.kind not in _REQUEST:
        return ""
    return url_for("requests.one", request_id=row.params["request"])
