"""A progress bar for the terminal, and a file by which one process tells another how far it is."""

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

WIDTH: Final = 30
EVERY_SECONDS: Final = 0.3
PERCENT_PER_LINE: Final = 25


class Bar:
    """Call it with (done, total). On a terminal one line that fills; elsewhere a line for each quarter."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._said = -1

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` is done."""
        percent = 100 if total == 0 else 100 * done // total
        step = percent if sys.stdout.isatty() else percent // PERCENT_PER_LINE * PERCENT_PER_LINE
        if step == self._said:
            return
        self._said = step
        if sys.stdout.isatty():
            filled = WIDTH * step // 100
            end = "\n" if done >= total else ""
            sys.stdout.write(f"\r{self._title} [{'#' * filled}{'.' * (WIDTH - filled)}] {step:3} %{end}")
        else:
            sys.stdout.write(f"{self._title}: {step} %\n")
        sys.stdout.flush()


class Note:
    """Call it with (done, total): writes both into a file, at most a few times a second and at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Note that `done` of `total` is done."""
        now = time.monotonic()
        if now < self._next and done < total:
            return
        self._next = now + EVERY_SECONDS
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps({"done": done, "total": total}), encoding="utf-8")
        beside.replace(self._path)


def follow(path: Path, show: Callable[[int, int], None]) -> None:
    """Show what a process notes in `path`, in a thread of its own, until all is done."""
    path.unlink(missing_ok=True)
    threading.Thread(target=_follow, args=(path, show), name="progress", daemon=True).start()


def _follow(path: Path, show: Callable[[int, int], None]) -> None:
    while True:
        time.sleep(EVERY_SECONDS)
        noted = _read(path)
        if noted:
            show(noted["done"], noted["total"])
            if noted["done"] >= noted["total"]:
                return


def _read(path: Path) -> Mapping[str, int]:
    try:
        noted: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted
