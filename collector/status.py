"""What the collector is doing, as the person is told it: on the command line, in the indicator, in a file."""

from datetime import datetime
from typing import Any

from collector.agent import Agent
from collector.identity import Identity
from collector.permission import Reason

SENTENCES = {
    Reason.RECORDING: "Recording what your policy allows.",
    Reason.NO_POLICY: "Not recording: there is no policy yet.",
    Reason.NO_KEY: "Not recording: your key has not arrived yet.",
    Reason.NO_PERMIT: "Not recording: there is no permit from the server.",
    Reason.PERMIT_OVER: "Not recording: the permit ran out and the server has not renewed it.",
    Reason.NOT_IN_FORCE: "Not recording: the policy is not in force now.",
    Reason.HOURS: "Not recording: this is outside your recording hours.",
    Reason.STOPPED: "Not recording: recording is stopped for everyone.",
    Reason.PAUSED: "Not recording: you paused it in the portal.",
    Reason.PAUSED_HERE: "Not recording: you paused it on this device. `resume` ends that.",
}


def of_agent(agent: Agent) -> dict[str, Any]:
    """The state of a running collector, as JSON."""
    scope, permission = agent.permission.scope(), agent.permission
    pause = permission.local_pause
    return {
        "reason": scope.reason.value,
        "sentence": SENTENCES[scope.reason],
        "server_time": scope.now,
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
    }


def lines(identity: Identity, running: bool, status: dict[str, Any] | None) -> list[str]:  # noqa: FBT001
    """The status in plain text, for a terminal."""
    text = [f"Device:      {identity.name} ({identity.device})", f"Server:      {identity.server}"]
    if not running or status is None:
        return [*text, "The collector is not running. Nothing is recorded."]
    permitted = "; ".join(f"{kind} in {', '.join(names)}" for kind, names in sorted(status["permitted"].items()))
    refused = ", ".join(f"{count} {reason}" for reason, count in sorted(status["refused"].items()))
    return [
        *text,
        status["sentence"],
        f"May record:  {permitted or 'nothing'}",
        f"Now:         {_now(status)}",
        f"Connected:   {'yes' if status['connected'] else 'no'}",
        f"Policy:      version {status['policy_version'] or 'none'}",
        f"Sent:        {status['stored']} stored, refused: {refused or 'none'}",
        f"Waiting:     {status['waiting']} segments, {status['waiting_bytes']} bytes, {status['dropped']} dropped",
        *_pause(status),
    ]


def _now(status: dict[str, Any]) -> str:
    if status["context"]:
        return f"this window belongs to {status['context']}"
    return f"this window is not recorded ({status['not_recorded_because']})"


def _pause(status: dict[str, Any]) -> list[str]:
    if not status["paused_here"]:
        return []
    until = status["paused_here_until"]
    when = "until you resume" if until is None else f"until {datetime.fromtimestamp(until / 1000).astimezone():%H:%M}"
    return [f"Paused here: {when}"]
