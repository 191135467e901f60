"""Lift a freeze against the person's wish: two decide, the person is told a week before, and can prevent it."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.requests import actions, rules
from portal.requests.lift_rules import NOTICE
from portal.requests.lifting import lift_due
from portal.requests.rules import About, RequestState, RequestType
from tests.hr.conftest import Office

WHY = "The court has decided."
ACTS = ("lift", "lift/announce", "lift/stop")


def frozen(office: Office, kind: RequestType = RequestType.RESTRICT) -> int:
    """A freeze in force, without any store."""
    number = office.ask(kind=kind, about=About())
    office.act(office.hana, number, "decide", outcome="approve")
    if office.row(number)["state"] != "approved":
        office.act(office.helge, number, "confirm")
    request = office.row(number)["id"]
    with office.database.transaction("worker") as session:
        actions.start(session, request, clock.now())
        actions.close(session, request, RequestState.DONE, clock.now())
    return number


def announced(office: Office) -> int:
    """One that is going to be lifted."""
    number = frozen(office)
    assert office.act(office.hana, number, "lift", words=WHY).status_code == 303
    assert office.act(office.helge, number, "lift/announce").status_code == 303
    return number


def later(office: Office, number: int, passed: timedelta) -> object:
    """Where the request stands once the worker has lifted whatever is due then."""
    more = True
    while more:
        with office.database.transaction("worker") as session:
            more = lift_due(session, clock.now() + passed)
    return office.row(number)["state"]


@pytest.mark.parametrize("act", ACTS)
def test_refused_to_everybody_else(office: Office, act: str) -> None:
    office.refused(frozen(office), act, words=WHY)


@pytest.mark.parametrize("act", ACTS)
def test_S07_lifting_needs_a_fresh_sign_in(office: Office, act: str) -> None:
    number = frozen(office)
    office.act(office.helge, number, "lift", words=WHY)
    before = office.kinds(number)
    office.as_(office.hana)
    old = clock.now() - timedelta(minutes=16)
    office.superuser.execute("UPDATE login_session SET auth_time = %s WHERE employee_id = %s", [old, office.hana])
    office.superuser.commit()
    assert "Sign in again first." in office.act(office.hana, number, act, words=WHY).text
    assert office.kinds(number) == before


def test_S07_two_decide_and_the_person_is_told_with_reason_and_day(office: Office) -> None:
    number = frozen(office)
    office.act(office.hana, number, "lift", words=WHY)
    assert "page request_lift_announced" not in office.told(number)
    assert WHY not in office.as_(office.amira).get(f"/requests/{office.row(number)['id']}").text
    assert office.act(office.hana, number, "lift/announce").status_code == 409, "not by who proposed it"
    page = office.as_(office.helge).get(f"/hr/requests/{number}/lift").text
    assert (WHY in page, "Announce it to the person" in page) == (True, True)
    assert office.act(office.helge, number, "lift/announce").status_code == 303
    assert {"page request_lift_announced", "mail request_lift_announced"} <= office.told(number)
    shown = office.as_(office.amira).get(f"/requests/{office.row(number)['id']}").text
    for words in (WHY, "HR is going to lift this freeze", "Lifted on", "Lift this freeze"):
        assert words in shown
    assert office.logged(number)[-1] == "request.lift_announced by hr"
    assert office.row(number)["state"] == "done"


def test_R03_it_is_lifted_when_the_notice_is_over_and_not_before(office: Office) -> None:
    number = announced(office)
    assert later(office, number, NOTICE - timedelta(hours=1)) == "done"
    assert later(office, number, NOTICE + timedelta(minutes=1)) == "lifted"
    later(office, number, 2 * NOTICE)
    assert office.kinds(number).count("lifted") == 1
    assert "page request_lifted" in office.told(number)
    assert "HR lifted this freeze" in office.as_(office.amira).get(f"/requests/{office.row(number)['id']}").text
    assert office.as_(office.hana).get(f"/hr/requests/{number}").status_code == 200


@pytest.mark.parametrize("kind", [RequestType.ERASE, RequestType.REVIEW])
def test_R03_it_waits_while_the_person_asks_to_delete_or_disputes_it(office: Office, kind: RequestType) -> None:
    number = announced(office)
    other = office.ask(kind=kind, about=About())
    office.ask(whose=office.ben, kind=kind)
    assert later(office, number, 2 * NOTICE) == "done"
    with office.database.transaction("web_employee", office.amira) as session:
        by = rules.Actor(office.amira, rules.Role.EMPLOYEE)
        actions.withdraw(session, office.row(other)["id"], by, clock.now())
    assert later(office, number, 2 * NOTICE) == "lifted"


def test_called_off_it_stays_frozen_and_can_be_proposed_again(office: Office) -> None:
    number = announced(office)
    assert office.act(office.hana, number, "lift/stop", words="Not yet.").status_code == 303
    assert "page request_lift_called_off" in office.told(number)
    assert later(office, number, 2 * NOTICE) == "done"
    shown = office.as_(office.amira).get(f"/requests/{office.row(number)['id']}").text
    assert ("HR is going to lift this freeze" in shown, "Not yet." in shown) == (False, True)
    assert office.act(office.hana, number, "lift", words=WHY).status_code == 303
    assert later(office, number, 2 * NOTICE) == "done", "a proposal announces nothing"


def test_sent_back_the_person_hears_nothing_of_it(office: Office) -> None:
    number = frozen(office)
    before = office.told(number)
    office.act(office.hana, number, "lift", words=WHY)
    assert office.act(office.helge, number, "lift/stop", words="Why now?").status_code == 303
    assert office.told(number) == before
    assert "Why now?" not in office.as_(office.amira).get(f"/requests/{office.row(number)['id']}").text


def test_the_person_may_still_lift_it_first(office: Office) -> None:
    number = announced(office)
    office.as_(office.amira).post(f"/requests/{office.row(number)['id']}/withdraw")
    assert later(office, number, 2 * NOTICE) == "withdrawn"
    assert office.act(office.hana, number, "lift", words=WHY).status_code == 409


@pytest.mark.parametrize("words", ["", "  "])
def test_without_a_reason_nothing_is_proposed(office: Office, words: str) -> None:
    number = frozen(office)
    answer = office.act(office.hana, number, "lift", words=words)
    assert answer.status_code == 409
    assert "Write something first." in answer.text
    assert "lift_proposed" not in office.kinds(number)


def test_only_a_freeze_is_lifted(office: Office) -> None:
    number = frozen(office, RequestType.ERASE)
    assert office.as_(office.hana).get(f"/hr/requests/{number}/lift").status_code == 303
    assert office.act(office.hana, number, "lift", words=WHY).status_code == 409
    assert office.act(office.hana, number, "lift/announce").status_code == 409
    assert "Lift the freeze" not in office.as_(office.hana).get(f"/hr/requests/{number}").text


def test_what_somebody_shown_by_an_item_asked_for_is_not_lifted(office: Office) -> None:
    number = frozen(office)
    sent = "UPDATE request_event SET params = '{\"claimed\": true}' WHERE kind = 'sent' AND request_id = %s"
    office.superuser.execute(sent, [office.row(number)["id"]])
    office.superuser.commit()
    assert office.act(office.hana, number, "lift", words=WHY).status_code == 409


def test_the_desk_in_german(office: Office) -> None:
    number = frozen(office)
    office.superuser.execute("UPDATE employee SET locale = 'de' WHERE id = %s", [office.hana])
    office.superuser.commit()
    assert "Einschränkung aufheben" in office.as_(office.hana).get(f"/hr/requests/{number}/lift").text
