"""The vault, as pages ask it."""

from portal.core.vault_client import VaultClient
from portal.core.web import state


def vault_client() -> VaultClient:
    """The vault's client. What the vault does stands, also when this request ends with an error page."""
    state.asks_elsewhere()
    return VaultClient(state.settings().require("vault_url"))
