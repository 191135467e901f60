"""What the first page says: one true sentence from devices, pauses and policy."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from portal.agents.rules import ALLOWANCE, SILENCE, Ask, DeviceFacts, DeviceState, Progress, progress
from portal.core.clock import from_ms, to_ms
from portal.pauses import rules as pauses
from portal.stops.rules import Halt
from wire.documents import Kind, PauseSpan

ENDS_SOON = timedelta(minutes=10)
NOT_REACHED_AFTER = timedelta(seconds=5)
FRESH_PAUSE = timedelta(minutes=15)
JUST_NOW_MS = 10_000
LEASES_OVER_MS = 10 * pauses.MINUTE_MS
"""So long after a pause no lease from before it is good any more."""

LOOK_BACK_MS = 2 * pauses.DAY_MS
"""So far back one looks for where a pause began that another one continues, and for one that is over."""


@dataclass(frozen=True)
class Bar:
    """The pill in the bar; `until` None with status paused: opted out. `halt`: the oldest stop for all in force."""

    status: str
    recording: int
    until: datetime | None
    can_resume: bool
    halt: Halt | None = None


@dataclass(frozen=True)
class Whole:
    """The pause of everything that holds now: what devices answer to, until when (None: opted out)."""

    ask: Ask
    until: datetime | None


@dataclass(frozen=True)
class Part:
    """A pause of some kinds, contexts or one device that holds now, and how it reached each device it concerns."""

    id: UUID
    kinds: tuple[Kind, ...]
    contexts: tuple[str, ...]
    device_id: UUID | None
    until: datetime | None
    ask: Ask
    device: str = ""
    steps: "tuple[tuple[str, PauseSteps], ...]" = ()
    pending: bool = False
    delete_url: str = ""

    def named(self, labels: dict[str, str]) -> "Part":
        """The same with the names of contexts for their ids."""
        return replace(self, contexts=tuple(labels.get(context, context) for context in self.contexts))


@dataclass(frozen=True)
class PauseSteps:
    """How a pause reached one device, in seconds since it was asked for; none where that is not known."""

    asked_at: datetime
    received: bool
    received_after: float | None
    stopped: bool
    stopped_after: float | None
    waited: float
    stops_by: datetime | None


@dataclass(frozen=True)
class DeviceLine:
    """One device as the page lists it; `by` only while it has not stopped."""

    id: UUID
    name: str
    status: str
    since: datetime | None
    observer: bool
    policy_version: int | None
    pause: PauseSteps | None
    note: str = ""

    @property
    def pending(self) -> bool:
        """Whether the page should keep asking."""
        return self.status == DeviceState.STOPPING


def whole_pause(asked: list[pauses.Pause], now: datetime) -> Whole | None:
    """The joined pause of everything that holds at `now`; overlapping and touching ones count as one."""
    at, everything = to_ms(now), pauses.of_everything(asked)
    holding = {span.pause: span for span in pauses.active(everything, at)}
    if not holding:
        return None
    start, end = next((start, end) for start, end in _joined(everything, at) if _holds(start, end, at))
    first = min((pause for pause in everything if pause.id in holding), key=lambda pause: pause.number)
    ask = Ask(first.number, from_ms(holding[first.id].starts), from_ms(start))
    return Whole(ask, None if end is None else from_ms(end))


def just_over(asked: list[pauses.Pause], now: datetime) -> tuple[Ask, datetime] | None:
    """The pause of everything that ended some minutes ago at most, with its end; None while one holds."""
    at, everything = to_ms(now), pauses.of_everything(asked)
    if pauses.active(everything, at):
        return None
    joined = _joined(everything, at)
    over = [(start, end) for start, end in joined if end is not None and at - LEASES_OVER_MS < end <= at]
    if not over:
        return None
    start, end = over[-1]
    within = {span.pause for span in pauses.spans(everything, start, end)}
    number = min(pause.number for pause in everything if pause.id in within)
    return Ask(number, from_ms(start), from_ms(start)), from_ms(end)


def _joined(everything: list[pauses.Pause], at: int) -> tuple[tuple[int, int | None], ...]:
    joined = pauses.joined(pauses.spans(everything, at - LOOK_BACK_MS, at + pauses.HORIZON_MS))
    return next(iter(joined.values()), ())


def _holds(start: int, end: int | None, at: int) -> bool:
    return start <= at and (end is None or at < end)


def parts(asked: list[pauses.Pause], now: datetime) -> list[Part]:
    """The pauses of a part that hold at `now`, without names and steps."""
    numbers = {pause.id: pause.number for pause in asked}
    return [
        _part(span, numbers[span.pause])
        for span in pauses.active(asked, to_ms(now))
        if not (span.kinds is None and span.contexts is None and span.device is None)
    ]


def _part(span: PauseSpan, number: int) -> Part:
    began = from_ms(span.starts)
    return Part(
        id=span.pause,
        kinds=span.kinds or (),
        contexts=span.contexts or (),
        device_id=span.device,
        until=None if span.ends is None else from_ms(span.ends),
        ask=Ask(number, began, began),
    )


def reached(part: Part, facts: list[DeviceFacts], now: datetime) -> Part:
    """The part with how it reached the devices that it concerns; those that record nothing anyway are left out."""
    concerned = [fact for fact in facts if fact.uploads and part.device_id in {None, fact.id}]
    lines = [_line(progress(fact, part.ask, now), now) for fact in concerned]
    return replace(
        part,
        device=next((fact.name for fact in facts if fact.id == part.device_id), ""),
        steps=tuple((line.name, line.pause) for line in lines if line.pause is not None),
        pending=any(line.status == DeviceState.STOPPING for line in lines),
    )


def waiting(facts: list[DeviceFacts], over: tuple[Ask, datetime] | None) -> list[DeviceFacts]:
    """The devices, without the lease from before a pause where they stopped for it: they begin with the next one."""
    if over is None:
        return facts
    ask, end = over
    return [
        replace(fact, lease_until=None)
        if fact.answers.get(ask, SILENCE).stopped and fact.lease_from and fact.lease_from < end - ALLOWANCE
        else fact
        for fact in facts
    ]


def device_lines(
    facts: list[DeviceFacts], whole: Whole | None, now: datetime, halts: list[Halt] | None = None
) -> list[DeviceLine]:
    """Each device with where it stands on its way to the pause or the stops that hold, if any does."""
    lines = [_line(progress(fact, whole.ask if whole else None, now), now) for fact in facts]
    return [_halted(line, fact, halts, now) for line, fact in zip(lines, facts, strict=True)] if halts else lines


def _halted(line: DeviceLine, fact: DeviceFacts, halts: list[Halt], now: datetime) -> DeviceLine:
    """The same under stops for all: it has said that it stopped, or its permit is over, or it is on the way."""
    if line.observer or line.status == "off":
        return line
    if any(line.id in halt.answered for halt in halts) or not fact.permitted:
        return replace(line, status="stopped")
    over = fact.lease_until is None or fact.lease_until <= now
    return replace(line, status="off" if over else "stopping")


def _line(device: Progress, now: datetime) -> DeviceLine:
    steps = None
    if device.asked_at and device.state in (DeviceState.STOPPING, DeviceState.PAUSED):
        waited = (now - device.asked_at).total_seconds()
        late = device.received_at is None and not device.stopped and waited > NOT_REACHED_AFTER.total_seconds()
        steps = PauseSteps(
            asked_at=device.asked_at,
            received=device.received,
            received_after=_after(device.asked_at, device.received_at),
            stopped=device.stopped,
            stopped_after=_after(device.asked_at, device.stopped_at),
            waited=waited,
            stops_by=device.by if late else None,
        )
    return DeviceLine(
        id=device.device,
        name=device.name,
        status="off" if device.state is DeviceState.OBSERVER else device.state.value,
        since=device.last_seen_at if device.state is DeviceState.OFF else None,
        observer=device.state is DeviceState.OBSERVER,
        policy_version=device.policy_version if device.state is not DeviceState.OFF else None,
        pause=steps,
    )


def _after(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else max((end - start).total_seconds(), 0.0)


def bar(devices: list[DeviceLine], whole: Whole | None, halts: list[Halt] | None = None) -> Bar:
    """The state of all devices together, as the pill says it."""
    recording = sum(device.status == "recording" for device in devices)
    if any(device.status == "stopping" for device in devices):
        status = "stopping"
    elif halts:
        status = "stopped"
    elif whole:
        status = "paused"
    else:
        status = "recording" if recording else "off"
    until = whole.until if whole else None
    return Bar(status, recording, until, can_resume=whole is not None, halt=halts[0] if halts else None)


def resuming(asked: list[pauses.Pause], devices: list[DeviceLine], now: datetime) -> bool:
    """Whether a pause of everything is just over and no device has its next permit yet: it comes within a moment."""
    at = to_ms(now)
    over = [span for span in pauses.spans(asked, at - JUST_NOW_MS, at) if span.ends is not None and span.ends <= at]
    everything = any(span.kinds is None and span.contexts is None and span.device is None for span in over)
    waiting = {device.status for device in devices if not device.observer}
    return everything and bool(waiting) and "recording" not in waiting


def ends_in(whole: Whole | None, now: datetime) -> int | None:
    """Seconds until recording starts again, in the last ten minutes of a pause only."""
    if whole is None or whole.until is None or whole.until - now > ENDS_SOON:
        return None
    return int((whole.until - now).total_seconds())


ORDER = (Kind.KEY, Kind.POINTER, Kind.CLICK, Kind.SCREENSHOT, Kind.WINDOW, Kind.PROMPT)


def permitted_now(facts: list[DeviceFacts], now: datetime) -> dict[str, tuple[str, ...]]:
    """Kind → contexts that at least one device may capture at `now`, in the order in which pages name them."""
    live = [fact.permitted for fact in facts if fact.lease_until and fact.lease_until > now]
    found = {kind: sorted({context for one in live for context in one.get(kind, ())}) for kind in ORDER}
    return {str(kind): tuple(contexts) for kind, contexts in found.items() if contexts}
