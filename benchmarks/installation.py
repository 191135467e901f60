"""A PostgreSQL of its own for a benchmark, as shipped, migrated, with trust document and policy, and a crowd in it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.core import clock
from portal.core.config import Settings
from portal.core.logins import LOGINS
from portal.operations.bootstrap import bootstrap
from portal.operations.postgres import DATABASE, Postgres
from portal.operations.publish import as_owner
from portal.operations.runtime import Runtime, random_secret
from portal.operations.schema import migrate
from portal.policies.actions import publish, publish_trust
from tests.cast import ISSUER, Organisation, pem
from tests.gateway.process import free_port
from wire import documents, dsse
from wire.documents import KeyDocument
from wire.policy import Policy

ROOT = Path(__file__).resolve().parents[1]
SCRATCH = ROOT / "var" / "bench"
_POLICY = """
INSERT INTO policy (id, version, hash, envelope, not_before, expires_at) VALUES (%s, %s, %s, %s, %s, %s)
"""
Superuser = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Installation:
    """One cluster with everything a process needs to start: `variables` are its PORTAL_* settings."""

    postgres: Postgres
    variables: dict[str, str]
    settings: Settings
    organisation: Organisation
    policy: Policy
    files: Path

    def superuser(self) -> Superuser:
        """A superuser's connection: arranges, and is the reference without row-level security."""
        return psycopg.connect(self.postgres.superuser_conninfo(DATABASE))

    def next_policy(self, connection: Superuser, *, less: int = 0) -> None:
        """Publish the same policy under the next version, in the connection's open transaction.

        `less`: for so many days fewer is kept what is captured.
        """
        row = connection.execute("SELECT max(version) + 1 FROM policy").fetchone()
        rules = tuple(replace(rule, retention_days=rule.retention_days - less) for rule in self.policy.rules)
        policy = replace(self.policy, version=row[0] if row else 1, rules=rules)
        envelope = self.organisation.policy_envelope(policy).decode()
        identity, digest = uuid4(), documents.document_hash(policy)
        begins, ends = clock.from_ms(policy.not_before), clock.from_ms(policy.expires)
        connection.execute(_POLICY, [identity, policy.version, digest, envelope, begins, ends])
        connection.execute("SELECT wake_gateways('policy', %s)", [identity])


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a crowd, with one device."""

    employee: UUID
    device: UUID
    key: Ed25519PrivateKey


@contextmanager
def installation() -> Iterator[Installation]:
    """A fresh one under var/bench, taken away at the end."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    files = Path(tempfile.mkdtemp(dir=SCRATCH))
    postgres = Postgres(Runtime(files / "pg"))
    try:
        postgres.prepare()
        postgres.start()
        yield _in_force(postgres, files)
    finally:
        postgres.stop()
        shutil.rmtree(files, ignore_errors=True)


def _in_force(postgres: Postgres, files: Path) -> Installation:
    organisation = Organisation()
    passwords = {login: random_secret() for login in LOGINS}
    variables = _variables(postgres, organisation, files)
    variables |= {f"PORTAL_DB_PASSWORD_{login.upper()}": password for login, password in passwords.items()}
    settings = Settings.from_env(variables)
    bootstrap(postgres.superuser_conninfo(), passwords)
    migrate(settings, demo=True)
    with as_owner(settings) as session:
        publish_trust(session, organisation.trust_envelope())
        policy = publish(session, organisation.policy_envelope(), clock.to_ms(clock.now()))
    return Installation(postgres, variables, settings, organisation, policy, files)


def _variables(postgres: Postgres, organisation: Organisation, files: Path) -> dict[str, str]:
    port = free_port()
    return {
        "PORTAL_BASE_URL": f"http://localhost:{port}",
        "PORTAL_WEB_BIND": f"127.0.0.1:{port}",
        "PORTAL_OIDC_ISSUER": "http://localhost:8020",
        "PORTAL_OIDC_CLIENT_ID": "daylight",
        "PORTAL_OIDC_CLIENT_SECRET": random_secret(),
        "PORTAL_SECRET_KEY": random_secret(),
        "PORTAL_DATABASE_URL": postgres.url(),
        "PORTAL_ACTOR_KEY": "5d" * 32,
        "PORTAL_VAULT_KEY": pem(organisation.vault),
        "PORTAL_LEASE_KEY": pem(organisation.lease),
        "PORTAL_KMS": f"file:{files / 'kms'}",
        "PORTAL_VAULT_URL": f"unix:{files / 'vault.sock'}",
        "PORTAL_GATEWAY_URL": "http://localhost:8010",
        "PORTAL_VAR_DIR": str(files),
        "PORTAL_DEMO": "1",
    }


def crowd(installed: Installation, count: int) -> list[Member]:
    """`count` people, each with a key and one collector."""
    members = [Member(uuid4(), uuid4(), Ed25519PrivateKey.generate()) for _ in range(count)]
    with installed.superuser() as connection:
        _copy(
            connection,
            "employee (id, issuer, subject, name, email)",
            [(one.employee, ISSUER, str(one.employee), "Somebody", "somebody@daylight.example") for one in members],
        )
        _copy(
            connection,
            "device (id, employee_id, kind, name, public_key)",
            [(one.device, one.employee, "collector", "Laptop", dsse.raw_public(one.key)) for one in members],
        )
        _copy(
            connection,
            "employee_key (id, employee_id, document, wrapped_private, kms_epoch)",
            [_key(installed.organisation, one) for one in members],
        )
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
    return members


def _key(organisation: Organisation, member: Member) -> tuple[UUID, UUID, str, bytes, int]:
    key = uuid4()
    document = KeyDocument(key, member.employee, dsse.raw_public(member.key), clock.to_ms(clock.now()))
    return key, member.employee, documents.sign(document, [organisation.vault]).decode(), b"wrapped", 1


def _copy(connection: Superuser, target: str, rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor().copy(f"COPY {target} FROM STDIN".encode()) as into:
        for row in rows:
            into.write_row(row)
