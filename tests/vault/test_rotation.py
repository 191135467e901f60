"""Rotation: keys are wrapped anew, exported, and the old epoch destroyed, in this order and over crashes."""

import json
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.config import Settings
from portal.operations.postgres import Postgres
from portal.operations.schema import migrate
from tests.cast import make_person
from tests.fresh_database import fresh_database
from tests.vault.arrange import Superuser
from vault import service
from vault.errors import BadRequestError
from vault.kms.base import KmsError, KmsUnavailableError
from vault.kms.files import FileKms
from vault.rotation import EVERY, EXPORT, Rotation
from vault.service import Vault


@dataclass
class World:
    """A database and epoch keys of their own."""

    vault: Vault
    settings: Settings
    superuser: Superuser
    kms: FileKms
    directory: Path
    exports: Path

    def people(self, count: int) -> list[UUID]:
        """New people with keys."""
        people = [make_person(self.superuser) for _ in range(count)]
        for person in people:
            self.vault.keys.ensure(person, clock.now())
        return people

    def rows(self) -> dict[UUID, tuple[int, bytes]]:
        """Key id → epoch and wrapped private key."""
        rows = self.superuser.execute("SELECT id, kms_epoch, wrapped_private FROM employee_key").fetchall()
        self.superuser.commit()
        return {row[0]: (row[1], row[2]) for row in rows}

    def opens(self, person: UUID) -> bytes | None:
        """The raw public key that belongs to the person's private key."""
        key, _ = self.vault.keys.ensure(person, clock.now())
        with self.vault.store.transaction() as connection:
            private = self.vault.keys.private(connection, key, person)
        return private.public_key().public_bytes_raw() if private else None

    def epochs(self) -> list[str]:
        """The key files."""
        return sorted(path.name for path in self.directory.glob("epoch-*"))


@pytest.fixture
def world(postgres: Postgres, environment: dict[str, str], tmp_path: Path) -> Iterator[World]:
    with fresh_database(postgres, environment) as (name, variables):
        directory, var = tmp_path / "kms", tmp_path / "var"
        told = {"PORTAL_OIDC_ISSUER": "http://localhost:1", "PORTAL_OIDC_CLIENT_ID": "daylight"}
        settings = Settings.from_env(variables | told | {"PORTAL_KMS": f"file:{directory}", "PORTAL_VAR_DIR": str(var)})
        migrate(settings)
        vault = service.build(settings)
        with psycopg.connect(postgres.superuser_conninfo(name)) as superuser:
            yield World(vault, settings, superuser, FileKms(directory), directory, var / service.EXPORTS)
        vault.store.close()


def test_C03_rotation_wraps_anew_and_destroys_the_old_epoch(world: World) -> None:
    people = world.people(5)
    before, opened = world.rows(), [world.opens(person) for person in people]
    assert world.vault.rotation.rotate() == 5
    after = world.rows()
    assert {epoch for epoch, _ in after.values()} == {2}
    assert all(after[key][1] != before[key][1] for key in before)
    assert [world.opens(person) for person in people] == opened
    assert world.epochs() == ["epoch-000002.key"]


def test_C03_a_row_from_an_older_dump_opens_no_more(world: World) -> None:
    (person,) = world.people(1)
    ((key, (epoch, wrapped)),) = world.rows().items()
    world.vault.rotation.rotate()
    world.superuser.execute(
        "UPDATE employee_key SET kms_epoch = %s, wrapped_private = %s WHERE id = %s", [epoch, wrapped, key]
    )
    world.superuser.commit()
    assert world.opens(person) is None


def _step(world: World, person: UUID, state: str, key_epoch: int | None) -> UUID:
    step = uuid4()
    world.superuser.execute(
        "INSERT INTO request_step (id, employee_id, request_id, store, chosen, state, key_epoch) "
        "VALUES (%s, %s, gen_random_uuid(), 'daylight', '{}', %s, %s)",
        [step, person, state, key_epoch],
    )
    world.superuser.commit()
    return step


def test_C04_the_epochs_of_deleted_keys_are_destroyed_once(world: World) -> None:
    amira, ben = world.people(2)
    ben_opens = world.opens(ben)
    world.superuser.execute("DELETE FROM employee_key WHERE employee_id = %s", [amira])
    step = _step(world, amira, "running", 1)
    for _ in range(3):
        world.vault.rotation.destroy(step)
    assert world.epochs() == ["epoch-000002.key"]
    assert world.opens(ben) == ben_opens


@pytest.mark.parametrize("state", ["waiting", "pending", "done"])
def test_C03_only_a_running_step_has_epochs_destroyed(world: World, state: str) -> None:
    (amira,) = world.people(1)
    for step in (uuid4(), _step(world, amira, state, 1)):
        with pytest.raises(BadRequestError):
            world.vault.rotation.destroy(step)
    world.vault.rotation.destroy(_step(world, amira, "running", None))
    assert world.epochs() == ["epoch-000001.key"]


def test_the_export_is_the_wrapped_table_and_nothing_else(world: World) -> None:
    world.people(3)
    world.vault.rotation.rotate()
    path = world.exports / EXPORT
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert {
        UUID(line["id"]): (line["kms_epoch"], bytes.fromhex(line["wrapped_private"])) for line in lines
    } == world.rows()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in world.exports.iterdir()] == [EXPORT]


def test_a_restored_dump_opens_with_the_newest_export(world: World) -> None:
    """The dump is older than the rotation, and lacks a person who came after it; the export has both."""
    world.people(2)
    dump = world.superuser.execute("SELECT id, kms_epoch, wrapped_private FROM employee_key").fetchall()
    people = [*world.people(1), *(row[0] for row in world.superuser.execute("SELECT employee_id FROM employee_key"))]
    opened = [world.opens(person) for person in people]
    world.vault.rotation.rotate()
    for key, epoch, wrapped in dump:
        world.superuser.execute(
            "UPDATE employee_key SET kms_epoch = %s, wrapped_private = %s WHERE id = %s", [epoch, wrapped, key]
        )
    world.superuser.execute("DELETE FROM employee_key WHERE id <> ALL (%s)", [[row[0] for row in dump]])
    world.superuser.commit()
    assert world.vault.rotation.restore(world.exports / EXPORT) == 3
    assert [world.opens(person) for person in people] == opened
    world.vault.rotation.require_keys()


def test_keys_made_during_a_rotation_stay_readable(world: World) -> None:
    world.people(3)
    with ThreadPoolExecutor(4) as pool:
        rotations = [pool.submit(world.vault.rotation.rotate) for _ in range(2)]
        people = [make_person(world.superuser) for _ in range(20)]
        made = list(pool.map(lambda person: world.vault.keys.ensure(person, clock.now()), people))
        for rotation in rotations:
            _finished(rotation)
    assert len(made) == 20
    world.vault.rotation.finish()
    assert all(world.opens(person) for person in people)


def _finished(rotation: Any) -> None:
    try:
        rotation.result(30)
    except Exception as error:  # noqa: BLE001 - two at once may leave work to the next; what they may not do is tested
        assert type(error).__name__ in {"UnavailableError", "KmsRefusedError", "EpochDestroyedError"}  # noqa: PT017


class Dying(FileKms):
    """Dies when the old epochs should be destroyed."""

    def destroy_before(self, epoch: int) -> None:
        raise KmsUnavailableError(f"died before destroying what is older than {epoch}")


def test_a_crash_before_destroying_is_finished_later(world: World) -> None:
    (person,) = world.people(1)
    dying = Rotation(world.vault.store, Dying(world.directory), world.exports)
    with pytest.raises(KmsUnavailableError):
        dying.rotate()
    assert world.epochs() == ["epoch-000001.key", "epoch-000002.key"]
    assert world.opens(person)
    world.vault.rotation.finish()
    assert world.epochs() == ["epoch-000002.key"]
    assert world.opens(person)


def test_a_crash_right_after_the_new_epoch_is_noticed(world: World) -> None:
    (person,) = world.people(1)
    assert not world.vault.rotation.unfinished()
    world.kms.rotate()
    assert world.vault.rotation.unfinished()
    assert world.vault.rotation.finish() == 1
    assert not world.vault.rotation.unfinished()
    assert world.opens(person)


def test_a_key_that_does_not_unwrap_stops_the_destruction(world: World) -> None:
    world.people(2)
    world.superuser.execute(
        "UPDATE employee_key SET wrapped_private = '\\x00' WHERE id = (SELECT min(id::text)::uuid FROM employee_key)"
    )
    world.superuser.commit()
    with pytest.raises(KmsError):
        world.vault.rotation.rotate()
    assert world.epochs() == ["epoch-000001.key", "epoch-000002.key"]


def test_rotation_is_due_after_a_week(world: World) -> None:
    made = world.kms.current().created
    assert not world.vault.rotation.due(made + EVERY - timedelta(seconds=1))
    assert world.vault.rotation.due(made + EVERY)


def test_missing_epoch_keys_are_noticed_at_the_start(world: World, tmp_path: Path) -> None:
    world.people(1)
    world.vault.rotation.rotate()
    world.vault.rotation.require_keys()
    with pytest.raises(KmsError, match="missing"):
        Rotation(world.vault.store, FileKms(tmp_path / "other"), world.exports).require_keys()


@pytest.mark.parametrize("column", ["issuer", "subject"])
def test_C03_a_private_key_is_bound_to_the_person(world: World, column: str) -> None:
    (person,) = world.people(1)
    assert world.opens(person)
    world.superuser.execute(f"UPDATE employee SET {column} = 'another' WHERE id = %s".encode(), [person])
    world.superuser.commit()
    assert world.opens(person) is None


def test_C03_a_private_key_moved_to_another_persons_row_does_not_unwrap(world: World) -> None:
    amira, ben = world.people(2)
    world.superuser.execute(
        "UPDATE employee_key SET (wrapped_private, kms_epoch) = (SELECT wrapped_private, kms_epoch FROM employee_key "
        "WHERE employee_id = %s) WHERE employee_id = %s",
        [amira, ben],
    )
    world.superuser.commit()
    assert world.opens(ben) is None
    assert world.opens(amira)
