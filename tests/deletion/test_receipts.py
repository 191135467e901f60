"""L04: the receipt of a real deletion verifies with one stand-alone script, without network, and nothing else does."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import verify_receipt
from portal.audit import queries, sequencing
from portal.audit.keys import LogKey, log_key
from portal.core import clock
from portal.deletion.rules import Chosen
from tests.deletion.installation import Installation
from tests.deletion.worker import Worker
from tests.wire import samples
from verify_receipt import BadReceiptError
from wire import checkpoint, receipt
from wire.checkpoint import Checkpoint
from wire.dsse import raw_public

SCRIPT = Path(verify_receipt.__file__)
Bundle = dict[str, Any]


@pytest.fixture(scope="module")
def bundle(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A receipt as it is downloaded, of a deletion that left one of four items to a hold."""
    amira = installation.person(items=4)
    installation.ask(
        "INSERT INTO legal_hold (id, employee_id, starts_at, ends_at, segment_id, ground, reason, set_by, expires_at) "
        "SELECT gen_random_uuid(), employee_id, started_at, now(), id, 'legal_claims', 'r', employee_id, "
        "now() + interval '1 year' FROM segment WHERE employee_id = %s LIMIT 1",
        amira,
    )
    request = installation.request(amira, Chosen())
    for _ in range(5):
        installation.ask("INSERT INTO audit_entry (actor_role, action) VALUES ('x', 'y')")
    proofs = "SELECT proof FROM receipt WHERE request_id = %s AND proof IS NOT NULL"
    with Worker(installation.environment, tmp_path_factory.mktemp("receipts")) as worker:
        worker.until(lambda: bool(installation.ask(proofs, request)))
    found: Bundle = installation.one(proofs, request)
    return found


def _run(command: list[str], *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [*command, *words], capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]}
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_L04_a_receipt_verifies_in_a_clean_environment_without_network(bundle: Bundle, tmp_path: Path) -> None:
    venv.create(tmp_path / "clean", with_pip=False)
    shutil.copy(SCRIPT, tmp_path / "verify_receipt.py")
    (tmp_path / "receipt.json").write_text(json.dumps(bundle))
    command = [str(tmp_path / "clean" / "bin" / "python"), "-I", str(tmp_path / "verify_receipt.py")]
    if unshare := shutil.which("unshare"):
        command = [unshare, "--user", "--map-root-user", "--net", "--", *command]
    code, said = _run(command, str(tmp_path / "receipt.json"), "--key", bundle["key"])
    assert (code, said.splitlines()[0]) == (0, "PROVED"), said
    assert "Deleted:           3; kept by a legal hold: 1" in said
    assert "Still found:       0 (by another credential)" in said
    code, said = _run(command, str(tmp_path / "receipt.json"))
    assert (code, said.splitlines()[0][:29]) == (verify_receipt.OWN_KEY, "CONSISTENT, BUT NOT PROVED: n"), said


def test_L04_who_signs_with_a_key_of_their_own_proves_nothing(bundle: Bundle, tmp_path: Path) -> None:
    own = LogKey("portal.example/log", Ed25519PrivateKey.generate())
    envelope = receipt.sign(replace(samples.RECEIPT, deleted=4000), own.private).decode()
    entry = bundle["entry"] | {"detail": json.dumps({"receipt": hashlib.sha256(envelope.encode()).hexdigest()})}
    told = json.dumps(entry, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    leaf = hashlib.sha256(bytes.fromhex(bundle["salt"]) + told.encode()).digest()
    note = checkpoint.sign(Checkpoint(own.origin, 1, hashlib.sha256(b"\0" + leaf).digest()), own.private)
    forged = bundle | {
        "key": str(own.public()),
        "envelope": envelope,
        "entry": entry,
        "checkpoint": note,
        "path": [],
        "leaf": 0,
    }
    (tmp_path / "receipt.json").write_text(json.dumps(forged))
    command = [sys.executable, str(SCRIPT), str(tmp_path / "receipt.json")]
    assert _run(command)[0] == verify_receipt.OWN_KEY
    assert "PROVED" not in [line.strip() for line in _run(command)[1].splitlines()]
    assert _run(command, "--key", bundle["key"])[0] == 1


def test_L04_the_receipt_holds_no_name_and_no_content(bundle: Bundle) -> None:
    found, _, _ = verify_receipt.check(bundle, bundle["key"])
    assert set(found) == {
        "step", "request", "store", "asked", "state", "reason", "deleted", "held", "remaining", "logical", "physical",
        "read_back", "apart", "issued",
    }  # fmt: skip
    assert "Amira" not in json.dumps(bundle)


def _payload(bundle: Bundle, change: Callable[[dict[str, Any]], object]) -> Bundle:
    envelope = json.loads(bundle["envelope"])
    payload = json.loads(base64.b64decode(envelope["payload"]))
    change(payload)
    envelope["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    return bundle | {"envelope": json.dumps(envelope)}


def _entry(bundle: Bundle, **values: object) -> Bundle:
    return bundle | {"entry": bundle["entry"] | values}


FORGERIES: dict[str, Callable[[Bundle], Bundle]] = {
    "more was deleted": lambda given: _payload(given, lambda payload: payload.update(deleted=4, held=0)),
    "another time": lambda given: _entry(given, at=given["entry"]["at"] + 1),
    "another entry": lambda given: _entry(given, detail='{"receipt": "00"}'),
    "another salt": lambda given: given | {"salt": "00" * 32},
    "another leaf": lambda given: given | {"leaf": given["leaf"] - 1},
    "a longer proof": lambda given: given | {"path": [*given["path"], "00" * 32]},
    "a shorter proof": lambda given: given | {"path": given["path"][:-1]},
    "a proof of something else": lambda given: given | {"path": ["11" * 32, *given["path"][1:]]},
    "another size": lambda given: given | {"checkpoint": given["checkpoint"].replace("log\n", "log\n1", 1)},
    "another format": lambda given: given | {"format": 2},
    "another key under the same name": lambda given: given | {"key": _strangers_key(given)},
}


def _strangers_key(bundle: Bundle) -> str:
    name = bundle["key"].partition("+")[0]
    return str(checkpoint.VerifierKey(name, raw_public(Ed25519PrivateKey.from_private_bytes(b"7" * 32))))


@pytest.mark.parametrize("name", FORGERIES)
def test_L04_a_forged_receipt_is_refused(bundle: Bundle, name: str) -> None:
    forged = FORGERIES[name](bundle)
    with pytest.raises(BadReceiptError):
        verify_receipt.check(forged, forged["key"])


def test_L04_the_proof_of_one_receipt_proves_no_other(bundle: Bundle, installation: Installation) -> None:
    envelope = receipt.sign(replace(samples.RECEIPT, deleted=4), log_key(installation.settings).private)
    with pytest.raises(BadReceiptError, match="another receipt"):
        verify_receipt.check(bundle | {"envelope": envelope.decode()}, bundle["key"])


def test_L04_a_checkpoint_kept_elsewhere_must_agree(bundle: Bundle, installation: Installation, tmp_path: Path) -> None:
    key = log_key(installation.settings)
    _, size, root = verify_receipt.check(bundle, bundle["key"])
    kept = tmp_path / "heads"
    kept.write_text("\n" + checkpoint.sign(Checkpoint(key.origin, size, root), key.private))
    (tmp_path / "receipt.json").write_text(json.dumps(bundle))
    command = [sys.executable, str(SCRIPT), str(tmp_path / "receipt.json"), "--key", bundle["key"], "--head", str(kept)]
    assert _run(command)[0] == 0
    kept.write_text("\n" + checkpoint.sign(Checkpoint(key.origin, size, bytes(32)), key.private))
    assert _run(command) == (1, "NOT PROVED: a checkpoint that was kept says something else.\n")
    kept.write_text("\n" + checkpoint.sign(Checkpoint(key.origin, size + 1, bytes(32)), key.private))
    code, said = _run(command)
    assert code == verify_receipt.NOT_COMPARED
    assert f"NOT COMPARED: what was kept is of other sizes ({size + 1}) and says nothing of this receipt." in said


def test_L04_checkpoints_of_other_sizes_are_joined_to_the_receipts(
    bundle: Bundle, installation: Installation, tmp_path: Path
) -> None:
    key = log_key(installation.settings)
    _, size, _ = verify_receipt.check(bundle, bundle["key"])
    installation.ask("INSERT INTO audit_entry (actor_role, action) VALUES ('x', 'y')")
    with installation.worker() as session:
        sequencing.sequence(session, key, clock.now())
        head = queries.newest_head(session)
        assert head is not None
        newest = checkpoint.open_checkpoint(head.note, key.public())
        older = Checkpoint(key.origin, 2, queries.frontier(session, 2).root())
        notes = {one.size: checkpoint.sign(one, key.private) for one in (older, newest)}
        joins = {
            (old, new): queries.consistency_proof(session, old, new) for old, new in ((2, size), (size, newest.size))
        }
    (tmp_path / "receipt.json").write_text(json.dumps(bundle))
    command = [sys.executable, str(SCRIPT), str(tmp_path / "receipt.json"), "--key", bundle["key"]]
    for kept, (old, new) in ((2, (2, size)), (newest.size, (size, newest.size))):
        (tmp_path / "kept").write_text(notes[kept])
        later = notes[new] if new in notes else str(bundle["checkpoint"])
        join = receipt.consistency(old, joins[old, new], later, bundle["key"])
        (tmp_path / "join.json").write_text(json.dumps(join))
        given = [*command, "--head", str(tmp_path / "kept")]
        assert _run(given)[0] == verify_receipt.NOT_COMPARED
        code, said = _run([*given, "--consistency", str(tmp_path / "join.json")])
        assert (code, f"Agrees with the checkpoint of {kept} entries that was kept." in said) == (0, True), said
    fork = checkpoint.sign(replace(newest, root=bytes(32)), key.private)
    (tmp_path / "join.json").write_text(json.dumps(join | {"checkpoint": fork}))
    (tmp_path / "kept").write_text(fork)
    code, said = _run([*given, "--consistency", str(tmp_path / "join.json")])
    assert (code, said) == (1, "NOT PROVED: the newer log does not begin with the older one.\n")


@pytest.mark.parametrize("held", ["", "root:x:0:0:root:/root:/bin/bash\n"])
def test_L04_a_file_without_a_checkpoint_assures_nobody(bundle: Bundle, tmp_path: Path, held: str) -> None:
    (tmp_path / "kept").write_text(held)
    (tmp_path / "receipt.json").write_text(json.dumps(bundle))
    command = [sys.executable, str(SCRIPT), str(tmp_path / "receipt.json"), "--head", str(tmp_path / "kept")]
    assert _run(command) == (1, f"NOT PROVED: {tmp_path / 'kept'} holds no checkpoint.\n")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": 1, "key": 7}', "\x00"])
def test_L04_what_is_no_receipt_gets_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_text(text)
    code, said = _run([sys.executable, str(SCRIPT), str(tmp_path / "receipt.json")])
    assert (code, said.startswith("NOT PROVED: ")) == (1, True), said


def test_L04_its_ed25519_agrees_with_the_librarys() -> None:
    for number in range(16):
        key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        message = bytes(range(number))
        signature = key.sign(message)
        verify_receipt.check_signature(raw_public(key), message, signature, "x")
        for place in (0, 31, 32, 63):
            changed = bytearray(signature)
            changed[place] ^= 1
            with pytest.raises(BadReceiptError):
                verify_receipt.check_signature(raw_public(key), message, bytes(changed), "x")
        with pytest.raises(BadReceiptError):
            verify_receipt.check_signature(raw_public(key), message + b"!", signature, "x")


@pytest.mark.parametrize("height", [0, 1, verify_receipt.P - 1])
def test_L04_a_key_of_small_order_signs_nothing(height: int) -> None:
    public = height.to_bytes(32, "little")
    with pytest.raises(BadReceiptError):
        verify_receipt.check_signature(public, b"anything", public + bytes(32), "x")
