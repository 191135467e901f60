"""Legal holds: on records, with ground, reason and end; told to the person; released once."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal.core import clock
from tests.hr.conftest import Office


def form(**more: Any) -> dict[str, Any]:
    """A hold on last month's keyboard."""
    today = clock.now().date()
    given = {
        "from": str(today - timedelta(days=30)),
        "to": str(today - timedelta(days=1)),
        "ground": "legal_claims",
        "words": "Case 7 of the labour court",
        "expires": str(today + timedelta(days=90)),
    }
    return given | more


def holds(office: Office) -> list[tuple[Any, ...]]:
    rows = office.superuser.execute(
        "SELECT id, kinds, ground, reason, set_by, released_by FROM legal_hold WHERE employee_id = %s", [office.amira]
    ).fetchall()
    office.superuser.rollback()
    return rows


def test_refused_to_everybody_else(office: Office) -> None:
    office.refused(office.ask(), "hold", **form())


def test_set_shown_and_told(office: Office) -> None:
    number = office.ask()
    assert office.act(office.hana, number, "hold", kinds=["key"], **form()).status_code == 303
    [(hold, kinds, ground, reason, by, _)] = holds(office)
    assert (kinds, ground, reason, by) == (["key"], "legal_claims", "Case 7 of the labour court", office.hana)
    assert office.kinds(number)[-1] == "noted"
    told = office.value("SELECT count(*) FROM notification WHERE employee_id = %s AND kind = 'hold_set'", office.amira)
    assert told == 1
    assert office.value("SELECT action FROM audit_entry WHERE object_id = %s", hold) == "hold.set"
    page = office.as_(office.helge)
    assert "Case 7 of the labour court" in page.get("/hr/held").text
    assert "Case 7 of the labour court" in page.get(f"/hr/requests/{number}").text
    assert f"#{number} " in page.get("/hr?held=1").text
    theirs = office.as_(office.amira).get(f"/requests/{office.row(number)['id']}")
    assert theirs.status_code == 200
    assert "HR set a legal hold" in theirs.text


def test_only_grounds_to_keep_are_offered(office: Office) -> None:
    page = office.as_(office.hana).get(f"/hr/requests/{office.ask()}/hold").text
    assert re.findall(r'<option value="(\w+)"', page) == ["legal_obligation", "legal_claims", "expression", "archive"]


WRONG = {
    "reversed": {"from": "2026-05-02", "to": "2026-05-01"},
    "no day": {"from": ""},
    "not a day": {"to": "yesterday"},
    "no end": {"expires": ""},
    "an end that is past": {"expires": "2020-01-01"},
    "an end too far": {"expires": "2199-01-01"},
    "no ground": {"ground": ""},
    "a ground that is none to keep": {"ground": "compelling"},
    "a ground against a request alone": {"ground": "excessive"},
    "no reason": {"words": " "},
}


@pytest.mark.parametrize("what", sorted(WRONG))
def test_half_a_hold_is_refused_and_kept_on_the_page(office: Office, what: str) -> None:
    number = office.ask()
    answer = office.act(office.hana, number, "hold", **form(**WRONG[what]))
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert 'id="to-mend"' in answer.text
    assert holds(office) == []
    if "words" not in WRONG[what]:
        assert "Case 7 of the labour court</textarea>" in answer.text


def test_released_once_and_told(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "hold", **form())
    hold = holds(office)[0][0]
    path = f"/hr/holds/{hold}/release"
    assert "That cannot be undone." in office.as_(office.helge).get(path).text
    for _ in range(2):
        assert office.as_(office.helge).post(path).status_code == 303
    assert holds(office)[0][-1] == office.helge
    assert office.as_(office.hana).get(path).text.count("This hold has ended already.") == 1
    done = "SELECT count(*) FROM audit_entry WHERE object_id = %s AND action = 'hold.released'"
    assert office.value(done, hold) == 1
    assert f"#{number} " not in office.as_(office.hana).get("/hr?held=1").text


def test_release_is_refused_to_everybody_else(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "hold", **form())
    path = f"/hr/holds/{holds(office)[0][0]}/release"
    for who in (office.amira, office.ben, office.clara, office.omar):
        assert office.as_(who).post(path).status_code == 403
        assert office.as_(who).get(path).status_code == 403
    assert office.send(None, path, {}).status_code == 401
    assert office.as_(office.hana).post(f"/hr/holds/{uuid4()}/release").status_code == 404
    assert holds(office)[0][-1] is None


def test_a_hold_on_ones_own_records_is_not_there(office: Office) -> None:
    number = office.ask(office.helge)
    office.act(office.hana, number, "hold", **form())
    hold = office.value("SELECT id FROM legal_hold WHERE employee_id = %s", office.helge)
    assert office.as_(office.helge).post(f"/hr/holds/{hold}/release").status_code == 404
    assert office.value("SELECT count(*) FROM legal_hold WHERE id = %s AND released_at IS NULL", hold) == 1
