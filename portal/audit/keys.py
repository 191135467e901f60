"""The key that signs checkpoints, and the name the log goes by."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from portal.core.config import ConfigError, Settings
from wire import checkpoint
from wire.checkpoint import Checkpoint, VerifierKey


@dataclass(frozen=True)
class LogKey:
    """The private key under the log's name."""

    origin: str
    private: Ed25519PrivateKey

    def sign(self, size: int, root: bytes) -> str:
        """The signed note of the tree of `size` leaves with this root."""
        return checkpoint.sign(Checkpoint(self.origin, size, root), self.private)

    def public(self) -> VerifierKey:
        """What verifiers keep."""
        return checkpoint.verifier_key(self.origin, self.private)


def log_key(settings: Settings) -> LogKey:
    """The log's key, named `<host of the portal>/log`. Raises ConfigError when a setting is missing or wrong."""
    try:
        key = load_pem_private_key(settings.require("log_key").encode(), password=None)
    except ValueError as error:
        raise ConfigError("PORTAL_LOG_KEY is not a PEM key (PKCS #8).") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError("PORTAL_LOG_KEY is not an Ed25519 key.")
    host = settings.require("base_url").partition("://")[2]
    return LogKey(f"{host}/log", key)
