"""A whole person is forgotten last: not while a hold keeps something by their address, or a store has kept rows."""

from uuid import UUID

import pytest

from portal.audit import sequencing
from portal.audit.keys import log_key
from portal.core import clock
from portal.deletion import holding
from portal.deletion.holding import NewHold
from portal.worker import run
from tests.deletion.installation import EVERYBODY
from tests.deletion.test_external import DAY, Lake, lake

__all__ = ["lake"]
LIES = "CREATE TRIGGER lies BEFORE DELETE ON events BEGIN SELECT RAISE(IGNORE); END"
ANOTHER_ROUND = (
    "INSERT INTO request_step (id, employee_id, request_id, dataset_id, store, chosen, round, created_at) "
    "SELECT gen_random_uuid(), employee_id, request_id, dataset_id, store, chosen, 2, created_at FROM request_step "
    "WHERE request_id = %s AND dataset_id IS NOT NULL"
)


def own(lake: Lake, request: UUID) -> tuple[object, ...]:
    """How the step in Daylight's own store stands."""
    asked = "SELECT state, reason FROM request_step WHERE request_id = %s AND dataset_id IS NULL"
    (found,) = lake.installation.ask(asked, request)
    return found


def known(lake: Lake) -> bool:
    """Whether the address is there by which rows are found."""
    return bool(lake.installation.one("SELECT email IS NOT NULL FROM employee WHERE id = %s", lake.amira))


def carry(lake: Lake, request: UUID) -> None:
    """Twice, for what waits for another store is tried again."""
    for _ in range(2):
        lake.due(request)
        lake.carry()


@pytest.mark.slow
def test_R03_nobody_is_forgotten_while_a_hold_keeps_rows_elsewhere(lake: Lake, vault: None) -> None:
    now, hana = clock.now(), lake.installation.person("Hana Vogel")
    told = NewHold(now - 5.5 * DAY, now - 2.5 * DAY, "tax", "Audit", now + DAY)
    with lake.installation.database.transaction("web_hr", hana) as session:
        kept = holding.set_hold(session, lake.amira, told, hana, now).id
    request = lake.request(EVERYBODY)
    carry(lake, request)
    assert lake.step(request)[:4] == ("partial", 7, 3, 0)
    assert own(lake, request) == ("waiting", "held_elsewhere")
    assert known(lake)
    with lake.installation.database.transaction("web_hr", hana) as session:
        holding.release_hold(session, kept, hana, clock.now())
    carry(lake, request)
    assert known(lake), "the hold has ended, but what it kept is still to go"
    run(lake.installation.database, holding.reopener(lambda *_: None))
    carry(lake, request)
    assert (lake.step(request)[:4], lake.left(lake.amira)) == (("done", 3, 0, 0), 0)
    _gone(lake, request)


@pytest.mark.slow
@pytest.mark.parametrize("ends", ["mended", "in time"])
def test_R03_nobody_is_forgotten_while_a_store_has_kept_rows(lake: Lake, vault: None, ends: str) -> None:
    lake.change(LIES)
    request = lake.request(EVERYBODY)
    carry(lake, request)
    assert lake.step(request)[6] == "not_gone:10"
    assert own(lake, request) == ("waiting", "left_elsewhere:10")
    assert known(lake)
    if ends == "mended":
        lake.change("DROP TRIGGER lies")
        lake.installation.ask(ANOTHER_ROUND, request)
    else:
        earlier = "UPDATE request_step SET created_at = created_at - interval '31 days' WHERE request_id = %s"
        lake.installation.ask(earlier, request)
    carry(lake, request)
    assert lake.left(lake.amira) == (0 if ends == "mended" else 10)
    _gone(lake, request)


def _gone(lake: Lake, request: UUID) -> None:
    """Entries of the log must have their leaf before they may be blanked."""
    with lake.installation.worker() as session:
        sequencing.sequence(session, log_key(lake.installation.settings), clock.now())
    carry(lake, request)
    assert own(lake, request)[0] == "done"
    assert not known(lake)
