"""A request from the click to its receipts: decided, planned, carried out in two stores, proved, and on its page."""

from dataclasses import replace
from pathlib import Path

from portal.audit.jobs import sequencer
from portal.audit.keys import log_key
from portal.core import clock
from portal.deletion import holding, receipting
from portal.deletion.holding import NewHold
from portal.requests.counting import Counting
from portal.requests.jobs import plan_next, reopened
from portal.requests.rules import About
from portal.worker import run
from tests.deletion.conftest import Browse
from tests.deletion.installation import Installation
from tests.deletion.test_external import DAY, Lake
from tests.requests.arrange import decided, sent
from tests.web_client import statements
from verify_receipt import check


def proved(installation: Installation) -> None:
    """The log takes up what is signed; twice, since the first bell may lack the newest entry."""
    run(installation.database, sequencer(installation.settings))
    run(installation.database, receipting.prover(log_key(installation.settings)))


def test_from_the_click_to_the_receipts(installation: Installation, tmp_path: Path, browse_own: Browse) -> None:
    installation.ask("DELETE FROM source")
    lake, now = Lake(installation, tmp_path), clock.now()
    installation.item(lake.amira, now - 2 * DAY)
    hana = installation.person("Hana Vogel")
    with installation.database.transaction("web_hr", hana) as session:
        held = NewHold(now - 5.5 * DAY, now - 2.5 * DAY, "tax", "Audit", now + DAY)
        kept = holding.set_hold(session, lake.amira, held, hana, now).id
    request = sent(installation.database, lake.amira, about=About(now - 30 * DAY, now)).id
    Counting(installation.database, replace(installation.settings, sources=lake.addresses)).run()
    counted = "SELECT items, stays, why FROM request_count WHERE request_id = %s AND dataset_id = %s"
    assert installation.ask(counted, request, lake.dataset) == [(10, 3, "hold")]
    known = "INSERT INTO dataset_count VALUES (%s, %s, 10, '{}', now())"
    installation.ask(known, lake.amira, lake.dataset)
    decided(installation.database, request)
    run(installation.database, plan_next)
    lake.carry()
    browser = browse_own(lake.amira)
    assert f'hx-get="/requests/{request}/progress"' in browser.get(f"/requests/{request}").text, "receipts are awaited"
    proved(installation)

    page = browser.get(f"/requests/{request}")
    assert statements(page) <= 12
    for words in ("It is partly done.", "3 items must stay for now.", "2 of 2 stores are finished."):
        assert words in page.text
    assert "hx-trigger" not in page.text
    steps = [row[0] for row in installation.ask("SELECT id FROM request_step WHERE request_id = %s", request)]
    for step in steps:
        address = f"/requests/{request}/receipts/{step}.json"
        assert address in page.text
        bundle = browser.get(address).get_json()
        found, _, _ = check(bundle, bundle["key"])
        assert found["step"] == str(step)
    assert f"/requests/{request}/receipt.pdf" in page.text
    assert browser.get(f"/requests/{request}/receipt.pdf").data[:5] == b"%PDF-"

    with installation.database.transaction("web_hr", hana) as session:
        holding.release_hold(session, kept, hana, clock.now())
    run(installation.database, holding.reopener(reopened))
    page = browser.get(f"/requests/{request}")
    assert "1 of 2 stores are finished." in page.text, "each store once, by its newest round"
    assert "1 of 2" in browser.get("/requests").text
    lake.carry()
    proved(installation)
    page = browser.get(f"/requests/{request}")
    assert "2 of 2 stores are finished." in page.text
    assert lake.left(lake.amira) == 0
    assert installation.ask("SELECT state FROM request WHERE id = %s", request) == [("done",)]
    assert installation.ask("SELECT count(*) FROM dataset_count WHERE employee_id = %s", lake.amira) == [(0,)]
