"""The directories and secrets of one installation that the supervisor runs, all under one `var` directory.

Everything is private to the user who starts it (0700, 0600). A Unix socket's path may hold 107 bytes only; when `var`
lies too deep for that, sockets go to a directory of ours under the system's temporary directory while it runs; its name
is kept in `var/run/socket-directory`.
"""

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LONGEST_SOCKET_PATH: Final = 107
LONGEST_SOCKET_NAME: Final = "/.s.PGSQL.65535.lock"


class OperationsError(Exception):
    """Something stands in the way of starting; the message is one sentence for the person at the terminal."""


def random_secret() -> str:
    """256 bits for a password or a signing secret, as text that needs no quoting."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Runtime:
    """Where an installation keeps its files; `var` is absolute."""

    var: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.var / "postgres"

    @property
    def run(self) -> Path:
        """Process ids, locks and, where the path is short enough, sockets."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        """One log file for each process."""
        return self.var / "log"

    @property
    def temporary(self) -> Path:
        """Temporary files of the processes; emptied before they start."""
        return self.var / "tmp"

    @property
    def secrets(self) -> Path:
        """Passwords and private keys, one a file."""
        return self.var / "secrets"

    def prepare(self) -> None:
        """Make the directories, private to this user. Raises OperationsError when that is not possible."""
        try:
            for directory in (self.var, self.run, self.log, self.temporary, self.secrets):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise OperationsError(
                f"{error.filename} is not a directory, or lies in something that is none; move that away, or set "
                "PORTAL_VAR_DIR to another place."
            ) from error
        except OSError as error:
            raise OperationsError(f"Cannot make the directory {error.filename}: {error.strerror}.") from error

    def secret_file(self, name: str, make: Callable[[], str] = random_secret) -> Path:
        """The 0600 file of the secret `name`, made on first use. A crash leaves a whole file or none."""
        path = self.secrets / name
        if not path.exists():
            write_private(path, make())
        return path

    def secret(self, name: str, make: Callable[[], str] = random_secret) -> str:
        """The text of the secret `name`, made on first use."""
        return self.secret_file(name, make).read_text(encoding="utf-8").strip()

    def socket_directory(self) -> Path:
        """`var/run`, or a short directory of our own when a socket's path would be longer than 107 bytes."""
        if _fits(self.run):
            return self.run
        note = self.run / "socket-directory"
        if note.exists():
            kept = Path(note.read_text(encoding="utf-8"))
            if _is_ours(kept):
                return kept
        made = Path(tempfile.mkdtemp(prefix="daylight-"))
        if not _fits(made):
            made.rmdir()
            raise OperationsError(f"The path {self.run} is too long for sockets, and so is {made}; use a shorter one.")
        write_private(note, str(made))
        return made

    def clear_sockets(self) -> None:
        """Remove that directory of our own, if there is one; the next start makes another."""
        note = self.run / "socket-directory"
        if note.exists():
            kept = Path(note.read_text(encoding="utf-8"))
            if _is_ours(kept):
                shutil.rmtree(kept)
            note.unlink()


def write_private(path: Path, content: str) -> None:
    """Write a 0600 file whole: under another name first, then renamed, both on disk before this returns."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fits(directory: Path) -> bool:
    return len(os.fsencode(directory)) + len(LONGEST_SOCKET_NAME) <= LONGEST_SOCKET_PATH


def _is_ours(directory: Path) -> bool:
    try:
        facts = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid() and not facts.st_mode & 0o077
