"""Several at once: a preview of each, then the act; what changed meanwhile is left alone and said."""

from datetime import timedelta
from typing import Any

from tests.hr.conftest import Office


def chosen(office: Office, *numbers: int) -> list[str]:
    return [f"{number}:{office.seen(number)}" for number in numbers]


def test_refused_to_everybody_else(office: Office) -> None:
    number = office.ask()
    for act in ("assign", "extend"):
        given: dict[str, Any] = {"chosen": chosen(office, number), "to": str(office.hana), "words": "why"}
        for who in (office.amira, office.ben, office.clara, office.omar):
            assert office.as_(who).post(f"/hr/bulk/{act}", given).status_code == 403
        assert office.send(None, f"/hr/bulk/{act}", given).status_code == 401
    assert office.kinds(number) == ["sent"]


def test_the_preview_says_what_happens_to_each_and_changes_nothing(office: Office) -> None:
    fine, late = office.ask(), office.ask(ago=timedelta(days=40))
    page = office.as_(office.hana).get(f"/hr/bulk?act=extend&number={fine}&number={late}").text
    assert "Extend 1 request" in page
    assert "cannot be extended" in page
    assert f'value="{fine}:' in page
    assert f'value="{late}:' not in page
    assert office.kinds(fine) == ["sent"]


def test_extended_with_one_reason(office: Office) -> None:
    one, two = office.ask(), office.ask()
    sent: dict[str, Any] = {"chosen": chosen(office, one, two), "words": "The archive is being moved."}
    assert office.as_(office.hana).post("/hr/bulk/extend", sent).status_code == 303
    for number in (one, two):
        assert office.kinds(number) == ["sent", "extended"]
        assert "mail request_extended" in office.told(number)


def test_without_a_reason_nothing_is_extended_and_the_preview_stays(office: Office) -> None:
    number = office.ask()
    answer = office.as_(office.hana).post("/hr/bulk/extend", {"chosen": chosen(office, number), "words": ""})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert 'id="to-mend"' in answer.text
    assert f'value="{number}:' in answer.text
    assert office.kinds(number) == ["sent"]


def test_given_over_at_once_but_not_what_changed_meanwhile(office: Office) -> None:
    one, two = office.ask(), office.ask()
    given = chosen(office, one, two)
    office.act(office.helge, two, "say", words="I am on it")
    answer = office.as_(office.hana).post("/hr/bulk/assign", {"chosen": given, "to": str(office.hana)})
    assert answer.status_code == 303
    assert (office.row(one)["assigned_to"], office.row(two)["assigned_to"]) == (office.hana, None)
    page = office.as_(office.hana).get("/hr").text
    assert "1 request changed." in page
    assert f"#{two}: " in page


def test_nonsense_and_ones_own_are_left_out(office: Office) -> None:
    own = office.ask(office.hana)
    given = [*chosen(office, own), "x", "1:", ":1", "1:y", "9" * 40 + ":1", "²:²"]
    assert office.as_(office.hana).post("/hr/bulk/assign", {"chosen": given, "to": ""}).status_code == 303
    assert office.kinds(own) == ["sent"]
    page = office.as_(office.hana).get(f"/hr/bulk?number={own}&number=x&number=-3&act=drop")
    assert page.status_code == 200
    assert "Nothing was ticked" in page.text
