"""The clock that leases are measured with: it counts through suspend and does not follow the wall clock."""

import ctypes
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

MS = 1_000_000
TICKS_PER_MS = 10_000


class Clock(Protocol):
    """Milliseconds since some moment of this boot, and the boot's name."""

    def boot_ms(self) -> int: ...

    def boot_id(self) -> str: ...

    def wall_ms(self) -> int: ...


def _linux_ms() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // MS


def _darwin_ms() -> int:
    # CLOCK_MONOTONIC of macOS is mach_continuous_time, which counts while the machine sleeps.
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // MS


def _windows_ms() -> int:
    ticks = ctypes.c_ulonglong()
    library = ctypes.CDLL("kernel32")
    library.QueryInterruptTimePrecise(ctypes.byref(ticks))
    return ticks.value // TICKS_PER_MS


_SOURCES: dict[str, Callable[[], int]] = {"linux": _linux_ms, "darwin": _darwin_ms, "win32": _windows_ms}
_LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_ANOTHER_BOOT = uuid.uuid4().hex


class SystemClock:
    """The machine's clock. A system without a boot clock is refused."""

    def __init__(self) -> None:
        if sys.platform not in _SOURCES:
            raise OSError(f"no boot clock is known for {sys.platform}")
        self._source = _SOURCES[sys.platform]
        self._boot_id = _LINUX_BOOT_ID.read_text().strip() if _LINUX_BOOT_ID.exists() else _ANOTHER_BOOT

    def boot_ms(self) -> int:
        """Milliseconds since boot, suspend included."""
        return self._source()

    def boot_id(self) -> str:
        """The boot's name; where the system has none, the process's: a restart then counts as another boot."""
        return self._boot_id

    def wall_ms(self) -> int:
        """The wall clock, Unix milliseconds: for the first request and for display, never for a permission."""
        return time.time_ns() // MS


def local_time(at: int) -> tuple[int, int]:
    """ISO weekday and minute of the day at a server time (ms), in this machine's zone."""
    moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).astimezone()
    return moment.isoweekday(), moment.hour * 60 + moment.minute
