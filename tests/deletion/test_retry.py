"""A store that refused, was mended, and is tried again by HR: the rows go, with a receipt of its own (R03)."""

from pathlib import Path

from portal.core import clock
from portal.deletion.rules import Chosen
from portal.requests import actions
from portal.requests.jobs import plan_next, retry_next
from portal.requests.rules import About
from portal.sources.connectors.base import Reason
from portal.worker import run
from tests.deletion.installation import Installation
from tests.deletion.test_external import DAY, Lake
from tests.requests.arrange import HANA, decided, sent


def test_R03_a_store_that_was_mended_is_tried_again_with_a_receipt_of_its_own(
    installation: Installation, tmp_path: Path
) -> None:
    installation.ask("DELETE FROM source")
    installation.cancel_steps()
    lake, now = Lake(installation, tmp_path), clock.now()
    lake.change("ALTER TABLE events RENAME COLUMN at TO moment")
    request = sent(installation.database, lake.amira, about=About(now - 30 * DAY, now)).id
    decided(installation.database, request)
    run(installation.database, plan_next)
    lake.carry()
    assert lake.step(request)[0] == "refused", lake.step(request)
    assert installation.one("SELECT state FROM request WHERE id = %s", request) == "partial"
    step = installation.one("SELECT id FROM request_step WHERE request_id = %s AND dataset_id IS NOT NULL", request)
    lake.change("ALTER TABLE events RENAME COLUMN moment TO at")
    with installation.database.transaction("web_hr", HANA.id) as session:
        actions.retry(session, request, HANA, clock.now(), step, lake.name)
    assert installation.one("SELECT state FROM request WHERE id = %s", request) == "running"
    lake.carry()
    assert lake.left(lake.amira) == 10, "HR's login makes no steps"
    run(installation.database, retry_next)
    lake.carry()
    assert lake.step(request)[:4] == ("done", 10, 0, 0)
    assert (lake.left(lake.amira), lake.left(lake.ben)) == (0, 10)
    assert installation.one("SELECT state FROM request WHERE id = %s", request) == "done"
    assert installation.one("SELECT count(*) FROM receipt WHERE request_id = %s", request) == 3
    run(installation.database, retry_next)
    assert installation.one("SELECT max(round) FROM request_step WHERE request_id = %s", request) == 2


def test_R03_who_was_erased_is_not_found_gone_in_a_store_by_number(installation: Installation, tmp_path: Path) -> None:
    lake = Lake(installation, tmp_path)
    installation.ask("UPDATE dataset SET subject_kind = 'employee_id' WHERE id = %s", lake.dataset)
    installation.ask("UPDATE employee SET subject = 'erased ' || id, name = '' WHERE id = %s", lake.amira)
    installation.cancel_steps()
    request = lake.request(Chosen())
    lake.carry()
    state, *_, reason = lake.step(request)
    assert (state, str(reason).partition(":")[0]) == ("refused", Reason.NO_SUBJECT)
    assert lake.left(lake.amira) == 10
