"""What the desk says in words: scopes, states, events, steps."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from flask_babel import format_date, format_datetime, gettext, lazy_gettext, ngettext

from portal.deletion import words as parts
from portal.deletion.models import StepAction
from portal.deletion.shown import StepShown
from portal.hr.rules import INSTANT, Tone
from portal.requests.models import Request, RequestEvent
from portal.requests.rules import EventKind, Outcome, RequestState, RequestType, Role

TYPES: Final = {
    RequestType.ACCESS: lazy_gettext("Access"),
    RequestType.ERASE: lazy_gettext("Delete"),
    RequestType.RECTIFY: lazy_gettext("Correct"),
    RequestType.RESTRICT: lazy_gettext("Freeze"),
    RequestType.OBJECT: lazy_gettext("Object"),
    RequestType.PORT: lazy_gettext("Take along"),
    RequestType.REVIEW: lazy_gettext("Human review"),
}
STATES: Final = {
    RequestState.OPEN: lazy_gettext("open"),
    RequestState.ASKED_BACK: lazy_gettext("asked back"),
    RequestState.APPROVED: lazy_gettext("approved"),
    RequestState.RUNNING: lazy_gettext("being carried out"),
    RequestState.DONE: lazy_gettext("done"),
    RequestState.PARTIAL: lazy_gettext("partly done"),
    RequestState.REFUSED: lazy_gettext("refused"),
    RequestState.WITHDRAWN: lazy_gettext("withdrawn"),
    RequestState.LIFTED: lazy_gettext("lifted"),
    RequestState.MERGED: lazy_gettext("merged"),
}
KINDS: Final = {
    "key": lazy_gettext("Keyboard"),
    "pointer": lazy_gettext("Mouse"),
    "click": lazy_gettext("Clicks"),
    "screenshot": lazy_gettext("Screenshots"),
    "window": lazy_gettext("Window titles"),
    "prompt": lazy_gettext("AI prompts"),
}
TONES: Final = {
    Tone.OVER: lazy_gettext("overdue"),
    Tone.RISK: lazy_gettext("due soon"),
    Tone.STANDS: lazy_gettext("clock stands"),
    Tone.CALM: lazy_gettext("in time"),
}
OUTCOMES: Final = {
    Outcome.APPROVE: lazy_gettext("Approve"),
    Outcome.PARTIAL: lazy_gettext("Approve in part"),
    Outcome.REFUSE: lazy_gettext("Refuse"),
}
NOTED: Final = {
    "identity": lazy_gettext("Identity checked"),
    "task": lazy_gettext("Task given"),
    "task_chased": lazy_gettext("Reminded"),
    "task_done": lazy_gettext("Task done"),
    "held": lazy_gettext("Hold set"),
}


def store(name: str) -> str:
    """The name of a store; Daylight's own in words."""
    return parts.store(name)


def kind(slug: str | None) -> str:
    """A kind in words; other stores may have kinds of their own."""
    return str(KINDS.get(slug, slug)) if slug else ""


def about(request: Request, labels: Mapping[str, str]) -> str:
    """What a request is about, in a line: time, kinds, apps, sensitivity, or single items."""
    parts = []
    if request.segments:
        parts.append(ngettext("%(num)s item", "%(num)s items", len(request.segments)))
    if request.starts_at and request.ends_at:
        parts.append(span(request.starts_at, request.ends_at))
    parts += [kind(one) for one in request.kinds or ()]
    parts += [labels.get(context, gettext("an app no policy names any more")) for context in request.contexts or ()]
    if request.sensitivities:
        levels = ", ".join(str(level) for level in sorted(request.sensitivities))
        parts.append(gettext("sensitivity %(levels)s", levels=levels))
    return ", ".join(str(part) for part in parts) or str(gettext("Everything"))


def span(starts: datetime, ends: datetime) -> str:
    """A stretch of time, by days where it is long."""
    if (ends - starts).days >= 1:
        return _between(format_date(starts, "medium"), format_date(ends - INSTANT, "medium"))
    return _between(format_datetime(starts, "short"), format_datetime(ends, "short"))


def _between(one: str, other: str) -> str:
    return f"{one} \N{EN DASH} {other}"


def days(left: int, tone: Tone) -> str:
    """What is left of the clock: "2 days over", "3 days", "today"."""
    if tone is Tone.OVER:
        if left >= 0:
            return str(gettext("over since today"))
        return str(ngettext("%(num)s day over", "%(num)s days over", -left))
    if tone is Tone.STANDS:
        return str(ngettext("stands, %(num)s day left", "stands, %(num)s days left", left))
    return str(ngettext("%(num)s day", "%(num)s days", left)) if left else str(gettext("today"))


def happened(event: RequestEvent) -> str:
    """What an event was, in a few words."""
    kind_ = EventKind(event.kind)
    if kind_ is EventKind.NOTED:
        return str(NOTED.get(event.params.get("what", ""), gettext("Noted")))
    if kind_ is EventKind.DECIDED:
        return str(gettext("Decided: %(outcome)s", outcome=OUTCOMES[Outcome(event.params["outcome"])]))
    if kind_ is EventKind.MERGED:
        return str(gettext("Merged into #%(number)s", number=event.params["into"]))
    if kind_ is EventKind.ABSORBED:
        return str(gettext("#%(number)s was merged into this", number=event.params["absorbed"]))
    if kind_ is EventKind.RETRIED:
        return str(gettext("Tried again: %(store)s", store=event.params.get("store", "")))
    if kind_ is EventKind.CLOSED:
        return str(gettext("Ended: %(state)s", state=STATES[RequestState(event.params["state"])]))
    return str(HAPPENED[kind_])


HAPPENED: Final = {
    EventKind.SENT: lazy_gettext("Received"),
    EventKind.SAID: lazy_gettext("Message"),
    EventKind.ASKED_BACK: lazy_gettext("Asked back"),
    EventKind.ANSWERED: lazy_gettext("Answered"),
    EventKind.EXTENDED: lazy_gettext("Extended"),
    EventKind.ASSIGNED: lazy_gettext("Given to somebody"),
    EventKind.PROPOSED: lazy_gettext("Decision proposed"),
    EventKind.REJECTED: lazy_gettext("Proposal sent back"),
    EventKind.WITHDRAWN: lazy_gettext("Withdrawn"),
    EventKind.APPEALED: lazy_gettext("Appealed"),
    EventKind.STARTED: lazy_gettext("Carrying out began"),
    EventKind.REOPENED: lazy_gettext("Opened again"),
    EventKind.LIFT_PROPOSED: lazy_gettext("Lifting proposed"),
    EventKind.LIFT_REJECTED: lazy_gettext("Lifting sent back"),
    EventKind.LIFT_ANNOUNCED: lazy_gettext("Lifting announced to the person"),
    EventKind.LIFT_CALLED_OFF: lazy_gettext("Lifting called off"),
    EventKind.LIFTED: lazy_gettext("Lifted"),
}


def actor(event: RequestEvent) -> str:
    """Who did it, as it was then."""
    if event.actor_role == Role.WORKER:
        return str(gettext("Daylight"))
    if event.actor_role == Role.EMPLOYEE:
        return str(gettext("the person"))
    if event.actor_role == Role.DELEGATE:
        return str(gettext("the person's delegate"))
    return event.actor_name or str(gettext("HR"))


def step_reason(part: StepShown) -> str:
    """Why a step is not done: what is known, without a word of content."""
    said = []
    if part.held and part.action != StepAction.ERASE:
        said.append(
            ngettext("%(num)s row stays for another freeze.", "%(num)s rows stay for another freeze.", part.held)
        )
    elif part.held:
        said.append(ngettext("A hold keeps %(num)s item.", "A hold keeps %(num)s items.", part.held))
    if part.remaining:
        said.append(ngettext("%(num)s row was still found.", "%(num)s rows were still found.", part.remaining))
    return " ".join(str(one) for one in [*said, part.reason] if one)


def left_out() -> str:
    """What can be left out of a copy for somebody who has left."""
    return str(
        gettext(
            "From a copy for somebody who has left, only whole kinds can be left out, each of them in every store "
            "where it lies. A store that tells no kinds cannot be left out: approve all of it, or refuse."
        )
    )
