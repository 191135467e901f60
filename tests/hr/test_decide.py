"""Decide: approve, approve in part, refuse; what takes something away for good needs four eyes and a fresh sign-in."""

from datetime import timedelta
from typing import Any

import pytest

from portal.core import clock
from portal.requests.rules import About, RequestType
from tests.hr.conftest import Office

REFUSAL = {"outcome": "refuse", "ground": "legal_claims", "words": "A court case is pending."}
PARTIAL = {"outcome": "partial", "ground": "legal_claims", "words": "The screenshots stay.", "stays": "daylight|screenshot"}  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("act", ["decide", "confirm", "reject"])
def test_refused_to_everybody_else(office: Office, act: str) -> None:
    office.refused(office.ask(), act, **REFUSAL)


@pytest.mark.parametrize("act", ["decide", "confirm", "reject", "hold"])
def test_S07_a_decision_and_a_hold_need_a_fresh_sign_in(office: Office, act: str) -> None:
    number = office.ask()
    office.act(office.helge, number, "decide", **REFUSAL)
    before = office.kinds(number)
    browser = office.as_(office.hana)
    path = f"/hr/requests/{number}/{act}"
    old = clock.now() - timedelta(minutes=16)
    office.superuser.execute("UPDATE login_session SET auth_time = %s WHERE employee_id = %s", [old, office.hana])
    office.superuser.commit()
    answer = office.act(office.hana, number, act, **REFUSAL)
    assert answer.status_code == 401
    assert "Sign in again first." in answer.text
    if act != "reject":
        assert browser.get(path).status_code == 303
        assert "/sign-in?fresh=1" in browser.get(path).location
    assert office.kinds(number) == before
    assert office.act(office.hana, number, "say", words="no need here").location == f"/hr/requests/{number}"


def test_one_person_may_approve_a_part_of_what_was_captured(office: Office) -> None:
    number = office.ask()
    assert office.act(office.hana, number, "decide", outcome="approve", words="Gladly.").status_code == 303
    assert office.kinds(number) == ["sent", "proposed", "decided"]
    assert office.row(number)["state"] == "approved"
    assert {"page request_decided", "mail request_decided"} <= office.told(number)
    assert office.logged(number)[-1] == "request.decided by hr"


def test_deleting_everything_needs_two(office: Office) -> None:
    number = office.ask(about=About())
    office.act(office.hana, number, "decide", outcome="approve")
    assert office.row(number)["state"] == "open"
    assert office.told(number) == set()
    assert office.act(office.helge, number, "confirm").status_code == 303
    assert office.row(number)["state"] == "approved"


@pytest.mark.parametrize(("given", "state"), [(REFUSAL, "refused"), (PARTIAL, "approved")])
def test_refusing_needs_two_and_the_person_is_told_only_then(office: Office, given: dict[str, str], state: str) -> None:
    number = office.ask()
    assert office.act(office.hana, number, "decide", **given).status_code == 303
    assert office.row(number)["state"] == "open"
    assert office.told(number) == set()
    own = office.as_(office.hana).get(f"/hr/requests/{number}/confirm").text
    assert "Somebody else must confirm what you proposed." in own
    assert "Confirm: it holds from now on" not in own
    answer = office.act(office.hana, number, "confirm")
    assert answer.status_code == 409
    assert office.row(number)["state"] == "open"
    other = office.as_(office.helge).get(f"/hr/requests/{number}/confirm").text
    for words in (given["words"], "GDPR 17(3)(e)", "complain", "court", "Hana Berg"):
        assert words in other
    assert office.act(office.helge, number, "confirm").status_code == 303
    assert office.row(number)["state"] == state
    assert {"page request_decided", "mail request_decided"} <= office.told(number)


def test_what_stays_is_kept_with_its_ground(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "decide", **PARTIAL)
    stays = office.value("SELECT stays FROM request_decision WHERE request_id = %s", office.row(number)["id"])
    assert stays == [{"store": "daylight", "kind": "screenshot", "ground": "legal_claims"}]


WRONG: dict[str, dict[str, Any]] = {
    "no outcome": {},
    "an unknown outcome": {"outcome": "shrug"},
    "no ground": REFUSAL | {"ground": ""},
    "no words": REFUSAL | {"words": " "},
    "a ground of another type": REFUSAL | {"ground": "compelling"},
    "a ground of no law": REFUSAL | {"ground": "because"},
    "nothing stays": PARTIAL | {"stays": ""},
    "a store that was not counted": PARTIAL | {"stays": "moon|screenshot"},
}


@pytest.mark.parametrize("what", sorted(WRONG))
def test_half_a_decision_is_refused_and_kept_on_the_page(office: Office, what: str) -> None:
    number = office.ask()
    answer = office.act(office.hana, number, "decide", **WRONG[what])
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert 'id="to-mend"' in answer.text
    assert office.kinds(number) == ["sent"]
    if WRONG[what].get("words", " ").strip():
        assert WRONG[what]["words"] in answer.text


def test_a_copy_for_a_leaver_leaves_out_whole_kinds_or_nothing(office: Office) -> None:
    number = office.ask(kind=RequestType.ACCESS)
    request = office.row(number)["id"]
    office.superuser.execute(
        "UPDATE request SET started_by = 'hr', started_by_id = %s WHERE id = %s", [office.hana, request]
    )
    office.superuser.execute(
        "INSERT INTO request_count (employee_id, request_id, dataset_id, store, kind, items) VALUES "
        "(%s, %s, gen_random_uuid(), 'lake', 'screenshot', 3), (%s, %s, gen_random_uuid(), 'pond', NULL, 3)",
        [office.amira, request] * 2,
    )
    office.superuser.commit()
    given = PARTIAL | {"ground": "rights_of_others"}
    for stays in ("daylight|screenshot", ["daylight|screenshot", "pond|"]):
        answer = office.act(office.helge, number, "decide", **given | {"stays": stays})
        assert answer.status_code == 422, stays
        assert "only whole kinds can be left out" in answer.text
        assert given["words"] in answer.text
    assert office.kinds(number) == ["sent"]
    both = office.act(office.helge, number, "decide", **given | {"stays": ["daylight|screenshot", "lake|screenshot"]})
    assert both.status_code == 303


def test_sent_back_it_is_undecided_again(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "decide", **REFUSAL)
    assert office.act(office.helge, number, "reject", words="Which case?").status_code == 303
    assert office.kinds(number) == ["sent", "proposed", "rejected"]
    assert office.row(number)["state"] == "open"
    assert office.act(office.helge, number, "decide", outcome="approve").status_code == 303
    assert office.row(number)["state"] == "approved"


def test_two_colleagues_at_once_the_second_gets_a_clear_answer(office: Office) -> None:
    number = office.ask()
    old = office.seen(number)
    office.act(office.helge, number, "decide", outcome="approve")
    answer = office.act(office.hana, number, "decide", seen=old, **REFUSAL)
    assert answer.status_code == 409
    assert "changed this request since you opened the page" in answer.text
    assert "A court case is pending.</textarea>" in answer.text
    assert office.row(number)["state"] == "approved"


def test_what_the_confirming_eyes_did_not_see_is_not_confirmed(office: Office) -> None:
    """The proposal was taken back and another one made while the page of the first was open."""
    number = office.ask()
    office.act(office.hana, number, "decide", **REFUSAL)
    old = office.seen(number)
    office.act(office.hana, number, "reject", words="mistake")
    office.act(office.hana, number, "decide", **(REFUSAL | {"words": "Something else entirely."}))
    assert office.act(office.helge, number, "confirm", seen=old).status_code == 409
    assert office.row(number)["state"] == "open"


def test_confirmed_twice_counts_once(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "decide", **REFUSAL)
    office.act(office.helge, number, "confirm")
    assert office.act(office.helge, number, "confirm").status_code == 409
    assert office.kinds(number) == ["sent", "proposed", "decided"]


def test_one_person_alone_is_told_that_nobody_can_confirm(office: Office) -> None:
    office.superuser.execute("DELETE FROM role_grant WHERE employee_id = %s", [office.helge])
    office.superuser.commit()
    number = office.ask()
    assert "Nobody else of HR may confirm it yet." in office.as_(office.hana).get(f"/hr/requests/{number}/decide").text
    office.act(office.hana, number, "decide", **REFUSAL)
    assert "nobody else of HR may confirm it" in office.as_(office.hana).get(f"/hr/requests/{number}").text
    assert office.row(number)["state"] == "open"


def test_a_decided_request_offers_no_decision(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "decide", outcome="approve")
    assert office.as_(office.hana).get(f"/hr/requests/{number}/decide").status_code == 303


def test_what_people_carry_out_is_closed_by_hand_and_told(office: Office) -> None:
    number = office.ask(kind=RequestType.RECTIFY)
    assert office.act(office.hana, number, "close", words="done").status_code == 409, "not decided"
    office.act(office.hana, number, "decide", outcome="approve")
    assert office.act(office.hana, number, "close", words=" ").status_code == 409
    assert office.act(office.hana, number, "close", words="Your note stands beside it.").status_code == 303
    assert office.row(number)["state"] == "done"
    assert office.kinds(number)[-1] == "closed"


def test_close_is_refused_to_everybody_else(office: Office) -> None:
    number = office.ask(kind=RequestType.RECTIFY)
    office.act(office.hana, number, "decide", outcome="approve")
    office.refused(number, "close", words="done")


def test_what_the_worker_carries_out_is_not_closed_by_hand(office: Office) -> None:
    number = office.ask()
    office.act(office.hana, number, "decide", outcome="approve")
    assert office.act(office.hana, number, "close", words="Trust me.").status_code == 409
    assert office.row(number)["state"] == "approved"
