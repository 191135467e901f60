"""C04: the check after a restore may be killed at any moment; run again, it ends in the same state."""

import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from portal.core import clock
from tests.deletion.installation import Installation
from tests.deletion.restored import Restored, command, restored_in, without_server

pytestmark = pytest.mark.timeout(300)
"""The first of them backs up, erases and restores: on a busy machine more than a test may usually take."""
OLD = 3
PLACES = 15
"""Where it commits something: replaying, deleting by age, erasing a person, signing."""
# Small batches; the process kills itself when the first transaction that writes is committed at the KILLth place.
PROGRAM = """
import atexit, contextlib, os, signal, sys
from portal.core.db import Database
from portal.deletion import store
store.BATCH = 2
real, places = Database.transaction, set()
@contextlib.contextmanager
def transaction(self, *given):
    begun = sys._getframe(2)
    place = begun.f_code.co_filename, begun.f_lineno
    with real(self, *given) as session:
        yield session
        session.flush()
        wrote = session.connection().exec_driver_sql("SELECT pg_current_xact_id_if_assigned()").scalar()
    if wrote is None or place in places:
        return
    places.add(place)
    if len(places) == int(os.environ["KILL"]):
        os.kill(os.getpid(), signal.SIGKILL)
Database.transaction = transaction
atexit.register(lambda: print("places:", len(places)))
sys.argv = ["portal", "restore-check"]
from portal.cli import main
main()
"""


@dataclass(frozen=True)
class Again:
    """A restored database that can be had as often as one likes; Amira and Ben were erased, Cleo has something old."""

    restored: Restored
    cleo: UUID
    folder: Path
    whole: dict[str, Any] = field(default_factory=dict)
    """What a check that nobody killed ended in."""

    def anew(self) -> None:
        """The database and the witness as they were just after the restore."""
        one = self.restored.installation
        with without_server(one) as data:
            shutil.rmtree(data)
            shutil.copytree(self.folder / "data", data)
            data.chmod(0o700)
        shutil.copy(self.folder / "witnessed", one.folder / "witness")

    def check(self, kill: int = 0) -> tuple[int, str]:
        """Run it, and kill it at this place, 0: at none."""
        return command(self.restored.installation, program=PROGRAM, KILL=str(kill))

    def final(self) -> dict[str, Any]:
        """Everything that may not depend on where the kill was."""
        one, mine = self.restored.installation, (self.restored.amira, self.restored.ben, self.cleo)
        for login in ("web_employee", "gateway", "vault", "worker"):
            one.database.check(login)
        left = [one.left(person) for person in mine]
        steps = "SELECT action, state, deleted, remaining, pending_since FROM request_step WHERE employee_id = %s"
        ages = "SELECT kind, state, held, remaining FROM retention_step ORDER BY kind, until"
        receipts = "SELECT count(*) FROM receipt WHERE employee_id = %s"
        return {
            "left": left,
            "names": [one.one("SELECT name FROM employee WHERE id = %s", person) for person in mine],
            "steps": one.ask(steps, mine[0]),
            "receipts": one.one(receipts, mine[0]),
            "ages": sorted(set(one.ask(ages))),
            "gone": one.ask(
                "SELECT sum((detail->>'items')::int) FROM audit_entry WHERE action = 'retention.deleted' "
                "AND employee_id = %s",
                self.cleo,
            ),
            "log": one.findings(),
            "waits": one.one("SELECT count(*) FROM log_pending"),
        }


@pytest.fixture(scope="module")
def again(installation: Installation, vault: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Again]:
    folder = tmp_path_factory.mktemp("again")
    installation.ask("DELETE FROM retention_step")
    with restored_in(tmp_path_factory.mktemp("restore"), installation) as made:
        one = made.installation
        export = one.settings.var_dir / "key-export" / "employee-keys.jsonl"
        code, said = command(one, "vault", "restore-keys", str(export))
        assert code == 0, said
        cleo = one.person("Cleo Hart")
        for number in range(OLD):
            one.item(cleo, clock.now() - timedelta(days=40, minutes=number))
        with without_server(one) as data:
            shutil.copytree(data, folder / "data")
        shutil.copy(one.folder / "witness", folder / "witnessed")
        again = Again(made, cleo, folder)
        code, said = again.check()
        assert code == 0, said
        assert said.endswith(f"places: {PLACES}\n"), said
        again.whole.update(again.final())
        yield again


@pytest.mark.slow
def test_C04_the_check_deletes_what_has_become_too_old_and_ends_every_step(again: Again) -> None:
    assert again.whole["left"][2]["segment"] == 0
    assert (again.whole["names"][0], again.whole["waits"], again.whole["log"]) == ("", 0, [])
    assert {row[1] for row in again.whole["steps"]} == {"done"}


@pytest.mark.slow
@pytest.mark.parametrize("place", range(1, PLACES + 1))
def test_C04_a_check_that_was_killed_at_each_of_its_commits_ends_the_same_when_it_is_repeated(
    again: Again, place: int
) -> None:
    again.anew()
    code, said = again.check(place)
    assert code == -signal.SIGKILL, said
    code, said = again.check()
    assert code == 0, said
    assert "This database may be served." in said
    assert again.final() == again.whole
