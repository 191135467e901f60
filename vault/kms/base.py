"""What a key management system does for the vault: wraps secrets under epochs, and destroys old epochs for good."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

TIMEOUT_S = 5.0


class KmsError(Exception):
    """The key management system did not do it; no message holds a key, a ciphertext or a context."""


class KmsUnavailableError(KmsError):
    """It timed out or is out of reach: the same call may succeed later."""


class KmsRefusedError(KmsError):
    """It was asked for something wrong: another context, another ciphertext, an unknown epoch, no permission."""


class EpochDisabledError(KmsError):
    """An operator has disabled the epoch; enabled again, what it wraps opens again."""


class EpochDestroyedError(KmsError):
    """The epoch's key is gone for ever, and with it what it wrapped."""


@dataclass(frozen=True)
class Epoch:
    """One generation of the wrapping key. Numbers grow."""

    number: int
    created: datetime


@dataclass(frozen=True)
class Wrapped:
    """A secret under the key of an epoch; `ciphertext` has the back end's own form."""

    epoch: int
    ciphertext: bytes


class Kms(Protocol):
    """One back end. Every method raises a KmsError within `TIMEOUT_S` or little more; all may be called in parallel."""

    def current(self) -> Epoch:
        """The epoch that wraps, made if there is none yet."""

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        """`secret` under the current epoch, bound to `context`."""

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        """The secret wrapped with the same `context`."""

    def rotate(self) -> Epoch:
        """A new current epoch; older ones still unwrap."""

    def destroy_before(self, epoch: int) -> None:
        """Destroy every epoch with a smaller number than `epoch`, which is at most the current one."""
