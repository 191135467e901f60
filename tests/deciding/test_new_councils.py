"""A second key, a quorum and a council of a site come: the commands, the gateway and a real device (P03)."""

import json
from pathlib import Path

from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.cli import main
from tests.cast import Organisation, make_person
from tests.collector.test_real_gateway import command, running, status
from tests.deciding.test_trust_end_to_end import apart, run, sign, trust_of
from tests.gateway.process import Gateway, Rows, wait_until
from wire import documents, dsse
from wire.policy import Policy

__all__ = ["apart"]
Apart = tuple[dict[str, str], Rows]


def public(key: Ed25519PrivateKey) -> str:
    return dsse.raw_public(key).hex()


def refused(variables: dict[str, str], *arguments: str) -> str:
    """What a command says that does nothing."""
    done = CliRunner(env=variables).invoke(main, list(arguments))
    assert done.exit_code != 0, done.output
    return done.output


def test_P03_a_quorum_and_a_council_of_a_site_reach_the_devices(
    apart: Apart, organisation: Organisation, tmp_path: Path
) -> None:
    """Nothing that is in force is left behind with too few signatures, and each device goes on recording."""
    variables, rows = apart
    keys, files, device = organisation, tmp_path / "files", tmp_path / "device"
    second, *berlin = (Ed25519PrivateKey.generate() for _ in range(3))
    amira = make_person(rows.connection, site="Berlin")
    rows.key(amira)
    to_sign, signed = files / "trust-to-sign.json", files / "trust-to-sign.signed"
    with Gateway(variables) as gateway:
        fingerprint = documents.fingerprint(keys.trust_envelope())
        enrol = ("enrol", "--server", gateway.url, "--trust", fingerprint, "--site", "Berlin")
        command(*enrol, "--code", rows.code(amira), state=device)
        assert json.loads((device / "identity.json").read_text())["site"] == "Berlin"
        assert "do not go together" in refused(variables, "trust", "next", "--quorum", "2", "--into", str(files))
        for wrong in ("council:zz", f"council:{public(second)}:", f"officer:{public(second)}:Berlin", "lease:00"):
            assert "--add takes" in refused(variables, "trust", "next", "--add", wrong, "--into", str(files))
        added = ["--add", f"council:{public(second)}"]
        for key in berlin:
            added += ["--add", f"council:{public(key)}:Berlin"]
        run(variables, "trust", "next", *added, "--quorum", "2", "--into", str(files))
        sign(to_sign, keys.officer, keys.council)
        assert "signatures of officer and council" in refused(variables, "trust", "publish", str(signed))
        sign(to_sign, keys.officer, keys.council, second)
        assert "policy 1 has to be signed anew" in refused(variables, "trust", "publish", str(signed))
        run(variables, "trust", "policies", str(signed), "--into", str(files))
        policy = sign(files / "policy-1-to-sign.json", second)
        with running(device, "--scripted", "5", "--pace", "2"):
            wait_until(lambda: status(device).get("reason") == "recording")
            run(variables, "trust", "publish", str(signed), "--policy", str(policy))
            wait_until(lambda: trust_of(device) == 2)
            wait_until(lambda: status(device).get("reason") == "recording")
        kept = str(rows.one("SELECT envelope FROM policy WHERE version = 1")).encode()
        assert len(dsse.signers_of(kept)) == 3
        with running(device, "--scripted", "6", "--pace", "2"):
            wait_until(lambda: status(device).get("reason") == "recording")
        newest = str(rows.one("SELECT fingerprint FROM trust_document ORDER BY version DESC LIMIT 1"))
        other = tmp_path / "other"
        command("enrol", "--server", gateway.url, "--trust", newest, "--code", rows.code(amira), state=other)
        assert documents.read(Policy, dsse.payload_of((other / "policy.dsse").read_bytes())).version == 1
        run(variables, "trust", "next", "--quorum", "1", "--into", str(files))
        sign(to_sign, keys.officer, keys.council)
        assert "signatures of officer and council" in refused(variables, "trust", "publish", str(signed))
        run(
            variables, "trust", "policies", str(sign(to_sign, keys.officer, keys.council, second)), "--into", str(files)
        )
        run(variables, "trust", "publish", str(signed))
