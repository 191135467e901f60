"""The first trust document and the first policy of an installation, signed by officer and council.

`python -m portal first-policy` reads both private keys from files on the disks of the two, signs and publishes,
and forgets them; a file that is not there yet is made. Run it where those disks are, not on a server.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import update

from portal.core.clock import from_ms
from portal.core.config import Settings
from portal.operations.installation import complete, local_addresses, signing_key
from portal.operations.postgres import Postgres
from portal.operations.publish import as_owner
from portal.operations.runtime import OperationsError, Runtime, write_private
from portal.policies.actions import publish, publish_trust
from portal.policies.default_policy import default_policy
from portal.policies.models import PolicyRow
from portal.policies.queries import trust
from portal.signing import build
from wire import difference, documents, dsse
from wire.documents import Signer, Trust, TrustedKey
from wire.policy import Policy


def publish_first(
    settings: Settings, officer: Ed25519PrivateKey, council: Ed25519PrivateKey, policy: Policy
) -> str | None:
    """Publish `policy` and a trust document with the four keys; its fingerprint, None if there was one before.

    The policy counts as published when it was issued: the demo's is as old as the past that it permits.
    """
    with as_owner(settings) as session:
        if trust(session) is not None:
            return None
        now = int(time.time() * 1000)
        holders = (
            (Signer.OFFICER, officer),
            (Signer.COUNCIL, council),
            (Signer.LEASE, private_key(settings.require("lease_key"))),
            (Signer.VAULT, private_key(settings.require("vault_key"))),
        )
        keys = tuple(TrustedKey(signer, dsse.raw_public(key)) for signer, key in holders)
        first = Trust(version=1, issued=now, keys=keys, signing_file=build.sha256())
        fingerprint = publish_trust(session, documents.sign(first, [officer, council]))
        publish(session, documents.sign(difference.stated(None, policy), [officer, council]), now)
        session.execute(update(PolicyRow).values(published_at=from_ms(policy.issued)))
    return fingerprint


def private_key(pem: str) -> Ed25519PrivateKey:
    """The key in a PEM text (PKCS #8). Raises OperationsError for anything but an Ed25519 key."""
    try:
        key = load_pem_private_key(pem.encode(), None)
    except ValueError as error:
        raise OperationsError("This is not a PEM key (PKCS #8) without a passphrase.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise OperationsError("This is not an Ed25519 key.")
    return key


@click.command()
@click.option("--officer-key", type=click.Path(dir_okay=False, path_type=Path), required=True, help="PEM file.")
@click.option("--council-key", type=click.Path(dir_okay=False, path_type=Path), required=True, help="PEM file.")
def first_policy(officer_key: Path, council_key: Path) -> None:
    """Sign and publish the first trust document and the policy that ships; once, for an installation without one."""
    if officer_key.resolve() == council_key.resolve():
        raise OperationsError("Officer and council need one key each, in two files.")
    fingerprint = publish_first(
        settings_here(os.environ),
        _key_in(officer_key),
        _key_in(council_key),
        default_policy(int(time.time() * 1000) - 1000),
    )
    if fingerprint is None:
        raise OperationsError("There is a trust document already; nothing was changed.")
    click.echo(f"Policy 1 is in force. Devices pin the trust document {fingerprint}.")
    click.echo("Keep the two key files on their holders' own disks: no server needs them.")


def _key_in(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        write_private(path, signing_key())
        click.echo(f"A new key was made: {path}")
    return private_key(path.read_text(encoding="utf-8"))


def settings_here(environ: Mapping[str, str]) -> Settings:
    """The settings in the environment, completed with what `up` keeps under `var`."""
    given = Settings.from_env(environ)
    runtime = Runtime(given.var_dir.resolve())
    defaults = local_addresses(given.demo_port_base, runtime)
    if given.database_url is None:
        defaults |= {"PORTAL_DATABASE_URL": Postgres(runtime).url()}
    return Settings.from_env(complete(environ, runtime, defaults))
