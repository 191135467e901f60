"""What the demo adds to an installation: somebody to sign in with, and a policy signed by keys made for it."""

import time
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from portal.core.config import Settings
from portal.operations.demo_people import PEOPLE
from portal.operations.identity_provider import CLIENT_ID, IdentityProvider
from portal.operations.installation import signing_key
from portal.operations.publish import as_owner
from portal.operations.runtime import Runtime
from portal.policies.actions import publish, publish_trust
from portal.policies.default_policy import default_policy
from portal.policies.queries import trust
from wire import documents, dsse
from wire.documents import Signer, Trust, TrustedKey

SIGNED_AGO_MS: Final = 60_000


def addresses(provider: IdentityProvider) -> dict[str, str]:
    """Settings by which the portal signs people in at the demo's identity provider."""
    return {
        "PORTAL_DEMO": "1",
        "PORTAL_OIDC_ISSUER": provider.issuer,
        "PORTAL_OIDC_CLIENT_ID": CLIENT_ID,
        "PORTAL_OIDC_CLIENT_SECRET": provider.client_secret,
    }


def publish_first_policy(settings: Settings, runtime: Runtime) -> None:
    """Publish trust document and default policy, unless there are some. Officer and council sign with demo keys."""
    with as_owner(settings) as session:
        if trust(session) is not None:
            return
        now = int(time.time() * 1000)
        officer = _key(runtime.secret("officer_key", signing_key))
        council = _key(runtime.secret("council_key", signing_key))
        holders = (
            (Signer.OFFICER, officer),
            (Signer.COUNCIL, council),
            (Signer.LEASE, _key(settings.require("lease_key"))),
            (Signer.VAULT, _key(settings.require("vault_key"))),
        )
        keys = tuple(TrustedKey(signer, dsse.raw_public(key)) for signer, key in holders)
        publish_trust(session, documents.sign(Trust(version=1, issued=now, keys=keys), [officer, council]))
        publish(session, documents.sign(default_policy(now - SIGNED_AGO_MS), [officer, council]), now)


def greeting() -> list[str]:
    """The demo people with their passwords, a line each."""
    width = max(len(person.user) for person in PEOPLE)
    return [f"  {person.user:<{width}}  {person.password:<{width + 5}}  {person.office}" for person in PEOPLE]


def _key(pem: str) -> Ed25519PrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("an Ed25519 key is expected")
    return key
