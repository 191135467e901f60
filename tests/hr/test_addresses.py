"""Addresses that several people have or had: HR says whose, all are told, and nothing counts for a week."""

from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.core import clock
from portal.hr import addresses
from portal.sources import actions, queries
from portal.sources.rules import Said
from tests.hr.conftest import Office, steps

PATH = "/hr/addresses"


def shared(office: Office, *people: UUID) -> str:
    """An address that the first of them had and the last one has."""
    address = f"{uuid4().hex}@firm.example"
    for who in people:
        office.superuser.execute("UPDATE employee SET email = %s WHERE id = %s", [address, who])
        if who != people[-1]:
            new = f"{uuid4().hex}@firm.example"
            office.superuser.execute("UPDATE employee SET email = %s WHERE id = %s", [new, who])
    office.superuser.commit()
    return address


def form(address: str, *lines: tuple[UUID, str, str, str]) -> dict[str, Any]:
    """What HR says of each: person, theirs, since, until."""
    columns = dict(zip(("person", "theirs", "since", "until"), zip(*lines, strict=True), strict=True))
    return {"address": address} | {name: [str(one) for one in values] for name, values in columns.items()}


def said(office: Office, address: str) -> list[tuple[Any, ...]]:
    rows = office.superuser.execute(
        "SELECT employee_id, theirs, since::text, until::text, settled_by FROM address_span WHERE address = %s "
        "ORDER BY since NULLS FIRST",
        [address],
    ).fetchall()
    office.superuser.rollback()
    return rows


def test_refused_to_everybody_else(office: Office) -> None:
    address = shared(office, office.amira, office.ben)
    given = form(address, (office.amira, "yes", "", ""), (office.ben, "no", "", ""))
    for who in (None, office.ben, office.amira, office.clara, office.omar):
        assert office.send(who, PATH, given).status_code == (401 if who is None else 403)
    assert office.as_(office.amira).get(PATH).status_code == 403
    headers = {"Origin": "https://evil.example"}
    plain = office.as_(office.hana)._client.post(PATH, data=given, base_url="https://localhost", headers=headers)
    assert plain.status_code == 403
    assert said(office, address) == []


def test_said_shown_told_to_both_and_in_the_log(office: Office) -> None:
    address = shared(office, office.amira, office.ben)
    page = office.as_(office.hana).get(PATH).text
    assert address in page
    assert "Amira Kaya" in page
    given = form(address, (office.amira, "yes", "", "2026-03-01"), (office.ben, "yes", "2026-03-01", ""))
    assert office.as_(office.hana).post(PATH, given).status_code == 303
    assert said(office, address) == [
        (office.amira, True, None, "2026-03-01", office.hana),
        (office.ben, True, "2026-03-01", None, office.hana),
    ]
    assert "It counts from" in office.as_(office.helge).get(PATH).text
    for who, words in ((office.amira, "yours until before 1 March 2026"), (office.ben, "yours from 1 March 2026 on")):
        told = office.as_(who).get("/").text
        assert address in told
        assert words in told
        assert office.value(
            "SELECT count(*) FROM audit_entry WHERE action = 'address.settled' AND employee_id = %s AND actor_id = %s",
            who, office.hana,
        ) == 1  # fmt: skip


def test_a_request_that_waits_for_it_leads_there(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "decide", outcome="approve")
    (step,) = steps(office, number, "waiting")
    office.superuser.execute("UPDATE request_step SET reason = 'contested:events' WHERE id = %s", [step])
    office.superuser.commit()
    page = office.as_(office.hana).get(f"/hr/requests/{number}").text
    assert "HR has to say whose it was" in page
    assert f'href="{PATH}">Say whose it was' in page
    request = office.row(number)["id"]
    assert "HR has to say whose it was" in office.as_(office.amira).get(f"/requests/{request}").text


def test_it_can_be_nobodys_and_is_said_anew_after_an_objection(office: Office) -> None:
    address = shared(office, office.amira, office.ben)
    nobodys = form(address, (office.amira, "no", "", ""), (office.ben, "no", "", ""))
    assert office.as_(office.hana).post(PATH, nobodys).status_code == 303
    assert [row[1] for row in said(office, address)] == [False, False]
    assert "never yours" in office.as_(office.ben).get("/").text
    again = form(address, (office.amira, "no", "", ""), (office.ben, "yes", "", ""))
    assert office.as_(office.helge).post(PATH, again).status_code == 303
    assert {(row[0], row[1], row[4]) for row in said(office, address)} == {
        (office.amira, False, office.helge),
        (office.ben, True, office.helge),
    }


WRONG = {
    "one is left open": [("yes", "", ""), ("", "", "")],
    "both all the time": [("yes", "", ""), ("yes", "", "")],
    "both on some days": [("yes", "", "2026-03-02"), ("yes", "2026-03-01", "")],
    "ends before it begins": [("yes", "2026-03-02", "2026-03-01"), ("no", "", "")],
    "not a day": [("yes", "yesterday", ""), ("no", "", "")],
}


@pytest.mark.parametrize("what", sorted(WRONG))
def test_half_a_word_is_refused(office: Office, what: str) -> None:
    address = shared(office, office.amira, office.ben)
    lines = [(who, *words) for who, words in zip((office.amira, office.ben), WRONG[what], strict=True)]
    assert office.as_(office.hana).post(PATH, form(address, *lines)).status_code == 422
    assert said(office, address) == []


def test_a_page_from_before_a_third_person_had_it_is_too_old(office: Office) -> None:
    address = shared(office, office.amira, office.omar, office.ben)
    given = form(address, (office.amira, "yes", "", ""), (office.ben, "no", "", ""))
    assert office.as_(office.hana).post(PATH, given).status_code == 409
    assert said(office, address) == []


def test_D02_hr_settles_no_address_of_its_own(office: Office) -> None:
    address = shared(office, office.hana, office.ben)
    assert address not in office.as_(office.hana).get(PATH).text
    assert address in office.as_(office.helge).get(PATH).text
    given = form(address, (office.hana, "yes", "", ""), (office.ben, "no", "", ""))
    assert office.as_(office.hana).post(PATH, given).status_code == 404
    assert said(office, address) == []


def test_D02_nor_one_that_only_one_person_has(office: Office) -> None:
    """Else HR could say that somebody's address is not theirs, and an erasure would find nothing under it."""
    address = shared(office, office.amira)
    assert office.as_(office.hana).post(PATH, form(address, (office.amira, "no", "", ""))).status_code == 404
    wanted = "INSERT INTO address_span (employee_id, address, theirs) VALUES (%s, %s, false)"
    for who in (office.amira, office.hana):
        with (
            pytest.raises(Exception, match="row-level security"),
            office.database.transaction("web_hr", office.hana) as session,
        ):
            session.connection().exec_driver_sql(wanted, (who, address))
    assert said(office, address) == []


@pytest.mark.parametrize("column", ["settled_at", "settled_by"])
def test_D01_when_it_was_said_and_by_whom_is_the_databases_word(office: Office, column: str) -> None:
    """Else a word could be put a week back, and rows would go before anybody heard of it."""
    address = shared(office, office.amira, office.ben)
    wanted = f"INSERT INTO address_span (employee_id, address, theirs, {column}) VALUES (%s, %s, false, DEFAULT)"
    with (
        pytest.raises(Exception, match="permission denied"),
        office.database.transaction("web_hr", office.hana) as session,
    ):
        session.connection().exec_driver_sql(wanted, (office.amira, address))
    assert said(office, address) == []


def test_what_was_not_said_comes_first_and_each_can_be_said_however_many_there_are(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.database.transaction("web_hr", office.hana) as session:  # those of other tests
        for address, people in groupby(queries.shared(session, 1000), key=lambda one: one.address):
            words = [Said(one.person, theirs=False) for one in people]
            actions.settle(session, address, words, office.hana, clock.now())
    monkeypatch.setattr(addresses, "MOST_SHOWN", 1)
    several = [shared(office, office.amira, office.ben) for _ in range(3)]
    for one in several:
        assert not said(office, one)
        given = form(one, (office.amira, "yes", "", ""), (office.ben, "no", "", ""))
        assert office.as_(office.hana).post(PATH, given).status_code == 303
    fresh = shared(office, office.amira, office.ben)
    page = office.as_(office.hana).get(PATH).text
    assert [one for one in (fresh, *several) if one in page] == [fresh]
    assert f'href="{PATH}?page=2"' in page
    wrong = form(several[2], (office.amira, "", "", ""), (office.ben, "no", "", ""))
    answer = office.as_(office.hana).post(PATH, wrong)
    assert (answer.status_code, several[2] in answer.text) == (422, True)


def test_two_say_it_at_once_and_the_later_word_counts(office: Office) -> None:
    address = shared(office, office.amira, office.ben)
    words = [Said(office.amira, theirs=True), Said(office.ben, theirs=False)]

    def settle(who: UUID) -> None:
        with office.database.transaction("web_hr", who) as session:
            actions.settle(session, address, words, who, clock.now())

    with ThreadPoolExecutor(1) as pool:
        with office.database.transaction("web_hr", office.hana) as session:
            actions.settle(session, address, words, office.hana, clock.now())
            session.flush()
            later = pool.submit(settle, office.helge)
            with pytest.raises(TimeoutError):
                later.result(timeout=1)
        later.result(timeout=10)
    assert {row[4] for row in said(office, address)} == {office.helge}
