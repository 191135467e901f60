"""The server's time for the one device that asked: fresh by its nonce, so that no older answer can stand in for it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from wire.codec import DocumentError, Moment
from wire.documents import NONCE_BYTES


@dataclass(frozen=True)
class ServerTime:
    """It was `at` when the question `nonce` (16 random bytes) of `device` was answered; signed by the lease key."""

    TYPE: ClassVar[str] = "application/vnd.daylight.time.v1+json"
    device: UUID
    nonce: bytes
    at: Moment

    def __post_init__(self) -> None:
        if len(self.nonce) != NONCE_BYTES:
            raise DocumentError("a nonce has 16 bytes")
