"""The named cast and the organisation's keys, for every test that needs people, devices or a policy."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.core import clock
from portal.policies.default_policy import default_policy
from wire import documents, dsse
from wire.documents import Signer, Trust, TrustedKey
from wire.policy import Policy

ISSUER = "https://sso.example"


@dataclass(frozen=True)
class Organisation:
    """Officer, council, lease and vault keys, with the trust document they make."""

    officer: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    council: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    lease: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    vault: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    issued: int = field(default_factory=lambda: clock.to_ms(clock.now()))

    def trust(self) -> Trust:
        """The trust document that names the four keys."""
        signers = ((Signer.OFFICER, self.officer), (Signer.COUNCIL, self.council))
        online = ((Signer.LEASE, self.lease), (Signer.VAULT, self.vault))
        keys = tuple(TrustedKey(signer, dsse.raw_public(key)) for signer, key in (*signers, *online))
        return Trust(version=1, issued=self.issued, keys=keys)

    def trust_envelope(self) -> bytes:
        """The trust document signed by officer and council."""
        return documents.sign(self.trust(), [self.officer, self.council])

    def policy(self) -> Policy:
        """The default policy, in force since a minute before these keys were made."""
        return default_policy(self.issued - 60_000)

    def policy_envelope(self, policy: Policy | None = None) -> bytes:
        """A policy signed by officer and council."""
        return documents.sign(policy or self.policy(), [self.officer, self.council])


def pem(key: Ed25519PrivateKey) -> str:
    """PEM (PKCS #8), as settings hold a key."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def make_person(
    connection: psycopg.Connection[tuple[object, ...]], name: str = "Amira Kaya", **columns: object
) -> UUID:
    """Insert an employee (as superuser) and return the id. Each is a new person: tests never share people."""
    person = uuid4()
    subject = f"{name.split(maxsplit=1)[0].lower()}-{person}"
    values: dict[str, object] = {"id": person, "issuer": ISSUER, "subject": subject}
    values |= {"name": name, "email": f"{person}@daylight.example"} | columns
    names = ", ".join(values)
    slots = ", ".join(["%s"] * len(values))
    connection.execute(f"INSERT INTO employee ({names}) VALUES ({slots})".encode(), list(values.values()))
    connection.commit()
    return person


def make_collector(connection: psycopg.Connection[tuple[object, ...]], person: UUID) -> UUID:
    """A laptop of the person's that records, seen just now; the device's id."""
    device = uuid4()
    connection.execute(
        b"INSERT INTO device (id, employee_id, kind, name, public_key, last_seen_at) "
        b"VALUES (%s, %s, 'collector', 'Laptop', %s, now())",
        [device, person, uuid4().bytes * 2],
    )
    connection.commit()
    return device
