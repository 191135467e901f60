"""Write to the person: refused to all others, kept, told on the page and by mail."""

from tests.hr.conftest import Office


def test_refused_to_everybody_else(office: Office) -> None:
    office.refused(office.ask(), "say", words="hello")


def test_the_person_is_told_and_the_log_has_it(office: Office) -> None:
    number = office.ask()
    assert office.act(office.hana, number, "say", words="We are on it.").status_code == 303
    assert office.kinds(number) == ["sent", "said"]
    assert {"page request_said", "mail request_said"} <= office.told(number)
    assert office.logged(number)[-1] == "request.said by hr"
    assert "We are on it." in office.as_(office.helge).get(f"/hr/requests/{number}").text


def test_a_mail_carries_ids_only(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "say", words="secret words")
    found = office.value("SELECT params::text FROM outbox WHERE employee_id = %s", office.amira)
    assert "secret" not in found


def test_a_second_click_says_it_once(office: Office) -> None:
    number = office.ask()
    for _ in range(2):
        assert office.act(office.hana, number, "say", words="Twice?").status_code == 303
    assert office.kinds(number) == ["sent", "said"]
    assert office.value("SELECT count(*) FROM outbox WHERE employee_id = %s", office.amira) == 1


def test_nothing_written_is_not_sent(office: Office) -> None:
    number = office.ask()
    answer = office.act(office.hana, number, "say", words="  ")
    assert answer.status_code == 409
    assert "Write something first." in answer.text
    assert office.kinds(number) == ["sent"]


def test_a_message_does_not_mind_what_happened_meanwhile(office: Office) -> None:
    number = office.ask()
    old = office.seen(number)
    office.act(office.helge, number, "say", words="From Helge")
    assert office.act(office.hana, number, "say", words="From Hana", seen=old).status_code == 303


def test_over_is_over(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "decide", outcome="refuse", ground="still_needed", words="no")
    office.act(office.helge, number, "confirm")
    answer = office.act(office.hana, number, "say", words="too late")
    assert answer.status_code == 409
    assert "This request has ended meanwhile." in answer.text


def test_a_form_of_no_page_is_refused(office: Office) -> None:
    number = office.ask()
    for seen in ("", "x", "-1", "0"):
        assert office.act(office.hana, number, "say", words="x", seen=seen).status_code == 400
