"""The back end that PORTAL_KMS names."""

from pathlib import Path

from portal.core.config import Settings
from vault.kms.base import Kms
from vault.kms.files import FileKms
from vault.kms.transit import TransitKms

FILE = "file:"
TRANSIT = "vault-transit:"


def from_settings(settings: Settings) -> Kms:
    """The key management system of `settings`. Raises ConfigError when a setting is missing, KmsError when unsafe."""
    address = settings.require("kms")
    if address.startswith(FILE):
        return FileKms(Path(address.removeprefix(FILE)))
    return TransitKms(address.removeprefix(TRANSIT), settings.require("kms_token"))
