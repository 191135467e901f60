"""An organisation with three works councils, two keys of each needed: the central one, Berlin's and München's."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.cast import Organisation
from wire import documents, dsse
from wire.documents import Signer, Trust, TrustedKey
from wire.policy import Audience, Policy

Key = Ed25519PrivateKey


def two() -> tuple[Key, Key]:
    """Two new keys."""
    return Key.generate(), Key.generate()


@dataclass(frozen=True)
class Councils(Organisation):
    """`second`: of the central council, besides `council`. What only one council decides is signed by both its keys."""

    second: Key = field(default_factory=Key.generate)
    berlin: tuple[Key, Key] = field(default_factory=two)
    munich: tuple[Key, Key] = field(default_factory=two)

    @property
    def central(self) -> tuple[Key, Key]:
        """The central council."""
        return self.council, self.second

    def trust(self) -> Trust:
        """The trust document that names all of them."""
        held = ((None, (self.second,)), ("Berlin", self.berlin), ("München", self.munich))
        more = (TrustedKey(Signer.COUNCIL, dsse.raw_public(key), site) for site, keys in held for key in keys)
        plain = super().trust()
        return replace(plain, keys=(*plain.keys, *more), quorum=2)

    def trust_envelope(self) -> bytes:
        """The trust document signed by officer and central council."""
        return documents.sign(self.trust(), [self.officer, *self.central])

    def decides(self, sites: Iterable[str] | None) -> tuple[Key, Key]:
        """The council that decides about these sites."""
        own = {"Berlin": self.berlin, "München": self.munich}
        named = list(dict.fromkeys(sites or ()))
        return own.get(named[0], self.central) if len(named) == 1 else self.central

    def policy_envelope(self, policy: Policy | None = None) -> bytes:
        """A policy signed by officer and the council that decides."""
        policy = policy or self.policy()
        return documents.sign(policy, [self.officer, *self.decides(policy.audience.sites)])


def at(policy: Policy, *sites: str, **changed: object) -> Policy:
    """The policy for these sites alone."""
    return replace(policy, audience=Audience(sites or None, None, None), **changed)  # type: ignore[arg-type]


@contextmanager
def in_force(superuser: psycopg.Connection[tuple[Any, ...]], envelope: bytes) -> Iterator[None]:
    """With this as the second trust document, gone afterwards."""
    superuser.execute(
        "INSERT INTO trust_document (version, fingerprint, envelope) VALUES (2, %s, %s)",
        [documents.fingerprint(envelope), envelope.decode()],
    )
    superuser.commit()
    yield
    superuser.rollback()
    superuser.execute("DELETE FROM trust_document WHERE version = 2")
    superuser.commit()
