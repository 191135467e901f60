"""Epoch keys as files, for development and the demo: 32 random bytes each, 0600, in a directory of their own.

`epoch-000001.key` wraps with AES-256-GCM (SP 800-38D): 12-byte nonce, then ciphertext; the context is the AAD. An
operator disables an epoch by renaming its file to `….key.disabled`. Destroying overwrites and unlinks, which on a
copy-on-write file system or a flash disk may leave the old blocks behind: use a real KMS where that matters.
"""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.kms.base import (
    TIMEOUT_S,
    Epoch,
    EpochDestroyedError,
    EpochDisabledError,
    KmsError,
    KmsRefusedError,
    KmsUnavailableError,
    Wrapped,
)

KEY_BYTES = 32
NONCE_BYTES = 12
DISABLED = ".disabled"
_POLL_S = 0.02


class FileKms:
    """The epoch keys in `directory`, shared by all vault processes of one machine through a lock file."""

    def __init__(self, directory: Path, timeout_s: float = TIMEOUT_S) -> None:
        self._directory = directory
        self._timeout_s = timeout_s
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._require_private(directory)

    def current(self) -> Epoch:
        """See `Kms`."""
        with self._locked(fcntl.LOCK_SH):
            number = self._newest()
        if number == 0:
            with self._locked(fcntl.LOCK_EX):
                number = self._newest() or self._make(1)
        return Epoch(number, self._created(number))

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        """See `Kms`."""
        self.current()
        nonce = os.urandom(NONCE_BYTES)
        with self._locked(fcntl.LOCK_SH):
            epoch = self._newest()
            key = self._key(epoch)
        return Wrapped(epoch, nonce + AESGCM(key).encrypt(nonce, secret, context))

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        """See `Kms`."""
        with self._locked(fcntl.LOCK_SH):
            key = self._key(wrapped.epoch)
        nonce, ciphertext = wrapped.ciphertext[:NONCE_BYTES], wrapped.ciphertext[NONCE_BYTES:]
        try:
            return AESGCM(key).decrypt(nonce, ciphertext, context)
        except (InvalidTag, ValueError):
            raise KmsRefusedError("another key, another context, or not a wrapped secret") from None

    def rotate(self) -> Epoch:
        """See `Kms`."""
        with self._locked(fcntl.LOCK_EX):
            number = self._make(self._newest() + 1)
        return Epoch(number, self._created(number))

    def destroy_before(self, epoch: int) -> None:
        """See `Kms`."""
        with self._locked(fcntl.LOCK_EX):
            if epoch > self._newest():
                raise KmsRefusedError("the current epoch is never destroyed")
            for path in [path for path in self._directory.glob("epoch-*.key*") if _number(path) < epoch]:
                with path.open("r+b") as file:
                    file.write(bytes(KEY_BYTES))
                    file.flush()
                    os.fsync(file.fileno())
                path.unlink()
            self._sync()

    def _path(self, number: int) -> Path:
        return self._directory / f"epoch-{number:06}.key"

    def _newest(self) -> int:
        return max((_number(path) for path in self._directory.glob("epoch-*.key*")), default=0)

    def _created(self, number: int) -> datetime:
        path = self._path(number)
        seconds = (path if path.exists() else Path(f"{path}{DISABLED}")).stat().st_mtime
        return datetime.fromtimestamp(seconds, UTC)

    def _key(self, number: int) -> bytes:
        path = self._path(number)
        if Path(f"{path}{DISABLED}").exists():
            raise EpochDisabledError(f"epoch {number} is disabled")
        if not path.exists():
            if number > self._newest():
                raise KmsRefusedError(f"epoch {number} is unknown")
            raise EpochDestroyedError(f"epoch {number} is destroyed")
        self._require_private(path)
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise KmsError(f"the file of epoch {number} does not hold {KEY_BYTES} bytes")
        return key

    def _make(self, number: int) -> int:
        """A whole key file or none: written under another name, then linked, which fails if the number exists."""
        path, draft = self._path(number), self._directory / f".draft-{number:06}"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
        draft.unlink()
        self._sync()
        return number

    def _sync(self) -> None:
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @staticmethod
    def _require_private(path: Path) -> None:
        mode = path.stat().st_mode
        if stat.S_IMODE(mode) & 0o077 or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise KmsError(f"{path} must be private to the vault's user: chmod go-rwx")

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Hold the directory's lock, shared or exclusive. Raises KmsUnavailableError after the timeout."""
        deadline = time.monotonic() + self._timeout_s
        descriptor = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not _try_lock(descriptor, how):
                if time.monotonic() > deadline:
                    raise KmsUnavailableError("timed out: somebody else holds the epoch keys")
                time.sleep(_POLL_S)
            yield
        finally:
            os.close(descriptor)


def _try_lock(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _number(path: Path) -> int:
    return int(path.name.removeprefix("epoch-").split(".")[0])
