"""C04: what is erased stays erased after a restore of a real base backup; nothing is served before the check."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from portal.core import clock
from portal.core.db import UnsafeDatabaseError
from tests.deletion.installation import Installation
from tests.deletion.restored import Restored, command, restored_in
from vault import service
from vault.keys import unwrap
from vault.kms.base import EpochDestroyedError


@pytest.fixture(scope="module")
def restored(installation: Installation, vault: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restored]:
    with restored_in(tmp_path_factory.mktemp("restore"), installation) as made:
        yield made


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
    code, said = command(one, "portal", "worker")
    assert (code, "restore-check" in said) == (1, True)


@pytest.mark.slow
def test_C04_restore_check_erases_again_and_lets_serve(restored: Restored) -> None:
    one = restored.installation
    assert one.left(restored.ben)["segment"] == 3
    assert one.one("SELECT name FROM employee WHERE id = %s", restored.amira) == "Amira Kaya"
    code, said = command(one, "portal", "restore-check")
    assert (code, "restore-keys" in said) == (1, True), said
    export = one.settings.var_dir / "key-export" / "employee-keys.jsonl"
    assert command(one, "vault", "rotate")[0] == 1, "the vault, too, refuses"
    code, said = command(one, "vault", "restore-keys", str(export))
    assert code == 0, said
    code, said = command(one, "portal", "restore-check")
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
    assert command(one, "portal", "restore-check")[0] == 0, "it may be repeated"


def _opens(restored: Restored, person: UUID) -> bool:
    with _vault(restored) as built:
        key, _ = built.keys.ensure(person, clock.now())
        with built.store.transaction() as connection:
            return built.keys.private(connection, key, person) is not None
