"""Ask the person something: the clock stands only where the law says so."""

from datetime import timedelta

import pytest

from portal.core import clock
from portal.requests import actions, deadlines, queries
from portal.requests.rules import Actor, RequestType, Role
from tests.hr.conftest import Office
from tests.web_client import Browser

WEEK = timedelta(days=7)


def answered(office: Office, number: int) -> None:
    """The person answers, as the own page does it."""
    with office.database.transaction("web_employee", office.amira) as session:
        row = office.row(number)
        actions.answer(session, row["id"], Actor(office.amira, Role.EMPLOYEE, "Amira"), clock.now(), "it is me")
        request = queries.one(session, row["id"])
        assert request
        events = queries.events(session, request)
        counted = deadlines.clock_of(request, events, "DE", "Europe/Berlin")
        actions.reckon(session, request.id, counted.due, counted.stands_since)


def test_refused_to_everybody_else(office: Office) -> None:
    office.refused(office.ask(), "ask", words="Who are you?", reason="identity")


def test_a_doubt_about_identity_lets_the_clock_stand(office: Office) -> None:
    number = office.ask(ago=WEEK)
    assert office.act(office.hana, number, "ask", words="Who are you?", reason="identity").status_code == 303
    row = office.row(number)
    assert (row["state"], row["stands_since"] is not None) == ("asked_back", True)
    assert {"page request_asked_back", "mail request_asked_back"} <= office.told(number)
    page: Browser = office.as_(office.hana)
    assert "The clock stands since" in page.get(f"/hr/requests/{number}").text
    answered(office, number)
    assert office.row(number)["stands_since"] is None


@pytest.mark.parametrize(
    ("kind", "reason", "stands"),
    [
        (RequestType.ACCESS, "scope", True),
        (RequestType.ERASE, "scope", False),
        (RequestType.ERASE, "other", False),
        (RequestType.ACCESS, "other", False),
    ],
)
def test_recital_63_speaks_of_access(office: Office, kind: RequestType, reason: str, *, stands: bool) -> None:
    number = office.ask(kind=kind)
    office.act(office.hana, number, "ask", words="Which?", reason=reason)
    assert (office.row(number)["stands_since"] is not None) is stands


def test_what_stands_is_not_overdue(office: Office) -> None:
    number = office.ask(ago=timedelta(days=20))
    office.act(office.hana, number, "ask", words="Who?", reason="identity")
    office.superuser.execute("UPDATE request SET due_at = now() - interval '1 day' WHERE number = %s", [number])
    office.superuser.commit()
    page = office.as_(office.hana)
    assert f"#{number} " not in page.get("/hr?urgent=over").text
    assert f"#{number} " in page.get("/hr?state=asked_back").text


def test_a_reason_of_no_law_is_refused(office: Office) -> None:
    number = office.ask()
    assert office.act(office.hana, number, "ask", words="?", reason="curiosity").status_code == 404
    assert office.kinds(number) == ["sent"]


def test_asked_twice_is_refused_with_what_was_written(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "ask", words="One?", reason="other")
    answer = office.act(office.helge, number, "ask", words="Second question", reason="other")
    assert answer.status_code == 409
    assert office.kinds(number) == ["sent", "asked_back"]


def test_the_second_tab_keeps_its_words(office: Office) -> None:
    number = office.ask()
    old = office.seen(number)
    office.act(office.helge, number, "say", words="x")
    answer = office.act(office.hana, number, "ask", words="My long question", reason="other", seen=old)
    assert answer.status_code == 409
    assert "My long question</textarea>" in answer.text
