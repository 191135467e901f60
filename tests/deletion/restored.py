"""An installation restored from a real base backup, older than what was erased since."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from psycopg.conninfo import conninfo_to_dict

from portal.core.vault_client import VaultClient
from portal.core.witness import last_size
from portal.deletion.rules import Chosen
from portal.operations.postgres import binary
from tests.deletion.installation import EVERYBODY, Installation
from tests.deletion.worker import OWN, ROOT, Worker
from tests.vault.arrange import VAULT_TAKES

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


def backup(installation: Installation, target: Path) -> None:
    """A base backup by PostgreSQL's own tool, over the replication protocol."""
    told = conninfo_to_dict(installation.postgres.superuser_conninfo())
    command = [binary("pg_basebackup"), "-D", str(target), "-U", str(told["user"]), "-h", str(told["host"])]
    command += ["-p", str(told["port"]), "--checkpoint=fast", "--no-password"]
    environment = {"PATH": os.environ["PATH"], "PGPASSWORD": str(told["password"])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def without_server(installation: Installation) -> Iterator[Path]:
    """The data directory while nobody uses it."""
    installation.database.dispose()
    installation.postgres.stop()
    yield installation.postgres.runtime.data
    installation.postgres.prepare()
    installation.postgres.start()


def command(installation: Installation, *words: str, program: str = "", **more: str) -> tuple[int, str]:
    """`python -m …`, or a `program` instead, with the worker's settings → exit code and what it said."""
    given = {name: installation.environment[name] for name in {*OWN, *VAULT_TAKES} - {"END_SECONDS"}}
    given |= {"PATH": os.environ["PATH"]} | more
    what = ["-c", program] if program else ["-m", *words]
    done = subprocess.run([sys.executable, *what], cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@contextmanager
def restored_in(folder: Path, installation: Installation) -> Iterator[Restored]:
    """Back up, erase, and put the backup in the place of what there was."""
    witnessed = {"PORTAL_LOG_WITNESS": f"file:{folder / 'witness'}"}
    one = Installation(installation.environment | witnessed, installation.postgres, folder)
    one.cancel_steps()
    one.ask("UPDATE erasure SET undone_at = now() WHERE done_at IS NULL AND undone_at IS NULL")
    amira, ben = one.person(items=3), one.person("Ben Okafor", items=3)
    client = VaultClient(one.environment["PORTAL_VAULT_URL"])
    for person in (amira, ben):
        client.ensure_key(person)
    key = dict(zip(COLUMNS, one.ask(ROW, amira)[0], strict=True))
    backup(one, folder / "backup")
    asked = [one.request(amira, EVERYBODY), one.request(ben, Chosen())]
    with Worker(one.environment, folder) as worker:
        worker.until(lambda: [one.state(request) for request in asked] == [["done"], ["done"]])
        worker.until(lambda: one.one("SELECT count(*) FROM log_pending") == 0)
        worker.until(lambda: last_size(folder / "witness") == one.one("SELECT max(size) FROM log_head"))
    with without_server(one) as data:
        live = folder / "live"
        data.rename(live)
        shutil.copytree(folder / "backup", data)
        data.chmod(0o700)
    yield Restored(one, amira, ben, key, dict(zip(COLUMNS, one.ask(ROW, amira)[0], strict=True)))
    one.database.dispose()
