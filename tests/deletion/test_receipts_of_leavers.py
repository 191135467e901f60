"""L04: whoever was erased as a whole cannot sign in any more; HR takes the receipts and hands them over."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portal.deletion.rules import Chosen
from tests.deletion.conftest import Browse
from tests.deletion.installation import EVERYBODY, Installation
from tests.deletion.worker import Worker
from verify_receipt import check

SENT = (
    "INSERT INTO request_event (employee_id, request_id, kind, actor_role, words) "
    "VALUES (%s, %s, 'sent', 'hr', 'Amira asked on the phone')"
)


def carried_out(installation: Installation, folder: Path, person: UUID, chosen: Chosen) -> tuple[UUID, int, UUID]:
    """A request with its receipt: id, number, step."""
    request = installation.request(person, chosen)
    installation.ask(SENT, person, request)
    proved = "SELECT count(*) FROM receipt WHERE request_id = %s AND proof IS NOT NULL"
    with Worker(installation.environment, folder) as worker:
        worker.until(lambda: installation.one(proved, request) == 1)
    number = installation.one("SELECT number FROM request WHERE id = %s", request)
    return request, number, installation.one("SELECT id FROM request_step WHERE request_id = %s", request)


def with_role(installation: Installation, name: str, role: str) -> UUID:
    person = installation.person(name)
    installation.ask("INSERT INTO role_grant (employee_id, role) VALUES (%s, %s)", person, role)
    return person


@pytest.mark.slow
def test_L04_hr_hands_over_the_receipt_of_who_was_erased(
    installation: Installation, vault: None, tmp_path: Path, browse_own: Browse
) -> None:
    amira, hana = installation.person(items=2), with_role(installation, "Hana Vogel", "hr")
    request, number, step = carried_out(installation, tmp_path, amira, EVERYBODY)
    page = browse_own(hana).get(f"/hr/requests/{number}").get_data(as_text=True)
    where = (f"/hr/requests/{number}/receipts/{step}.json", f"/hr/requests/{number}/receipt.pdf")
    assert [link in page for link in where] == [True, True]
    assert "hand them over" in page
    file, paper = (browse_own(hana).get(link) for link in where)
    proof = json.loads(file.data)
    said, _, _ = check(proof, proof["key"])
    assert (said["request"], said["deleted"], said["state"]) == (str(request), 2, "done")
    assert [word for word in ("Amira", str(amira), "daylight.example") if word in file.get_data(as_text=True)] == []
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    taken = (
        "SELECT actor_id, actor_role, employee_id, detail FROM audit_entry WHERE action = 'receipt.taken' ORDER BY id"
    )
    assert installation.ask(taken) == [
        (hana, "hr", None, {"form": "file", "step": str(step)}),
        (hana, "hr", None, {"form": "paper"}),
    ]
    assert installation.one("SELECT person_remains(%s, %s)", amira, request) == 0
    others = [installation.person("Ben Okafor"), with_role(installation, "Omar Haddad", "privacy_officer")]
    others.append(with_role(installation, "Clara Voss", "works_council"))
    assert {browse_own(one).get(link).status_code for one in others for link in where} == {403}


@pytest.mark.slow
def test_hr_has_no_receipts_of_whoever_can_fetch_them(
    installation: Installation, vault: None, tmp_path: Path, browse_own: Browse
) -> None:
    amira, hana = installation.person(items=2), with_role(installation, "Hana Vogel", "hr")
    _, number, step = carried_out(installation, tmp_path, amira, Chosen())
    page = browse_own(hana).get(f"/hr/requests/{number}").get_data(as_text=True)
    assert ("The receipt is in the log." in page, "receipt.pdf" in page) == (True, False)
    where = (f"/hr/requests/{number}/receipts/{step}.json", f"/hr/requests/{number}/receipt.pdf")
    assert [browse_own(hana).get(link).status_code for link in where] == [404, 404]
    installation.ask("UPDATE employee SET left_at = now() WHERE id = %s", amira)
    assert [browse_own(hana).get(link).status_code for link in where] == [200, 200]
    assert browse_own(hana).get(f"/hr/requests/{number}/receipts/{uuid4()}.json").status_code == 404
    taken = "SELECT employee_id FROM audit_entry WHERE action = 'receipt.taken' AND employee_id IS NOT NULL"
    assert installation.ask(taken) == [(amira,), (amira,)]
    _, own, part = carried_out(installation, tmp_path / "own", hana, Chosen())
    installation.ask("UPDATE employee SET left_at = NULL WHERE id = %s", hana)
    assert browse_own(hana).get(f"/hr/requests/{own}/receipts/{part}.json").status_code == 404
