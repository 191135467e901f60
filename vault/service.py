"""All the vault does, put together once from the settings."""

from dataclasses import dataclass
from datetime import timedelta

from portal.core.config import Settings
from vault.exports.appending import Appending
from vault.exports.downloads import Downloads
from vault.exports.orders import Orders, Seals
from vault.exports.running import Runner
from vault.handovers.handing import Handing
from vault.handovers.seals import Seals as HandoverSeals
from vault.keys import Keys, signing_key
from vault.kms.choose import from_settings
from vault.looks import Looks
from vault.provider import Provider
from vault.rotation import Rotation
from vault.stamps import Stamps
from vault.store import Store
from vault.tickets import Tickets
from vault.tokens import TokenCheck

EXPORTS = "key-export"


@dataclass(frozen=True)
class Vault:
    """The parts, each safe to use from several threads."""

    store: Store
    keys: Keys
    tickets: Tickets
    looks: Looks
    rotation: Rotation
    orders: Orders
    runner: Runner
    downloads: Downloads
    appending: Appending
    handing: Handing


def build(settings: Settings) -> Vault:
    """The vault of `settings`. Raises ConfigError, KmsError, ValueError when a setting is missing or unsafe."""
    store, kms = Store(settings.conninfo("vault")), from_settings(settings)
    signer = signing_key(settings.require("vault_key"))
    keys, stamps = Keys(store, kms, signer), Stamps(signer)
    tokens = TokenCheck(Provider(settings.require("oidc_issuer")), settings.require("oidc_client_id"))
    rotation = Rotation(store, kms, settings.var_dir / EXPORTS)
    looks, seals = Looks(store, keys, stamps), Seals(signer)
    downloads = Downloads(store, keys, stamps, seals)
    return Vault(
        store=store,
        keys=keys,
        tickets=Tickets(store, keys, tokens, stamps),
        looks=looks,
        rotation=rotation,
        orders=Orders(store, keys, stamps, seals),
        runner=Runner(store, keys, looks, seals, timedelta(days=settings.export_days), demo=settings.demo),
        downloads=downloads,
        appending=Appending(store, keys, seals),
        handing=Handing(store, keys, stamps, HandoverSeals(signer), seals, downloads),
    )
