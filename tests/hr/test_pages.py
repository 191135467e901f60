"""Who sees which page of the desk, and that each says what it should in few statements."""

import pytest

from tests.hr.conftest import Office, steps
from tests.web_client import statements

PAGES = ("/hr", "/hr/held", "/hr/addresses", "/hr/extended", "/hr/laws", "/hr/requests/new", "/hr/bulk")


@pytest.mark.parametrize("path", PAGES)
def test_only_hr_sees_the_desk(office: Office, path: str) -> None:
    assert office.as_(None).get(path).status_code == 303
    for who in (office.amira, office.ben, office.clara, office.omar):
        assert office.as_(who).get(path).status_code == 403
    answer = office.as_(office.hana).get(path)
    assert answer.status_code == 200
    assert statements(answer) <= 12
    assert 'aria-current="true">HR desk' in answer.text


def test_one_request_on_one_page(office: Office) -> None:
    number = office.ask(words="everything from that week")
    path = f"/hr/requests/{number}"
    assert office.as_(None).get(path).status_code == 303
    for who in (office.amira, office.ben, office.clara, office.omar):
        assert office.as_(who).get(path).status_code == 403
    answer = office.as_(office.hana).get(path)
    assert answer.status_code == 200
    assert statements(answer) <= 12
    for words in ("everything from that week", "Amira Kaya", "412", "How this is counted", "Received on", "Decide…"):
        assert words in answer.text


def test_a_running_request_shows_its_stores_in_few_statements(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "decide", outcome="approve")
    made = steps(office, number, "done", "pending", "partial")
    for step, proof in ((made[0], '{"leaf": 7}'), (made[2], None)):
        office.superuser.execute(
            "INSERT INTO receipt (id, employee_id, request_id, step_id, envelope, proof, issued_at) "
            "SELECT gen_random_uuid(), employee_id, request_id, id, '{}', %s, now() FROM request_step WHERE id = %s",
            [proof, step],
        )
    office.superuser.commit()
    answer = office.as_(office.hana).get(f"/hr/requests/{number}")
    assert statements(answer) <= 12
    for words in ("Daylight&#39;s own store", "Hive / mci_1", "Cannot be reached", "3 tries", "Assign to its owner"):
        assert words in answer.text
    assert "1 of 3 stores" not in answer.text
    assert "2 of 3 stores" in answer.text
    assert answer.text.count("The receipt is in the log.") == 1
    assert answer.text.count("The receipt is signed and waits for the log.") == 1


def test_a_store_that_is_opened_again_is_one_line(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "decide", outcome="approve")
    (own,) = steps(office, number, "partial")
    office.superuser.execute(
        "INSERT INTO request_step (id, employee_id, request_id, store, chosen, state, round) "
        "SELECT gen_random_uuid(), employee_id, request_id, store, chosen, 'waiting', 2 FROM request_step "
        "WHERE id = %s",
        [own],
    )
    office.superuser.commit()
    page = office.as_(office.hana).get(f"/hr/requests/{number}").text
    assert "0 of 1 stores" in page
    assert "Not begun yet" in page


def test_the_desk_says_why_a_store_does_not_do_it(office: Office) -> None:
    number = office.ask()
    request = office.row(number)
    for store, why in (("Tickets", "unreachable"), ("Archive", "no_time_column:archive")):
        office.superuser.execute(
            "INSERT INTO request_count (employee_id, request_id, dataset_id, store, items, why) "
            "VALUES (%s, %s, gen_random_uuid(), %s, 0, %s)",
            [request["employee_id"], request["id"], store, why],
        )
    office.superuser.commit()
    for path in ("", "/decide"):
        page = office.as_(office.hana).get(f"/hr/requests/{number}{path}").text
        assert "The store does not answer now." in page
        assert "a time range cannot be chosen there" in page
    office.act(office.hana, number, "decide", outcome="approve")
    made = steps(office, number, "refused")
    office.superuser.execute("UPDATE request_step SET reason = 'view:totals' WHERE id = %s", [made[0]])
    office.superuser.commit()
    assert "It is a view" in office.as_(office.hana).get(f"/hr/requests/{number}").text


@pytest.mark.parametrize("sub", ["", "/decide", "/confirm", "/hold"])
def test_ones_own_request_is_not_there(office: Office, sub: str) -> None:
    number = office.ask(office.hana)
    assert office.as_(office.hana).get(f"/hr/requests/{number}{sub}").status_code == 404
    assert office.as_(office.helge).get(f"/hr/requests/{number}{sub}").status_code in {200, 303}
    assert f"#{number} " not in office.as_(office.hana).get("/hr").text


@pytest.mark.parametrize("number", ["0", "999999999", "99999999999999999999999", "x"])
def test_there_is_no_such_request(office: Office, number: str) -> None:
    assert office.as_(office.hana).get(f"/hr/requests/{number}").status_code == 404


def test_one_person_of_hr_alone_is_told_so(office: Office) -> None:
    assert "Nobody else of HR has signed in here yet." not in office.as_(office.hana).get("/hr").text
    office.superuser.execute("DELETE FROM role_grant WHERE employee_id = %s", [office.helge])
    office.superuser.commit()
    assert "Nobody else of HR has signed in here yet." in office.as_(office.hana).get("/hr").text


def test_the_laws_are_told_in_words_of_both_languages(office: Office) -> None:
    page = office.as_(office.hana).get("/hr/laws").text
    for words in ("1 month", "2 months more", "45 days", "10 business days", "GDPR 17(3)(e)", "The clock stands"):
        assert words in page
    office.superuser.execute("UPDATE employee SET locale = 'de' WHERE id = %s", [office.hana])
    office.superuser.commit()
    assert "Nötig für Rechtsansprüche" in office.as_(office.hana).get("/hr/laws").text
