"""Give a request to a colleague: only to somebody of HR, never to whom it concerns."""

from uuid import uuid4

from tests.hr.conftest import Office


def test_refused_to_everybody_else(office: Office) -> None:
    office.refused(office.ask(), "assign", to=str(office.helge))


def test_given_over_and_taken_back(office: Office) -> None:
    number = office.ask()
    assert office.act(office.hana, number, "assign", to=str(office.helge)).status_code == 303
    row = office.row(number)
    assert (row["assigned_to"], row["assigned_name"]) == (office.helge, "Helge Moe")
    assert office.logged(number)[-1] == "request.assigned by hr"
    office.act(office.helge, number, "assign", to="")
    assert office.row(number)["assigned_to"] is None
    assert office.kinds(number) == ["sent", "assigned", "assigned"]


def test_only_to_people_of_hr(office: Office) -> None:
    number = office.ask()
    for to in (office.ben, office.clara, uuid4()):
        assert office.act(office.hana, number, "assign", to=str(to)).status_code == 404
    assert office.act(office.hana, number, "assign", to="nobody").status_code == 400


def test_not_to_whom_it_concerns(office: Office) -> None:
    number = office.ask(office.helge)
    assert office.act(office.hana, number, "assign", to=str(office.helge)).status_code == 404
    assert office.row(number)["assigned_to"] is None


def test_the_second_of_two_tabs_gets_a_clear_answer(office: Office) -> None:
    number = office.ask()
    old = office.seen(number)
    office.act(office.helge, number, "assign", to=str(office.helge))
    answer = office.act(office.hana, number, "assign", to=str(office.hana), seen=old)
    assert answer.status_code == 409
    assert "changed this request since you opened the page" in answer.text
    assert office.row(number)["assigned_to"] == office.helge
