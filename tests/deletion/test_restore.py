"""C04: what is erased stays erased after a restore of a real base backup; nothing is served before the check."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from psycopg.conninfo import conninfo_to_dict

from portal.core import clock
from portal.core.db import UnsafeDatabaseError
from portal.core.vault_client import VaultClient
from portal.core.witness import last_size
from portal.deletion.rules import Chosen
from portal.operations.postgres import binary
from tests.deletion.installation import EVERYBODY, Installation
from tests.deletion.worker import OWN, ROOT, Worker
from tests.vault.arrange import VAULT_TAKES
from vault import service
from vault.keys import unwrap
from vault.kms.base import EpochDestroyedError

ROW = (
    "SELECT k.id, k.employee_id, k.wrapped_private, k.kms_epoch, e.issuer, e.subject "
    "FROM employee_key k JOIN employee e ON e.id = k.employee_id WHERE k.employee_id = %s"
)
COLUMNS = ("id", "employee_id", "wrapped_private", "kms_epoch", "issuer", "subject")


@dataclass(frozen=True)
class Restored:
    """An installation whose database is as old as the backup: Ben's range and all of Amira were erased since."""

    installation: Installation
    amira: UUID
    ben: UUID
    key: dict[str, object]
    brought_back: dict[str, object]
    """Amira's row of `employee_key`, before the backup and after the restore."""


def _backup(installation: Installation, target: Path) -> None:
    """A base backup by PostgreSQL's own tool, over the replication protocol."""
    told = conninfo_to_dict(installation.postgres.superuser_conninfo())
    command = [binary("pg_basebackup"), "-D", str(target), "-U", str(told["user"]), "-h", str(told["host"])]
    command += ["-p", str(told["port"]), "--checkpoint=fast", "--no-password"]
    environment = {"PATH": os.environ["PATH"], "PGPASSWORD": str(told["password"])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def _without_server(installation: Installation) -> Iterator[Path]:
    """The data directory while nobody uses it."""
    installation.database.dispose()
    installation.postgres.stop()
    yield installation.postgres.runtime.data
    installation.postgres.prepare()
    installation.postgres.start()


def _command(installation: Installation, *words: str) -> tuple[int, str]:
    """`python -m …` with the worker's settings → exit code and what it said."""
    given = {name: installation.environment[name] for name in {*OWN, *VAULT_TAKES} - {"END_SECONDS"}}
    given["PATH"] = os.environ["PATH"]
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env=given, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def restored(installation: Installation, vault: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restored]:
    folder = tmp_path_factory.mktemp("restore")
    witnessed = {"PORTAL_LOG_WITNESS": f"file:{folder / 'witness'}"}
    one = Installation(installation.environment | witnessed, installation.postgres, folder)
    one.cancel_steps()
    one.ask("UPDATE erasure SET undone_at = now() WHERE done_at IS NULL AND undone_at IS NULL")
    amira, ben = one.person(items=3), one.person("Ben Okafor", items=3)
    client = VaultClient(one.environment["PORTAL_VAULT_URL"])
    for person in (amira, ben):
        client.ensure_key(person)
    key = dict(zip(COLUMNS, one.ask(ROW, amira)[0], strict=True))
    _backup(one, folder / "backup")
    asked = [one.request(amira, EVERYBODY), one.request(ben, Chosen())]
    with Worker(one.environment, folder) as worker:
        worker.until(lambda: [one.state(request) for request in asked] == [["done"], ["done"]])
        worker.until(lambda: one.one("SELECT count(*) FROM log_pending") == 0)
        worker.until(lambda: last_size(folder / "witness") == one.one("SELECT max(size) FROM log_head"))
    with _without_server(one) as data:
        live = folder / "live"
        data.rename(live)
        shutil.copytree(folder / "backup", data)
        data.chmod(0o700)
    yield Restored(one, amira, ben, key, dict(zip(COLUMNS, one.ask(ROW, amira)[0], strict=True)))
    one.database.dispose()


@contextmanager
def _vault(restored: Restored) -> Iterator[service.Vault]:
    built = service.build(restored.installation.settings)
    yield built
    built.store.close()


@pytest.mark.slow
def test_C04_the_key_in_an_older_backup_opens_nothing(restored: Restored) -> None:
    assert restored.brought_back == restored.key, "the backup still has it: DELETE is not shredding"
    with _vault(restored) as built, pytest.raises(EpochDestroyedError):
        unwrap(built.rotation._kms, restored.key)


@pytest.mark.slow
def test_C04_deleting_the_row_leaves_the_key_on_the_disk(restored: Restored) -> None:
    """Why the epoch is destroyed: heap and WAL of the live server hold the wrapped key after the DELETE."""
    wrapped = bytes(restored.key["wrapped_private"])  # type: ignore[call-overload]
    live = restored.installation.folder / "live"
    holding = {
        path.relative_to(live).parts[0] for path in live.rglob("*") if path.is_file() and wrapped in path.read_bytes()
    }
    assert "pg_wal" in holding or "base" in holding


@pytest.mark.slow
def test_C04_no_process_serves_a_restored_database_before_the_check(restored: Restored) -> None:
    one = restored.installation
    for login in ("web_session", "web_employee", "web_hr", "gateway", "vault", "worker"):
        with pytest.raises(UnsafeDatabaseError, match=r"restored from a backup.*restore-check"):
            one.database.check(login)
    code, said = _command(one, "portal", "worker")
    assert (code, "restore-check" in said) == (1, True)


@pytest.mark.slow
def test_C04_restore_check_erases_again_and_lets_serve(restored: Restored) -> None:
    one = restored.installation
    assert one.left(restored.ben)["segment"] == 3
    assert one.one("SELECT name FROM employee WHERE id = %s", restored.amira) == "Amira Kaya"
    code, said = _command(one, "portal", "restore-check")
    assert (code, "restore-keys" in said) == (1, True), said
    export = one.settings.var_dir / "key-export" / "employee-keys.jsonl"
    assert _command(one, "vault", "rotate")[0] == 1, "the vault, too, refuses"
    code, said = _command(one, "vault", "restore-keys", str(export))
    assert code == 0, said
    code, said = _command(one, "portal", "restore-check")
    assert code == 0, said
    laid = re.search(r"Laid again: (\d+) tombstones", said)
    assert laid, said
    assert int(laid[1]) >= len((restored.amira, restored.ben)), (
        "and those of others, which this directory's tests let end"
    )
    assert one.left(restored.ben) == {
        "segment": 0, "employee_day": 0, "upload": 3, "tombstone": 1, "employee_key": 1, "device": 0,
        "notification": 0, "look": 0,
    }  # fmt: skip
    assert one.left(restored.amira)["segment"] == one.left(restored.amira)["employee_key"] == 0
    assert one.one("SELECT name FROM employee WHERE id = %s", restored.amira) == ""
    for login in ("web_employee", "gateway", "vault", "worker"):
        one.database.check(login)
    assert _opens(restored, restored.ben)
    assert _command(one, "portal", "restore-check")[0] == 0, "it may be repeated"


def _opens(restored: Restored, person: UUID) -> bool:
    with _vault(restored) as built:
        key, _ = built.keys.ensure(person, clock.now())
        with built.store.transaction() as connection:
            return built.keys.private(connection, key, person) is not None
