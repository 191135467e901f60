"""Nobody decides on what they sent, and who decided before does not decide on the appeal."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from portal.core import clock
from portal.requests import actions, deadlines, delegating
from portal.requests.forms import Asked
from portal.requests.rules import About, Actor, RequestType, Role
from tests.hr.conftest import Office, some_days
from tests.hr.test_decide import REFUSAL
from tests.hr.test_lift import frozen
from tests.web_client import statements

NO = {"outcome": "refuse", "ground": "no_automated_decision", "words": "We looked again."}
SENT = "You sent this request yourself"
BEFORE = "You decided on what is appealed here"
ACTS: dict[str, dict[str, Any]] = {
    "ask": {"words": "Who are you?", "reason": "identity"},
    "extend": {"words": "many stores"},
    "decide": {"outcome": "approve"},
    "confirm": {},
    "reject": {"words": "no"},
    "hold": {"from": "2026-01-01", "to": "2026-01-02", "ground": "legal_claims", "words": "A case."},
}


def holds_until() -> str:
    return (clock.now() + timedelta(days=9)).date().isoformat()


def third(office: Office, person: Callable[..., UUID], name: str = "Hugo Lenz") -> UUID:
    """Somebody else of HR, who decided nothing."""
    who = person(name, country="DE")
    office.superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'hr')", [who])
    office.superuser.commit()
    return who


def as_delegate(office: Office, kind: RequestType = RequestType.ERASE, about: About | None = None) -> int:
    """Hana, whom Amira named, asks for her; the number."""
    now = clock.now()
    with office.database.transaction("web_employee", office.amira) as session:
        until = now + timedelta(days=9)
        acting = delegating.name(session, office.amira, (office.hana, "Hana Berg"), [kind], until, now).id
    with delegating.behalf(office.database, office.hana, acting) as (session, whom):
        by = Actor(office.hana, Role.DELEGATE, "Hana Berg")
        sent = delegating.ask(session, whom, Asked(kind, about or some_days(), "please"), by, now)
        session.refresh(sent)
        return sent.number


def for_a_leaver(office: Office, person: Callable[..., UUID], kind: str = "erase") -> int:
    """Hana starts one for somebody who has left; the number."""
    lea = person("Lea Gone", left_at=clock.now(), country="DE")
    form: dict[str, Any] = {"person": str(lea), "type": kind, "words": "All of it", "checked": "Passport seen"}
    return int(office.as_(office.hana).post("/hr/requests/new", form).location.rsplit("/", 1)[-1])


def appealed(office: Office, number: int) -> int:
    """The person appeals; the number of the new request."""
    request, now = office.row(number), clock.now()
    law, due = deadlines.begun("DE", RequestType.REVIEW, now, "Europe/Berlin")
    with office.database.transaction("web_employee", request["employee_id"]) as session:
        by = Actor(request["employee_id"], Role.EMPLOYEE, "Amira Kaya")
        review = actions.appeal(session, request["id"], by, now, words="Look again.", law=law, due_at=due)
        session.refresh(review)
        return review.number


def refused_by_both(office: Office) -> int:
    number = office.ask()
    office.act(office.hana, number, "decide", **REFUSAL)
    office.act(office.helge, number, "confirm")
    assert office.row(number)["state"] == "refused"
    return number


def cannot(office: Office, who: UUID, number: int, why: str, acts: tuple[str, ...] = tuple(ACTS)) -> None:
    """Whatever form somebody posts by hand, they are told why not, and nothing changes."""
    before = office.row(number), office.kinds(number)
    for act in acts:
        given = ACTS[act] | ({"expires": holds_until()} if act == "hold" else {})
        answer = office.act(who, number, act, **given)
        assert answer.status_code == 409, act
        assert why in answer.text, act
    assert (office.row(number), office.kinds(number)) == before
    held = "SELECT count(*) FROM legal_hold WHERE employee_id = %s"
    assert office.value(held, before[0]["employee_id"]) == 0


def offers_nothing(office: Office, who: UUID, number: int, why: str) -> str:
    """The page of the request says why, and offers no act of deciding; neither do the forms."""
    page = office.as_(who).get(f"/hr/requests/{number}").text
    assert why in page
    for words in ("Decide…", "Ask back…", "Extend…", "Set a legal hold…", "Read and confirm…"):
        assert words not in page, words
    for act in ("decide", "hold"):
        assert office.as_(who).get(f"/hr/requests/{number}/{act}").status_code == 303
    return page


def test_S07_a_delegate_of_hr_does_not_decide_on_what_they_sent(office: Office) -> None:
    number = as_delegate(office)
    page = offers_nothing(office, office.hana, number, SENT)
    assert "They can decide: Helge Moe." in page
    assert "Message to Amira Kaya…" in page
    cannot(office, office.hana, number, SENT)
    assert office.act(office.helge, number, "decide", outcome="approve").status_code == 303
    assert office.row(number)["state"] == "approved"


def test_S07_hr_does_not_decide_on_what_it_started_for_a_leaver(office: Office, person: Callable[..., UUID]) -> None:
    number = for_a_leaver(office, person)
    offers_nothing(office, office.hana, number, SENT)
    cannot(office, office.hana, number, SENT)
    office.act(office.helge, number, "decide", outcome="approve")
    assert office.act(office.hana, number, "confirm").status_code == 409, "everything needs two, and she sent it"
    assert "Read and confirm…" not in offers_nothing(office, office.hana, number, SENT)
    helper = third(office, person)
    assert office.act(helper, number, "confirm").status_code == 303
    assert office.row(number)["state"] == "approved"


def test_what_hr_started_is_not_closed_by_the_same(office: Office, person: Callable[..., UUID]) -> None:
    number = for_a_leaver(office, person, "rectify")
    office.act(office.helge, number, "decide", outcome="approve")
    answer = office.act(office.hana, number, "close", words="done")
    assert (answer.status_code, SENT in answer.text) == (409, True)
    assert office.act(office.helge, number, "close", words="done").status_code == 303


def test_what_somebody_sent_is_given_to_another(office: Office, person: Callable[..., UUID]) -> None:
    number = for_a_leaver(office, person)
    page = office.as_(office.hana).get(f"/hr/requests/{number}").text
    assert f'<option value="{office.helge}"' in page
    assert f'<option value="{office.hana}"' not in page
    for who in (office.hana, office.helge):
        answer = office.act(who, number, "assign", to=str(office.hana))
        assert answer.status_code == 409
        assert "Choose somebody else." in answer.text
    assert office.act(office.hana, number, "assign", to=str(office.helge)).status_code == 303
    assert office.row(number)["assigned_to"] == office.helge


def test_several_at_once_leave_out_what_the_reader_sent(office: Office) -> None:
    number = as_delegate(office)
    page = office.as_(office.hana).get(f"/hr/bulk?act=extend&number={number}").text
    assert SENT in page
    chosen: dict[str, Any] = {"chosen": f"{number}:{office.seen(number)}"}
    office.as_(office.hana).post("/hr/bulk/extend", chosen | {"words": "many"})
    assert SENT in office.as_(office.hana).get("/hr").text
    office.as_(office.hana).post("/hr/bulk/assign", chosen | {"to": str(office.hana)})
    assert "Choose somebody else." in office.as_(office.hana).get("/hr").text
    assert office.kinds(number) == ["sent"]


def test_who_sent_one_of_two_does_not_merge_them(office: Office) -> None:
    mine = as_delegate(office, about=some_days(20, 10))
    hers = office.ask(about=some_days(21, 9), ago=timedelta(days=1))
    for one, other in ((mine, hers), (hers, mine)):
        page = office.as_(office.hana).get(f"/hr/requests/{one}").text
        assert "About the same" in page
        assert "Merge with" not in page
        answer = office.act(office.hana, one, "merge", other=str(office.row(other)["id"]))
        assert (answer.status_code, SENT in answer.text) == (409, True)
    assert office.act(office.helge, mine, "merge", other=str(office.row(hers)["id"])).status_code == 303


def test_who_asked_for_a_freeze_as_a_delegate_does_not_lift_it(office: Office) -> None:
    number = frozen(office)
    office.superuser.execute(
        "UPDATE request_event SET actor_id = %s, actor_role = 'delegate' WHERE kind = 'sent' AND request_id = %s",
        [office.hana, office.row(number)["id"]],
    )
    office.superuser.commit()
    page = office.as_(office.hana).get(f"/hr/requests/{number}").text
    assert SENT in page
    assert "Lift the freeze…" not in page
    answer = office.act(office.hana, number, "lift", words="over")
    assert (answer.status_code, SENT in answer.text) == (409, True)
    assert office.act(office.helge, number, "lift", words="over").status_code == 303


def test_S07_who_decided_before_does_not_decide_on_the_appeal(office: Office, person: Callable[..., UUID]) -> None:
    review = appealed(office, refused_by_both(office))
    hugo, heidi = third(office, person), third(office, person, "Heidi Arp")
    for who in (office.hana, office.helge):
        page = offers_nothing(office, who, review, BEFORE)
        assert "They can decide: Heidi Arp, Hugo Lenz." in page
        cannot(office, who, review, BEFORE)
        answer = office.act(hugo, review, "assign", to=str(who))
        assert (answer.status_code, "Choose somebody else." in answer.text) == (409, True)
    assert office.act(hugo, review, "decide", **NO).status_code == 303
    for who in (office.hana, office.helge):
        assert "Confirm: it holds from now on" not in office.as_(who).get(f"/hr/requests/{review}/confirm").text
        cannot(office, who, review, BEFORE, ("confirm", "reject"))
    assert office.act(heidi, review, "confirm").status_code == 303
    assert office.row(review)["state"] == "refused"


def test_S07_who_decided_first_does_not_decide_on_the_appeal_of_an_appeal(
    office: Office, person: Callable[..., UUID]
) -> None:
    review = appealed(office, refused_by_both(office))
    hugo, heidi = third(office, person), third(office, person, "Heidi Arp")
    office.act(hugo, review, "decide", **NO)
    office.act(heidi, review, "confirm")
    again = appealed(office, review)
    for who in (office.hana, office.helge, hugo, heidi):
        cannot(office, who, again, BEFORE, ("decide",))


def test_an_appeal_waits_where_both_people_of_hr_decided(office: Office, person: Callable[..., UUID]) -> None:
    review = appealed(office, refused_by_both(office))
    page = offers_nothing(office, office.hana, review, BEFORE)
    assert "another person with the HR role is needed" in page
    assert "nothing is lost" in page
    assert f'href="/hr/requests/{review}"' in office.as_(office.helge).get("/hr").text
    hugo = third(office, person)
    assert "Nobody else of HR may confirm it yet." in office.as_(hugo).get(f"/hr/requests/{review}/decide").text
    office.act(hugo, review, "decide", **NO)
    assert "nobody else of HR may confirm it" in office.as_(hugo).get(f"/hr/requests/{review}").text
    office.act(hugo, review, "reject", words="")
    assert office.act(hugo, review, "decide", outcome="approve").status_code == 303
    assert office.row(review)["state"] == "approved"


def test_who_only_sent_a_proposal_back_may_decide_on_the_appeal(office: Office, person: Callable[..., UUID]) -> None:
    hugo, number = third(office, person), office.ask()
    office.act(hugo, number, "decide", **REFUSAL)
    office.act(office.hana, number, "reject", words="why?")
    office.act(office.helge, number, "decide", **REFUSAL)
    office.act(hugo, number, "confirm")
    review = appealed(office, number)
    assert office.act(office.hana, review, "decide", outcome="approve").status_code == 303


INSERT = """
INSERT INTO request_decision (id, employee_id, request_id, outcome, proposed_by, proposed_name, confirmed_by)
VALUES (gen_random_uuid(), %s, %s, 'approve', %s, 'x', %s)
"""


@pytest.mark.parametrize("place", ["proposes", "confirms"])
@pytest.mark.parametrize("what", ["sent", "appealed"])
def test_S07_the_database_takes_no_decision_of_such_hands(office: Office, what: str, place: str) -> None:
    number = as_delegate(office) if what == "sent" else appealed(office, refused_by_both(office))
    request, hands = office.row(number), [office.hana, office.clara]
    if place == "confirms":
        hands.reverse()
    with pytest.raises(psycopg.errors.CheckViolation, match="decide"):
        office.superuser.execute(INSERT, [request["employee_id"], request["id"], *hands])
    office.superuser.rollback()
    office.superuser.execute(INSERT, [request["employee_id"], request["id"], office.clara, office.omar])
    office.superuser.rollback()


def test_the_page_of_an_appeal_keeps_to_twelve_statements(office: Office) -> None:
    review = appealed(office, refused_by_both(office))
    assert statements(office.as_(office.hana).get(f"/hr/requests/{review}")) <= 12
