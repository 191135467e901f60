"""A lost key: the deputy and the council sign a new trust document, and devices follow it (P03). Real processes."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.cli import main
from portal.core import clock
from portal.core.config import Settings
from portal.operations.postgres import Postgres
from portal.operations.publish import as_owner
from portal.operations.schema import migrate
from portal.policies.actions import publish, publish_trust
from portal.signing import build, bundle
from tests.cast import Organisation, make_person
from tests.collector.test_real_gateway import command, device_of, running, status
from tests.fresh_database import fresh_database
from tests.gateway.process import Gateway, Rows, wait_until
from wire import documents, dsse

Superuser = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def apart(
    postgres: Postgres, environment: dict[str, str], organisation: Organisation
) -> Iterator[tuple[dict[str, str], Rows]]:
    """A database of its own, in which the trust document may change."""
    with fresh_database(postgres, environment) as (name, variables):
        settings = Settings.from_env(variables)
        migrate(settings, demo=True)
        with as_owner(settings) as session:
            publish_trust(session, organisation.trust_envelope())
            publish(session, organisation.policy_envelope(), clock.to_ms(clock.now()))
        with psycopg.connect(postgres.superuser_conninfo(name)) as superuser:
            yield variables, Rows(superuser, organisation)


def run(variables: dict[str, str], *arguments: str) -> str:
    """`python -m portal …` with these settings."""
    done = CliRunner(env=variables).invoke(main, list(arguments))
    assert done.exit_code == 0, done.output
    return done.output


def sign(file: Path, *keys: Ed25519PrivateKey) -> Path:
    """A file to sign, signed by these keys."""
    whole = bundle.read(file.read_text())
    out = file.with_suffix(".signed")
    out.write_bytes(dsse.sign(whole.type, whole.payload, keys))
    return out


def key_id(key: Ed25519PrivateKey) -> str:
    return dsse.key_id(dsse.raw_public(key))


def test_P03_a_lost_key_is_replaced_and_devices_follow(
    apart: tuple[dict[str, str], Rows], organisation: Organisation, tmp_path: Path
) -> None:
    variables, rows = apart
    deputy, heir = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    keys, files, device = organisation, tmp_path / "files", tmp_path / "device"
    amira = make_person(rows.connection)
    rows.key(amira)
    with Gateway(variables) as gateway:
        fingerprint = documents.fingerprint(keys.trust_envelope())
        command("enrol", "--server", gateway.url, "--trust", fingerprint, "--code", rows.code(amira), state=device)
        run(variables, "trust", "next", "--add", f"officer:{dsse.raw_public(deputy).hex()}", "--into", str(files))
        signed = sign(files / "trust-to-sign.json", keys.officer, keys.council, deputy)
        with running(device, "--scripted", "5", "--pace", "2"):
            wait_until(lambda: status(device).get("reason") == "recording")
            assert pinned(device).signing_file is None, "it was signed before the trust document named a file"
            run(variables, "trust", "publish", str(signed))
            wait_until(lambda: trust_of(device) == 2)
            assert pinned(device).signing_file == build.sha256()
            wait_until(lambda: status(device).get("reason") == "recording")
        # The officer's key is lost. The deputy and the council take it away while the device is off, and bring another.
        run(variables, "trust", "next", "--remove", key_id(keys.officer)[:12],
            "--add", f"officer:{dsse.raw_public(heir).hex()}", "--into", str(files))  # fmt: skip
        refused = CliRunner(env=variables).invoke(
            main, ["trust", "publish", str(sign(files / "trust-to-sign.json", deputy, keys.council))]
        )
        assert "has to be signed anew" in refused.output
        signed = sign(files / "trust-to-sign.json", deputy, keys.council)
        policy = sign(files / "policy-1-to-sign.json", deputy, keys.council)
        told = run(variables, "trust", "publish", str(signed), "--policy", str(policy))
        run(
            variables,
            "trust",
            "next",
            "--add",
            f"council:{dsse.raw_public(Ed25519PrivateKey.generate()).hex()}",
            "--into",
            str(files),
        )
        run(variables, "trust", "publish", str(sign(files / "trust-to-sign.json", heir, keys.council)))
        count = rows.one("SELECT count(*) FROM upload WHERE device_id = %s", device_of(device))
        with running(device, "--scripted", "6", "--pace", "2"):
            wait_until(lambda: trust_of(device) == 4)
            wait_until(lambda: status(device).get("reason") == "recording")
            wait_until(lambda: rows.one("SELECT count(*) FROM upload WHERE device_id = %s", device_of(device)) > count)
        other = tmp_path / "other"
        newest = rows.one("SELECT fingerprint FROM trust_document ORDER BY version DESC LIMIT 1")
        assert newest not in told
        command("enrol", "--server", gateway.url, "--trust", newest, "--code", rows.code(amira), state=other)
        assert trust_of(other) == 4


def trust_of(device: Path) -> int:
    """The version that a device pins."""
    return pinned(device).version


def pinned(device: Path) -> documents.Trust:
    """The trust document that a device pins."""
    stored = json.loads((device / "identity.json").read_text())
    return documents.read(documents.Trust, dsse.payload_of(base64.b64decode(stored["trust"])))
