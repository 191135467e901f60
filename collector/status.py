"""What the collector is doing, as the person is told it: on the command line, in the indicator, in a file."""

import re
import shlex
from collections.abc import Mapping
from datetime import datetime
from gettext import gettext, ngettext
from typing import Any

from collector.agent import Agent
from collector.contexts import Why
from collector.identity import Identity
from collector.language import marked
from collector.permission import Reason
from collector.refusals import SEGMENTS
from wire.documents import Kind

SENTENCES: Mapping[str, str] = {
    Reason.RECORDING: marked("Recording what your policy allows."),
    Reason.NO_POLICY: marked("Not recording: there is no policy yet."),
    Reason.NO_KEY: marked("Not recording: your key has not arrived yet."),
    Reason.NO_PERMIT: marked("Not recording: there is no permit from the server."),
    Reason.PERMIT_OVER: marked("Not recording: the permit ran out and the server has not renewed it."),
    Reason.NOT_IN_FORCE: marked("Not recording: the policy is not in force now."),
    Reason.ENDED: marked("Not recording: the policy has ended, and no other has come in its place."),
    Reason.HOURS: marked("Not recording: this is outside your recording hours."),
    Reason.STOPPED: marked("Not recording: a stop is in force that concerns you."),
    Reason.PAUSED: marked("Not recording: you paused it in the portal."),
    Reason.PAUSED_HERE: marked("Not recording: you paused it on this device. `resume` ends that."),
}
PLAIN = re.compile(r"\w[\w ./-]*")
NOTHING = marked("Not recording: the policy allows nothing on this device.")
WHY: Mapping[str, str] = {
    Why.NOT_LISTED: marked("your policy does not list it"),
    Why.UNKNOWN_PAGE: marked("the browser does not tell its page"),
    Why.PORTAL: marked("the portal and signing in are never recorded"),
    Why.PASSWORDS: marked("password managers are never recorded"),
    Why.PRIVATE: marked("private windows are never recorded"),
    Why.OTHER_USER: marked("it belongs to another user"),
    Why.EXCLUDED: marked("it is excluded"),
    Why.NO_WINDOW: marked("no window is active"),
}
KINDS: Mapping[str, str] = {
    Kind.POINTER: marked("pointer"),
    Kind.CLICK: marked("clicks"),
    Kind.KEY: marked("keys"),
    Kind.WINDOW: marked("window titles"),
    Kind.SCREENSHOT: marked("screenshots"),
    Kind.PROMPT: marked("questions to AI tools"),
}


def sentence(reason: str, *, permits: bool) -> str:
    """What the collector does, by its reason and whether anything may be recorded, in the person's language."""
    return gettext(_message(reason, permits=permits))


def of_agent(agent: Agent) -> dict[str, Any]:
    """The state of a running collector, as JSON: the same in every language."""
    scope, permission = agent.permission.scope(), agent.permission
    pause = permission.local_pause
    return {
        "reason": scope.reason.value,
        "sentence": _message(scope.reason, permits=bool(scope.permitted)),
        "server_time": scope.now,
        "clock_ahead_ms": permission.time.ahead,
        "connected": agent.connected,
        "policy_version": permission.policy.version if permission.policy else None,
        "policy": permission.policy_hash,
        "permitted": {kind.value: sorted(names) for kind, names in scope.permitted.items()},
        "context": agent.recorder.verdict.context,
        "not_recorded_because": agent.recorder.verdict.why,
        "paused_here_until": pause.until if pause else None,
        "paused_here": pause is not None,
        "directive": permission.directive.number if permission.directive else None,
        "last_seq": agent.sequence.last,
        "waiting": len(agent.spool),
        "waiting_bytes": agent.spool.size,
        "dropped": agent.spool.dropped,
        "stored": agent.totals.stored,
        "refused": dict(agent.totals.refused),
        "too_sensitive": agent.totals.too_sensitive,
        "unfit": agent.totals.unfit,
        "site": agent.identity.site,
        "site_told": permission.site_told,
        "sites_decide": any(key.site is not None for key in permission.trust.keys),
    }


def lines(identity: Identity, running: bool, status: dict[str, Any] | None) -> list[str]:  # noqa: FBT001
    """The status in plain text, for a terminal."""
    rows = [(gettext("Device"), f"{identity.name} ({identity.device})"), (gettext("Server"), identity.server)]
    rows += [(gettext("Site"), identity.site)] if identity.site else []
    if not running or status is None:
        return [*_aligned(rows), gettext("The collector is not running. Nothing is recorded.")]
    rows += [
        (gettext("May record"), _permitted(status["permitted"])),
        (gettext("Now"), _now(status)),
        (gettext("Connected"), gettext("yes") if status["connected"] else gettext("no")),
        *_clock(status.get("clock_ahead_ms", 0)),
        (gettext("Policy"), _policy(status["policy_version"])),
        (gettext("Sent"), _sent(status["stored"], status["refused"])),
        (gettext("Waiting"), _waiting(status)),
        *_pause(status),
    ]
    told, head = _aligned(rows), 3 if identity.site else 2
    told += _other_site(identity, status)
    reason, permits = status["reason"], bool(status["permitted"])
    # The running collector may be of another version.
    doing = sentence(reason, permits=permits) if reason in SENTENCES else status["sentence"]
    return [*told[:head], doing, *told[head:]]


def _other_site(identity: Identity, status: dict[str, Any]) -> list[str]:
    """That the device's site is not the one where the server says that its person works, and what to do if it is so."""
    said = status.get("site_told")  # a running collector may be of another version
    if not said or said == identity.site or not status.get("sites_decide"):
        return []
    mine = gettext("This device is told no site, and the server says that you work at %(site)s.")
    if identity.site:
        mine = gettext("This device's site is %(mine)s, and the server says that you work at %(site)s.")
    act = gettext("The device does not take the server's word. If it is so, stop the collector and run: %(command)s")
    # Every shell understands double quotes, and a plain name holds nothing that they let through.
    command = "python -m collector site " + (f'"{said}"' if PLAIN.fullmatch(said) else f"-- {shlex.quote(said)}")
    return [mine % {"mine": identity.site, "site": said}, act % {"command": command}]


def _message(reason: str, *, permits: bool) -> str:
    return NOTHING if reason == Reason.RECORDING and not permits else SENTENCES[reason]


def _aligned(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows) + 3
    return [f"{name}:".ljust(width) + value for name, value in rows]


def _permitted(permitted: Mapping[str, list[str]]) -> str:
    kinds = (
        gettext("%(kind)s in %(contexts)s") % {"kind": gettext(KINDS.get(kind, kind)), "contexts": ", ".join(names)}
        for kind, names in sorted(permitted.items())
    )
    return "; ".join(kinds) or gettext("nothing")


def _clock(ahead: int) -> list[tuple[str, str]]:
    """What to do where this machine's own clock is why nothing is recorded."""
    minutes = ahead // 60_000
    told = ngettext(
        "%(count)d minute ahead of the server's: nothing is recorded until you set this computer's clock right",
        "%(count)d minutes ahead of the server's: nothing is recorded until you set this computer's clock right",
        minutes,
    )
    return [(gettext("Clock"), told % {"count": minutes})] if minutes else []


def _policy(version: int | None) -> str:
    return gettext("none") if version is None else gettext("version %(number)d") % {"number": version}


def _now(status: dict[str, Any]) -> str:
    if status["context"]:
        return gettext("this window belongs to %(context)s") % {"context": status["context"]}
    why = str(status["not_recorded_because"])
    return gettext("this window is not recorded: %(why)s") % {"why": gettext(WHY.get(why, why))}


def _sent(stored: int, refused: Mapping[str, int]) -> str:
    reasons = ", ".join(f"{count} {gettext(SEGMENTS.get(reason, reason))}" for reason, count in sorted(refused.items()))
    told = gettext("%(count)d stored; refused: %(reasons)s")
    return told % {"count": stored, "reasons": reasons or "0"}


def _waiting(status: dict[str, Any]) -> str:
    count = status["waiting"]
    told = ngettext(
        "%(count)d segment, %(bytes)d bytes; %(dropped)d dropped",
        "%(count)d segments, %(bytes)d bytes; %(dropped)d dropped",
        count,
    )
    return told % {"count": count, "bytes": status["waiting_bytes"], "dropped": status["dropped"]}


def _pause(status: dict[str, Any]) -> list[tuple[str, str]]:
    if not status["paused_here"]:
        return []
    until = status["paused_here_until"]
    if until is None:
        return [(gettext("Paused here"), gettext("until you resume"))]
    moment = datetime.fromtimestamp(until / 1000).astimezone()
    return [(gettext("Paused here"), gettext("until %(time)s") % {"time": f"{moment:%H:%M}"})]
