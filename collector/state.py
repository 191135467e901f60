"""What the collector keeps on disk: small files, 0600 in a directory 0700, each replaced atomically.

Nothing read here is believed: whoever reads a document from it verifies it as if it had come over the network.
"""

import json
import os
import sys
from gettext import gettext
from pathlib import Path
from types import TracebackType
from typing import Any, Self

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class StateError(Exception):
    """The state directory cannot be used; the message is a sentence for the person."""


def default_directory() -> Path:
    """Where the state lies unless the command names another place."""
    if sys.platform == "win32":
        return Path(os.environ["LOCALAPPDATA"]) / "daylight-collector"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "daylight-collector"
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "daylight-collector"


class StateDir:
    """The directory, and its lock while a collector runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if sys.platform != "win32":
            if path.stat().st_uid != os.getuid():
                raise StateError(gettext("%(path)s belongs to somebody else.") % {"path": path})
            path.chmod(0o700)

    def read(self, name: str) -> bytes | None:
        """The file's bytes, or None if there is none."""
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Replaces the file at once or not at all, and waits until it is on disk."""
        replace(self.path / name, data, durable=True)

    def read_json(self, name: str) -> Any:
        """The file's JSON value; None if there is none or it is not JSON."""
        data = self.read(name)
        try:
            return None if data is None else json.loads(data)
        except ValueError:
            return None

    def write_json(self, name: str, value: Any) -> None:
        """As `write`, for a JSON value."""
        self.write(name, json.dumps(value, indent=1, sort_keys=True).encode())

    def remove(self, *names: str) -> None:
        """Deletes the files that exist."""
        for name in names:
            (self.path / name).unlink(missing_ok=True)

    def lock(self) -> "Lock":
        """The lock of the one running collector. Raises StateError if another one holds it."""
        return Lock(self.path / "lock")


class Lock:
    """Held until closed or until the process ends."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._handle)
        except OSError as error:
            os.close(self._handle)
            told = gettext("another collector is already running on %(path)s.")
            raise StateError(told % {"path": path.parent}) from error

    def close(self) -> None:
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def replace(path: Path, data: bytes, *, durable: bool) -> None:
    """Writes `data` beside `path` with mode 0600 and renames it. `durable`: not before it is on disk."""
    beside = path.with_name(path.name + ".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    beside.replace(path)
    if durable and sys.platform != "win32":
        _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
