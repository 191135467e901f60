"""A store that the installation does not own, and the worker that is killed while it deletes there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID, uuid4

from portal.deletion.planning import Place
from portal.sources.connectors.base import Layout
from portal.sources.rules import readback_name, setting_name
from tests.deletion.installation import Installation
from tests.deletion.worker import SECONDS, Worker, restart_at_once

ENDED: Final = {
    "state": "done", "held": 0, "remaining": 0, "apart": True, "reason": None, "pending_since": None, "part": None,
    "receipts": 1, "entries": 1,
}  # fmt: skip
"""All of a step that may not depend on where a crash was, but how many rows it deleted."""
STEP: Final = (
    "SELECT s.state, s.deleted, s.held, s.remaining, s.apart, s.reason, s.pending_since, s.part, "
    "(SELECT count(*) FROM receipt r WHERE r.step_id = s.id), "
    "(SELECT count(*) FROM audit_entry e WHERE e.action = 'step.ended' AND e.object_id = s.id) "
    "FROM request_step s WHERE s.request_id = %s AND s.dataset_id = %s ORDER BY s.round DESC"
)
NAMES: Final = (
    "state", "deleted", "held", "remaining", "apart", "reason", "pending_since", "part", "receipts", "entries",
)  # fmt: skip


@dataclass(frozen=True)
class Elsewhere:
    """One dataset with a subject column `who` of mail addresses; `environment` has the way to it."""

    installation: Installation
    place: Place
    environment: dict[str, str]

    @classmethod
    def described(cls, installation: Installation, kind: str, location: str, address: str, readback: str) -> Self:
        """Described to the installation under a name of its own."""
        name, source, dataset = f"lake{uuid4().hex[:8]}", uuid4(), uuid4()
        installation.ask(
            "INSERT INTO source (id, name, connector, setting) VALUES (%s, %s, %s, %s)",
            source, name, kind, setting_name(name),
        )  # fmt: skip
        installation.ask(
            "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, described_by, state) "
            "VALUES (%s, %s, %s, %s, 'who', 'email', 'yaml', 'usable')",
            dataset, source, name, location,
        )  # fmt: skip
        addresses = {setting_name(name): address, readback_name(name): readback}
        return cls(installation, Place(name, dataset), installation.environment | addresses)

    def struck(self, fault: str, request: UUID, folder: Path, point: str) -> None:
        """The `process` or its `database` dies at the point; then the request comes to its end."""
        if fault == "process":
            self.killed_twice(request, folder, point)
            return
        with Worker(self.environment, folder / "struck", at=point) as worker:
            worker.waits()
            restart_at_once(self.installation.postgres)
            worker.go()
            worker.until(lambda: set(self.installation.state(request)) == {"done"})

    def killed_twice(self, request: UUID, folder: Path, point: str, seconds: float = SECONDS) -> None:
        """Two workers, each killed at the point, then one that comes to the end."""
        before = len(self.installation.state(request))
        for number in range(2):
            with Worker(self.environment, folder / str(number), at=point, seconds=seconds) as worker:
                worker.waits()
                worker.kill()
        self.carried_out(request, folder, seconds)
        assert len(self.installation.state(request)) == before

    def carried_out(self, request: UUID, folder: Path, seconds: float = SECONDS) -> None:
        """A worker that comes to the end."""
        with Worker(self.environment, folder / "last", seconds=seconds) as last:
            last.until(lambda: set(self.installation.state(request)) == {"done"})

    def ended(self, request: UUID) -> dict[str, Any]:
        """How the request's step there ended."""
        row = self.installation.ask(STEP, request, self.place.dataset)[0]
        return dict(zip(NAMES, row, strict=True))


def warehouse(installation: Installation, layouts: list[Layout], address: str, readback: str) -> dict[str, str]:
    """Describe a Hive of these tables, known by addresses of mail; the environment that has the way to it."""
    name, source = f"lake{uuid4().hex[:8]}", uuid4()
    installation.ask(
        "INSERT INTO source (id, name, connector, setting) VALUES (%s, %s, 'hive', %s)",
        source, name, setting_name(name),
    )  # fmt: skip
    for one in layouts:
        installation.ask(
            "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, time_column, "
            "kind_column, context_column, sensitivity_column, described_by, state) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'yaml', 'usable')",
            uuid4(), source, f"{name} {one.location}", one.location, one.subject_column, one.subject_kind.value,
            one.time_column, one.kind_column, one.context_column, one.sensitivity_column,
        )  # fmt: skip
    return installation.environment | {setting_name(name): address, readback_name(name): readback}
