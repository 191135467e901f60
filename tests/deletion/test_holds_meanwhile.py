"""R03: a hold that is set or ends while a step is at work, or between a kill and the retry."""

from pathlib import Path
from uuid import UUID

import pytest

from portal.core import clock
from portal.deletion import holding
from portal.deletion.holding import NewHold
from portal.deletion.rules import Chosen
from portal.worker import run
from tests.deletion.installation import Installation
from tests.deletion.test_external import DAY, Lake
from tests.deletion.test_holds import hold, release
from tests.deletion.worker import Worker

ITEMS, ROWS, KEPT = 5, 10, 3
OPEN = {"waiting", "running", "pending"}


def killed(environment: dict[str, str], folder: Path, point: str) -> None:
    """A worker that dies at the point."""
    with Worker(environment, folder / point, at=point) as worker:
        worker.waits()
        worker.kill()


def ended(installation: Installation, environment: dict[str, str], folder: Path, request: UUID) -> list[str]:
    """How the steps stand once a worker came to the end of them."""
    with Worker(environment, folder / "last") as last:
        last.until(lambda: not OPEN & set(installation.state(request)))
    return installation.state(request)


def reopen(installation: Installation) -> None:
    """The worker's job for holds that ended."""
    run(installation.database, holding.reopener(lambda *_: None))


def newest(installation: Installation, request: UUID) -> tuple[object, ...]:
    """The last round of the request's last store."""
    return installation.ask(
        "SELECT state, held, remaining FROM request_step WHERE request_id = %s "
        "ORDER BY dataset_id IS NULL, round DESC LIMIT 1", request,
    )[0]  # fmt: skip


@pytest.fixture
def quiet(installation: Installation) -> Installation:
    """Nothing of other tests waits."""
    installation.cancel_steps()
    return installation


@pytest.mark.slow
@pytest.mark.parametrize(
    ("point", "kept"), [("claimed", ITEMS), ("buried", ITEMS), ("batch", ITEMS - 2), ("read_back", 0)]
)
def test_R03_a_hold_set_after_a_kill_keeps_what_is_there_until_it_ends(
    quiet: Installation, tmp_path: Path, point: str, kept: int
) -> None:
    amira = quiet.person(items=ITEMS)
    request = quiet.request(amira, Chosen())
    killed(quiet.environment, tmp_path, point)
    held = hold(quiet, amira, (60, -60))
    assert ended(quiet, quiet.environment, tmp_path, request) == ["partial" if kept else "done"]
    assert quiet.left(amira)["segment"] == kept
    assert newest(quiet, request)[1:] == (kept, 0)
    release(quiet, held)
    reopen(quiet)
    ended(quiet, quiet.environment, tmp_path, request)
    assert newest(quiet, request) == ("done", 0, 0)
    assert quiet.left(amira)["segment"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("point", ["claimed", "batch", "read_back"])
def test_R03_a_hold_released_after_a_kill_keeps_nothing_at_the_retry(
    quiet: Installation, tmp_path: Path, point: str
) -> None:
    amira = quiet.person(items=ITEMS)
    held = hold(quiet, amira, (2, -60))
    request = quiet.request(amira, Chosen())
    killed(quiet.environment, tmp_path, point)
    release(quiet, held)
    reopen(quiet)
    assert ended(quiet, quiet.environment, tmp_path, request)[-1] == "done"
    assert quiet.left(amira)["segment"] == 0


@pytest.mark.slow
def test_R03_a_hold_released_while_a_step_ends_opens_it_again(quiet: Installation, tmp_path: Path) -> None:
    amira = quiet.person(items=ITEMS)
    held = hold(quiet, amira, (60, -60))
    request = quiet.request(amira, Chosen())
    with Worker(quiet.environment, tmp_path, at="read_back") as worker:
        worker.waits()
        release(quiet, held)
        reopen(quiet)
        worker.go()
        worker.until(lambda: quiet.state(request) != ["running"])
    assert quiet.state(request) == ["partial"], "what was counted before the hold ended"
    reopen(quiet)
    assert ended(quiet, quiet.environment, tmp_path, request) == ["partial", "done"]
    assert quiet.left(amira)["segment"] == 0


class Held(Lake):
    """A store elsewhere, of which a hold keeps three days."""

    @property
    def environment(self) -> dict[str, str]:
        """The worker's, with the way there."""
        return self.installation.environment | self.addresses

    def hold(self) -> UUID:
        """Set by HR."""
        now, hana = clock.now(), self.installation.person("Hana Vogel")
        told = NewHold(now - 5.5 * DAY, now - 2.5 * DAY, "tax", "Audit", now + DAY)
        with self.installation.database.transaction("web_hr", hana) as session:
            return holding.set_hold(session, self.amira, told, hana, now).id


@pytest.fixture
def lake(quiet: Installation, tmp_path: Path) -> Held:
    return Held(quiet, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("point", "kept"), [("sql_deleted", KEPT), ("sql_committed", 0), ("store_read_back", 0)])
def test_R03_elsewhere_a_hold_set_after_a_kill_keeps_what_is_there(
    lake: Held, tmp_path: Path, point: str, kept: int
) -> None:
    request = lake.request(Chosen())
    killed(lake.environment, tmp_path, point)
    held = lake.hold()
    ended(lake.installation, lake.environment, tmp_path, request)
    assert newest(lake.installation, request) == ("partial" if kept else "done", kept, 0)
    assert (lake.left(lake.amira), lake.left(lake.ben)) == (kept, ROWS)
    release(lake.installation, held)
    reopen(lake.installation)
    ended(lake.installation, lake.environment, tmp_path, request)
    assert newest(lake.installation, request) == ("done", 0, 0)
    assert (lake.left(lake.amira), lake.left(lake.ben)) == (0, ROWS)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["sql_deleted", "sql_committed", "store_read_back"])
@pytest.mark.parametrize("dies", [True, False])
def test_R03_elsewhere_a_hold_released_while_a_step_is_at_work_opens_it_again(
    lake: Held, tmp_path: Path, point: str, dies: object
) -> None:
    held = lake.hold()
    request = lake.request(Chosen())
    with Worker(lake.environment, tmp_path, at=point) as worker:
        worker.waits()
        release(lake.installation, held)
        reopen(lake.installation)
        worker.kill() if dies else worker.go()
        if not dies:
            worker.until(lambda: not OPEN & set(lake.installation.state(request)))
    ended(lake.installation, lake.environment, tmp_path, request)
    reopen(lake.installation)
    ended(lake.installation, lake.environment, tmp_path, request)
    assert newest(lake.installation, request) == ("done", 0, 0)
    assert (lake.left(lake.amira), lake.left(lake.ben)) == (0, ROWS)
