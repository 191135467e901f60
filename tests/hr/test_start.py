"""HR starts a request for somebody who has left: found, identity checked off-line and written down, clock running."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.requests.jobs import count_next
from portal.worker import run
from tests.captured import store_item
from tests.hr.conftest import Office

PATH = "/hr/requests/new"


@pytest.fixture
def lea(person: Callable[..., UUID]) -> UUID:
    return person("Lea Gone", left_at=clock.now(), country="DE", email=f"lea-{uuid4()}@home.example")


def form(who: UUID, **more: str) -> dict[str, Any]:
    return {"person": str(who), "type": "erase", "words": "All of it", "checked": "Passport seen by Hana"} | more


def requests_of(office: Office, who: UUID) -> int:
    return int(office.value("SELECT count(*) FROM request WHERE employee_id = %s", who))


def test_refused_to_everybody_else(office: Office, lea: UUID) -> None:
    for who in (office.amira, office.ben, office.clara, office.omar):
        assert office.as_(who).post(PATH, form(lea)).status_code == 403
    assert office.send(None, PATH, form(lea)).status_code == 401
    assert requests_of(office, lea) == 0


def test_found_by_name_or_address(office: Office, lea: UUID) -> None:
    page = office.as_(office.hana)
    assert f"person={lea}" in page.get(f"{PATH}?q=lea gone").text
    address = office.value("SELECT email FROM employee WHERE id = %s", lea)
    assert f"person={lea}" in page.get(f"{PATH}?q={address}").text
    assert "Nobody who has left is called that" in page.get(f"{PATH}?q=100%25").text
    works_here = office.value("SELECT email FROM employee WHERE id = %s", office.amira)
    assert "Nobody who has left is called that" in page.get(f"{PATH}?q={works_here}").text


def test_filed_with_the_check_and_a_clock(office: Office, lea: UUID) -> None:
    answer = office.as_(office.hana).post(PATH, form(lea))
    assert answer.status_code == 303
    number = int(answer.location.rsplit("/", 1)[-1])
    row = office.row(number)
    assert (row["state"], row["started_by"], row["started_by_id"]) == ("open", "hr", office.hana)
    assert (row["law"], row["due_at"] is not None) == ("gdpr", True)
    assert office.kinds(number) == ["sent", "noted"]
    page = office.as_(office.helge).get(answer.location).text
    for words in ("Passport seen by Hana", "Identity checked", "has left", "HR started it"):
        assert words in page
    assert "mail request_sent" in office.told(number)


def test_the_worker_counts_it_since_hr_sees_no_item(office: Office, lea: UUID) -> None:
    for number in range(3):
        store_item(office.superuser, lea, clock.now() - timedelta(days=2, minutes=number))
    answer = office.as_(office.hana).post(PATH, form(lea))
    assert "Nothing has been counted" in office.as_(office.hana).get(answer.location).text
    run(office.database, count_next)
    request = office.row(int(answer.location.rsplit("/", 1)[-1]))["id"]
    counted = "SELECT sum(items) FROM request_count WHERE request_id = %s AND store = 'daylight' AND kind = 'key'"
    assert office.value(counted, request) == 3
    assert "Keyboard" in office.as_(office.hana).get(answer.location).text


@pytest.mark.parametrize("more", [{"checked": " "}, {"type": "all"}, {"from": "2026-05-02", "to": "2026-05-01"}, {"from": "x"}])  # fmt: skip  # noqa: E501
def test_half_a_request_is_refused_and_kept_on_the_page(office: Office, lea: UUID, more: dict[str, str]) -> None:
    answer = office.as_(office.hana).post(PATH, form(lea, **more))
    assert answer.status_code == 422
    assert "All of it</textarea>" in answer.text
    assert requests_of(office, lea) == 0


def test_not_for_somebody_who_can_sign_in(office: Office) -> None:
    for who in (office.amira, office.hana, uuid4()):
        assert office.as_(office.hana).post(PATH, form(who)).status_code == 404
        assert office.as_(office.hana).get(f"{PATH}?person={who}").status_code == 404
    assert office.as_(office.hana).get(f"{PATH}?person=x").status_code == 404
