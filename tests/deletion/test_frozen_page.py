"""A freeze from the click to its lifting, as the person and HR see it in each store, with the receipts of both."""

import shutil
from pathlib import Path
from uuid import UUID

import pytest

from portal.core import clock
from portal.requests.jobs import lift_next, plan_next
from portal.requests.rules import About, RequestType
from portal.sources.rules import setting_name
from portal.worker import run
from tests.deletion.conftest import Browse
from tests.deletion.installation import Installation
from tests.deletion.test_freezing import Pond
from tests.deletion.test_receipt_pages import words_of
from tests.deletion.test_request_page import proved
from tests.requests.arrange import decided, sent
from tests.web_client import Browser, statements
from verify_receipt import check, tell

SAID = {
    "en": {
        "frozen": ("It is frozen.", "restricted", "Lift this freeze"),
        "lifting": ("still restricted", "It is being lifted.", "You withdrew this."),
        "away": ("still restricted", "It cannot be reached since"),
        "lifted": ("lifted", "It was restricted since"),
        "refused": ("not restricted", "We may not make a closed place beside it", "It is partly done."),
        "paper": ("Receipt of a freeze", "Lifted on", "Restricted since", "Rows put back"),
    },
    "de": {
        "frozen": ("Die Daten sind eingeschränkt.", "eingeschränkt", "Diese Einschränkung aufheben"),
        "lifting": ("noch eingeschränkt", "Die Einschränkung wird gerade aufgehoben."),
        "away": ("noch eingeschränkt", "Nicht erreichbar seit"),
        "lifted": ("aufgehoben", "Eingeschränkt seit"),
        "refused": ("nicht eingeschränkt", "keinen verschlossenen Ort"),
        "paper": ("Beleg einer Einschränkung", "Aufgehoben am", "Zurückgelegte Zeilen"),
    },
}


def approved(pond: Pond) -> UUID:
    """Amira's freeze of everything, decided and carried out."""
    request = sent(pond.installation.database, pond.amira, RequestType.RESTRICT, About()).id
    decided(pond.installation.database, request)
    run(pond.installation.database, plan_next)
    pond.carry()
    proved(pond.installation)
    return request


def desk(installation: Installation, browse_own: Browse, request: UUID) -> str:
    """What HR reads of it."""
    hana = installation.person("Hana Vogel")
    installation.ask("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'hr')", hana)
    number = installation.one("SELECT number FROM request WHERE id = %s", request)
    answer = browse_own(hana).get(f"/hr/requests/{number}")
    assert answer.status_code == 200
    return answer.text


def says(page: str, words: tuple[str, ...]) -> None:
    assert [one for one in words if one not in page] == []


@pytest.mark.parametrize("language", SAID)
def test_from_the_click_to_the_lifting(
    installation: Installation, tmp_path: Path, browse_own: Browse, language: str
) -> None:
    installation.ask("DELETE FROM source")
    pond, said = Pond(installation, tmp_path), SAID[language]
    installation.ask("UPDATE employee SET locale = %s WHERE id = %s", language, pond.amira)
    request = approved(pond)
    assert installation.ask("SELECT state FROM request WHERE id = %s", request) == [("done",)]
    browser = browse_own(pond.amira)
    page = browser.get(f"/requests/{request}")
    says(page.text, said["frozen"])
    assert statements(page) <= 12
    assert "restricted since" in desk(installation, browse_own, request)

    assert browser.post(f"/requests/{request}/withdraw").status_code in {302, 303}
    put_back = {"en": "What was restricted is put back soon", "de": "Was eingeschränkt war, wird bald zurückgelegt"}
    assert put_back[language] in browser.get(f"/requests/{request}").text
    assert pond.left(pond.amira) == 0
    run(installation.database, lift_next)
    says(browser.get(f"/requests/{request}").text, said["lifting"])
    away, where = pond.path.with_suffix(".away"), pond.addresses[setting_name(pond.name)]
    shutil.move(pond.path, away)
    pond.addresses[setting_name(pond.name)] = "sqlite:////nowhere/at/all.db"
    pond.carry()
    says(browser.get(f"/requests/{request}").text, said["away"])
    assert "Still restricted: it cannot be reached" in desk(installation, browse_own, request)
    shutil.move(away, pond.path)
    pond.addresses[setting_name(pond.name)] = where
    pond.all_due()
    pond.carry()
    proved(installation)

    page = browser.get(f"/requests/{request}")
    says(page.text, said["lifted"])
    assert "hx-trigger" not in page.text
    assert pond.left(pond.amira) == 10
    says(desk(installation, browse_own, request), ("restricted since", "lifted"))
    says(words_of(browser.get(f"/requests/{request}/receipt.pdf").data), said["paper"])
    assert told(installation, browser, request) == [
        ("freeze", "done", 0), ("freeze", "done", 10), ("thaw", "done", 0), ("thaw", "done", 10)
    ]  # fmt: skip


def told(installation: Installation, browser: Browser, request: UUID) -> list[tuple[str, str, int]]:
    """What the receipts of all rounds prove."""
    found = []
    for (step,) in installation.ask("SELECT step_id FROM receipt WHERE request_id = %s", request):
        bundle = browser.get(f"/requests/{request}/receipts/{step}.json").get_json()
        receipt, _, _ = check(bundle, bundle["key"])
        words = "\n".join(tell(receipt))
        assert ("Restricted since:" in words, "Lifted on:" in words) == (True, receipt["action"] == "thaw")
        found.append((receipt["action"], receipt["state"], receipt["moved"]))
    return sorted(found)


@pytest.mark.parametrize("language", SAID)
def test_a_store_that_allows_no_quarantine_is_named_and_the_request_is_not_done(
    installation: Installation, tmp_path: Path, browse_own: Browse, language: str
) -> None:
    installation.ask("DELETE FROM source")
    pond = Pond(installation, tmp_path)
    installation.ask("UPDATE employee SET locale = %s WHERE id = %s", language, pond.amira)
    pond.addresses[setting_name(pond.name)] = f"sqlite:///file:{pond.path}?mode=ro&uri=true"
    request = approved(pond)
    assert installation.ask("SELECT state FROM request WHERE id = %s", request) == [("partial",)]
    says(browse_own(pond.amira).get(f"/requests/{request}").text, SAID[language]["refused"])
    says(desk(installation, browse_own, request), ("Not restricted", "We may not make a closed place beside it"))
    browse_own(pond.amira).post(f"/requests/{request}/withdraw")
    run(installation.database, lift_next)
    pond.carry()
    proved(installation)
    assert "hx-trigger" not in browse_own(pond.amira).get(f"/requests/{request}").text, "nothing is awaited any more"


def test_who_is_not_asked_cannot_lift(installation: Installation, tmp_path: Path, browse_own: Browse) -> None:
    installation.ask("DELETE FROM source")
    pond = Pond(installation, tmp_path)
    request = approved(pond)
    assert browse_own(pond.ben).post(f"/requests/{request}/withdraw").status_code == 404
    run(installation.database, lift_next)
    assert installation.ask("SELECT count(*) FROM request_step WHERE action = 'thaw' AND request_id = %s", request) == [
        (0,)
    ]
    erasure = sent(
        installation.database, pond.amira, RequestType.ERASE, About(clock.now() - clock.now().resolution, clock.now())
    ).id
    decided(installation.database, erasure)
    run(installation.database, plan_next)
    assert "Lift this freeze" not in browse_own(pond.amira).get(f"/requests/{erasure}").text
