"""Duplicates: found by overlap, merged into the older one with its clock, and only where nothing is lost."""

from datetime import timedelta

from portal.requests.rules import About, RequestType
from tests.hr.conftest import Office, some_days

DAY = timedelta(days=1)


def test_refused_to_everybody_else(office: Office) -> None:
    number, other = office.ask(), office.ask()
    office.refused(number, "merge", other=str(office.row(other)["id"]))


def test_the_older_one_stays_with_its_clock_from_either_side(office: Office) -> None:
    for from_newer in (True, False):
        about = some_days()
        older, newer = office.ask(about=about, ago=3 * DAY), office.ask(about=about)
        due = office.row(older)["due_at"]
        here, there = (newer, older) if from_newer else (older, newer)
        assert f"Merge with #{there}" in office.as_(office.hana).get(f"/hr/requests/{here}").text
        answer = office.act(office.hana, here, "merge", other=str(office.row(there)["id"]))
        assert answer.location == f"/hr/requests/{older}"
        assert (office.row(older)["state"], office.row(older)["due_at"]) == ("open", due)
        assert (office.row(newer)["state"], office.row(newer)["merged_into"]) == ("merged", office.row(older)["id"])
        office.act(office.hana, older, "decide", outcome="approve")


def test_a_part_of_the_older_one_can_be_merged(office: Office) -> None:
    older = office.ask(about=some_days(30, 5), ago=DAY)
    newer = office.ask(about=About(some_days(20, 10).starts_at, some_days(20, 10).ends_at, kinds=("key",)))
    office.act(office.hana, newer, "merge", other=str(office.row(older)["id"]))
    assert office.row(newer)["state"] == "merged"


def test_what_asks_for_more_is_not_merged(office: Office) -> None:
    older, newer = office.ask(about=some_days(), ago=DAY), office.ask(about=About())
    page = office.as_(office.hana).get(f"/hr/requests/{older}").text
    assert "the newer one asks for more" in page
    assert f"Merge with #{newer}" not in page
    answer = office.act(office.hana, older, "merge", other=str(office.row(newer)["id"]))
    assert answer.status_code == 409
    assert office.row(newer)["state"] == "open"


def test_no_duplicates_of_another_time_type_or_person(office: Office) -> None:
    number = office.ask(about=some_days(20, 10))
    others = [
        office.ask(about=some_days(9, 5)),
        office.ask(about=some_days(20, 10), kind=RequestType.ACCESS),
        office.ask(office.ben, about=some_days(20, 10)),
    ]
    page = office.as_(office.hana).get(f"/hr/requests/{number}").text
    assert "About the same" not in page
    answers = [office.act(office.hana, number, "merge", other=str(office.row(other)["id"])) for other in others]
    assert [answer.status_code for answer in answers] == [409, 404, 404]
    assert {office.row(other)["state"] for other in others} == {"open"}


def test_not_with_itself(office: Office) -> None:
    number = office.ask()
    assert office.act(office.hana, number, "merge", other=str(office.row(number)["id"])).status_code == 404
