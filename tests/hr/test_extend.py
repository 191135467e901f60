"""Extend: once, reasoned, inside the first period, told to the person (GDPR 12(3))."""

from datetime import timedelta

from portal.core import clock
from portal.requests.rules import About
from tests.hr.conftest import Office, moved


def test_refused_to_everybody_else(office: Office) -> None:
    office.refused(office.ask(), "extend", words="many stores")


def test_two_months_more_with_a_reason_that_is_told(office: Office) -> None:
    number = office.ask()
    before = office.row(number)["due_at"]
    assert office.act(office.hana, number, "extend", words="Forty stores answer slowly.").status_code == 303
    after = office.row(number)["due_at"]
    assert timedelta(days=55) < after - before < timedelta(days=70)
    due = office.value("SELECT params->>'due' FROM request_event WHERE kind = 'extended' AND request_id = %s", office.row(number)["id"])  # fmt: skip  # noqa: E501
    assert due == after.astimezone(clock.EPOCH.tzinfo).isoformat()
    assert {"page request_extended", "mail request_extended"} <= office.told(number)
    assert office.logged(number)[-1] == "request.extended by hr"
    assert "Forty stores answer slowly." in office.as_(office.hana).get("/hr/extended").text


def test_once(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "extend", words="one")
    due = office.row(number)["due_at"]
    answer = office.act(office.helge, number, "extend", words="two")
    assert (answer.status_code, office.row(number)["due_at"]) == (409, due)
    assert "This was done before." in answer.text


def test_not_after_the_first_month(office: Office) -> None:
    number = office.ask(ago=timedelta(days=40))
    due = office.row(number)["due_at"]
    answer = office.act(office.hana, number, "extend", words="We forgot.")
    assert answer.status_code == 409
    assert "only inside the first period" in answer.text
    assert "Extend…" not in office.as_(office.hana).get(f"/hr/requests/{number}").text
    assert office.row(number)["due_at"] == due


def test_while_the_clock_stands_the_first_month_is_not_over(office: Office) -> None:
    number = office.ask(ago=timedelta(days=40))
    office.act(office.hana, number, "ask", words="Is it you?", reason="identity")
    asked = "UPDATE request_event SET at = at - interval '38 days' WHERE kind = 'asked_back' AND request_id = %s"
    office.superuser.execute(asked, [office.row(number)["id"]])
    moved(office, number, stands_since=clock.now() - timedelta(days=38))
    assert "Once, also while the clock stands." in office.as_(office.hana).get(f"/hr/requests/{number}").text
    before = office.row(number)["due_at"]
    assert office.act(office.hana, number, "extend", words="Forty stores.").status_code == 303
    after = office.row(number)
    assert timedelta(days=55) < after["due_at"] - before < timedelta(days=70)
    assert after["stands_since"] is not None


def test_not_without_a_reason(office: Office) -> None:
    number = office.ask()
    assert office.act(office.hana, number, "extend", words=" ").status_code == 409
    assert office.kinds(number) == ["sent"]


def test_not_once_decided(office: Office) -> None:
    number = office.ask(about=About(kinds=("key",)))
    office.act(office.hana, number, "decide", outcome="approve")
    assert office.act(office.hana, number, "extend", words="late").status_code == 409
