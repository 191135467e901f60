"""Pauses made on this device: they need no server, outlive restarts and reboots, and are never shortened by a clock."""

from dataclasses import dataclass, replace
from gettext import gettext

from collector.clock import Clock
from wire import codec


@dataclass(frozen=True)
class LocalPause:
    """A pause of this device. `duration`: ms, None without end. `until`: server time (ms), once that is known."""

    boot: str
    started: int
    duration: int | None
    until: int | None


def begin(clock: Clock, minutes: int | None, server_now: int | None) -> LocalPause:
    """A pause from now on. Raises ValueError unless `minutes` is None or at least 1."""
    if minutes is not None and minutes < 1:
        raise ValueError(gettext("a pause lasts a minute at least."))
    duration = None if minutes is None else minutes * 60_000
    until = None if duration is None or server_now is None else server_now + duration
    return LocalPause(clock.boot_id(), clock.boot_ms(), duration, until)


def settle(pause: LocalPause, clock: Clock, server_now: int) -> LocalPause:
    """The same pause with its end in server time. After a reboot nobody knows how long it lasted: it starts anew."""
    if pause.duration is None or pause.until is not None:
        return pause
    elapsed = clock.boot_ms() - pause.started if pause.boot == clock.boot_id() else 0
    return replace(pause, until=server_now + max(pause.duration - max(elapsed, 0), 0))


def over(pause: LocalPause, server_now: int) -> bool:
    """Whether the pause has ended at `server_now`."""
    return pause.until is not None and server_now >= pause.until


def longer(old: LocalPause | None, new: LocalPause) -> LocalPause:
    """Of two pauses the one that ends later; the new one if that cannot be told."""
    if old is None or new.duration is None:
        return new
    if old.duration is None:
        return old
    if old.until is not None and new.until is not None:
        return old if old.until >= new.until else new
    same_boot = old.boot == new.boot
    return old if same_boot and old.started + old.duration >= new.started + new.duration else new


def to_json(pause: LocalPause | None) -> object:
    """The form in which a pause lies on disk."""
    return None if pause is None else codec.to_value(pause)


def from_json(value: object, clock: Clock) -> LocalPause | None:
    """The pause read from disk. Something unreadable is taken as a pause without end: the stricter reading."""
    if value is None:
        return None
    try:
        return codec.from_value(LocalPause, value)
    except codec.DocumentError:
        return begin(clock, None, None)
