"""People's key pairs: made here, the private part wrapped under a KMS epoch, the public part vouched for."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from portal.core import clock
from vault.errors import UnavailableError, UnknownPersonError
from vault.kms.base import EpochDestroyedError, Kms, KmsError, KmsUnavailableError, Wrapped
from vault.store import Connection, Store
from wire import canonical, documents

PURPOSE = "daylight employee key v1"
ROTATION_LOCK = 7_301_965_012_344_002
"""Advisory lock: shared while a new key is wrapped and stored, exclusive while old epochs are destroyed."""

_LIVE = """
SELECT k.id, k.document FROM employee_key k WHERE k.employee_id = %(employee)s AND k.retired_at IS NULL
"""
_INSERT = """
INSERT INTO employee_key (id, employee_id, document, wrapped_private, kms_epoch, created_at)
VALUES (%(id)s, %(employee)s, %(document)s, %(wrapped)s, %(epoch)s, %(created)s) ON CONFLICT DO NOTHING
"""
_ONE = """
SELECT k.id, k.employee_id, k.wrapped_private, k.kms_epoch, e.issuer, e.subject
  FROM employee_key k JOIN employee e ON e.id = k.employee_id WHERE k.id = %(key)s AND k.employee_id = %(employee)s
"""


def signing_key(pem: str) -> Ed25519PrivateKey:
    """The vault's signing key from PORTAL_VAULT_KEY. Raises ValueError, without the key, when it is another kind."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except ValueError:
        raise ValueError("PORTAL_VAULT_KEY is not a PEM private key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("PORTAL_VAULT_KEY is not an Ed25519 key")  # noqa: TRY004 - a wrong value, not a wrong call
    return key


def context(key: UUID, employee: UUID, issuer: str, subject: str) -> bytes:
    """What a wrapped private key is bound to: copied to another person's row, it does not unwrap."""
    return canonical.encode(
        {"purpose": PURPOSE, "key": str(key), "employee": str(employee), "issuer": issuer, "subject": subject}
    )


class Keys:
    """Makes key pairs and opens private keys."""

    def __init__(self, store: Store, kms: Kms, signer: Ed25519PrivateKey) -> None:
        self._store = store
        self._kms = kms
        self._signer = signer

    def ensure(self, employee: UUID, now: datetime) -> tuple[UUID, str]:
        """Id and signed document of the person's live key, made if there is none. Safe in parallel.

        Raises UnknownPersonError, UnavailableError.
        """
        found = self._store.one(_LIVE, {"employee": employee})
        if found is None:
            with self._store.transaction() as connection:
                connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", [ROTATION_LOCK])
                self._insert(connection, employee, now)
            found = self._store.one(_LIVE, {"employee": employee})
        if found is None:
            raise UnavailableError("The key was retired meanwhile.")
        return found["id"], found["document"]

    def private(self, connection: Connection, key: UUID, employee: UUID) -> X25519PrivateKey | None:
        """The private key `key` of `employee`, or None when it is gone or does not unwrap.

        Raises UnavailableError when the key management system is out of reach.
        """
        for _ in range(2):  # a rotation may wrap the row anew between our read and the unwrapping
            row = connection.execute(_ONE, {"key": key, "employee": employee}).fetchone()
            if row is None:
                return None
            try:
                return X25519PrivateKey.from_private_bytes(unwrap(self._kms, row))
            except EpochDestroyedError:
                continue
            except KmsUnavailableError:
                raise UnavailableError("The key management system is out of reach.") from None
            except KmsError:
                return None
        return None

    def _insert(self, connection: Connection, employee: UUID, now: datetime) -> None:
        person = connection.execute("SELECT issuer, subject FROM employee WHERE id = %s", [employee]).fetchone()
        if person is None:
            raise UnknownPersonError("There is no such employee.")
        key, pair = uuid4(), X25519PrivateKey.generate()
        document = documents.KeyDocument(key, employee, pair.public_key().public_bytes_raw(), clock.to_ms(now))
        try:
            wrapped = self._kms.wrap(pair.private_bytes_raw(), context(key, employee, **person))
        except KmsError:
            raise UnavailableError("The key management system does not wrap keys now.") from None
        connection.execute(
            _INSERT,
            {
                "id": key,
                "employee": employee,
                "document": documents.sign(document, [self._signer]).decode(),
                "wrapped": wrapped.ciphertext,
                "epoch": wrapped.epoch,
                "created": now,
            },
        )


def unwrap(kms: Kms, row: dict[str, Any]) -> bytes:
    """The raw private key of a row of employee_key joined with issuer and subject. Raises KmsError."""
    bound = context(row["id"], row["employee_id"], row["issuer"], row["subject"])
    return kms.unwrap(Wrapped(row["kms_epoch"], row["wrapped_private"]), bound)
