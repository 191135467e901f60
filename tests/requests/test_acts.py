"""What a person does to a request: write, answer, withdraw, appeal; strangers, retries and late clicks first."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.db import Database
from portal.requests import actions, deciding
from portal.requests.deciding import Proposal
from portal.requests.jobs import ended as worker_ended
from portal.requests.jobs import reopened
from portal.requests.refusals import NotNowError, Why
from portal.requests.rules import About, Outcome, RequestState, RequestType
from tests.captured import store_item
from tests.requests.arrange import HANA, HENRY, MONTH, NO, YES, asked_back, decided, ended, sent, state
from tests.web_client import Browser

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
ACTS = ("messages", "answer", "withdraw", "appeal")


def _kinds(superuser: Superuser, request: UUID) -> list[str]:
    rows = superuser.execute("SELECT kind FROM request_event WHERE request_id = %s ORDER BY id", [request]).fetchall()
    superuser.commit()
    return [str(row[0]) for row in rows]


@pytest.mark.parametrize("act", ACTS)
def test_a_stranger_changes_nothing(
    act: str, browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    request = sent(database, person("Amira Kaya"))
    assert browse(person("Ben Okafor")).post(f"/requests/{request.id}/{act}", {"words": "Hm."}).status_code == 404
    assert _kinds(superuser, request.id) == ["sent"]


@pytest.mark.parametrize(
    ("act", "says"),
    [("messages", "This request has ended meanwhile."), ("answer", "This request has ended meanwhile.")],
)
def test_too_late_is_said_and_the_words_are_kept(
    act: str, says: str, browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    request, browser = sent(database, amira), browse(amira)
    browser.post(f"/requests/{request.id}/withdraw")
    answer = browser.post(f"/requests/{request.id}/{act}", {"words": "One more thing."})
    assert answer.status_code == 422
    assert says in answer.text


@pytest.mark.parametrize("act", ["messages", "answer"])
def test_nothing_and_too_much_are_refused(
    act: str, browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    request, browser = sent(database, amira), browse(amira)
    asked_back(database, request.id)
    for words in (" ", "x" * 4001):
        assert browser.post(f"/requests/{request.id}/{act}", {"words": words}).status_code == 422
    assert _kinds(superuser, request.id) == ["sent", "asked_back"]


def test_what_runs_cannot_be_withdrawn(browse: Browse, database: Database, person: Callable[..., UUID]) -> None:
    amira = person("Amira Kaya")
    request = sent(database, amira)
    decided(database, request.id)
    with database.transaction("worker") as session:
        actions.start(session, request.id, clock.now())
    browser = browse(amira)
    browser.post(f"/requests/{request.id}/withdraw")
    page = browser.get(f"/requests/{request.id}").text
    assert "part of it is done already" in page
    assert state(database, amira, request.id) == "running"


def test_withdrawing_twice_is_once(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    request, browser = sent(database, amira), browse(amira)
    for _ in range(2):
        assert browser.post(f"/requests/{request.id}/withdraw").status_code == 303
    assert "This was done before." in browser.get(f"/requests/{request.id}").text
    assert _kinds(superuser, request.id) == ["sent", "withdrawn"]


def test_the_same_message_twice_in_a_minute_is_one(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    request, browser = sent(database, amira), browse(amira)
    for words in ("Hello?", "Hello?", "Still there?"):
        browser.post(f"/requests/{request.id}/messages", {"words": words})
    assert _kinds(superuser, request.id) == ["sent", "said", "said"]


def test_an_answer_lets_the_clock_go_on(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya", country="DE")
    now = clock.now() - timedelta(days=10)
    request = sent(database, amira, RequestType.ACCESS, now=now)
    with database.transaction("web_hr", HANA.id) as session:
        actions.ask_back(session, request.id, HANA, now, "Who are you?", reason="identity")
    browser = browse(amira)
    assert "Until you answer, the clock stands." in browser.get(f"/requests/{request.id}").text
    browser.post(f"/requests/{request.id}/answer", {"words": "It is me."})
    row = superuser.execute("SELECT due_at - received_at FROM request WHERE id = %s", [request.id]).fetchone()
    superuser.commit()
    assert row
    assert row[0] >= MONTH + timedelta(days=9)


def test_a_refusal_shows_ground_and_remedies_and_one_click_appeals(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    request, browser = sent(database, amira, about=About(kinds=("key",))), browse(amira)
    assert browser.post(f"/requests/{request.id}/appeal").status_code == 303
    assert _kinds(superuser, request.id) == ["sent"], "nothing was refused yet"
    decided(database, request.id, NO)
    page = browser.get(f"/requests/{request.id}").text
    assert "We need it for a case." in page
    assert "17(3)(e)" in page
    assert "What you can do" in page
    review = browser.post(f"/requests/{request.id}/appeal").headers["Location"]
    browser.post(f"/requests/{request.id}/appeal")
    rows = superuser.execute(
        "SELECT type, state, appeals, kinds FROM request WHERE employee_id = %s AND appeals IS NOT NULL", [amira]
    ).fetchall()
    superuser.commit()
    assert rows == [("review", "open", request.id, ["key"])]
    assert "HR has until" in browser.get(review).text


def test_a_german_refusal_names_the_law_in_german(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya", locale="de")
    request = sent(database, amira)
    decided(database, request.id, NO)
    page = browse(amira).get(f"/requests/{request.id}").text
    assert "(DSGVO 17(3)(e))" in page
    assert "(DSGVO 77)" in page
    assert "GDPR" not in page


def test_a_decision_of_one_pair_of_eyes_is_not_seen_before_the_second(
    browse: Browse, database: Database, person: Callable[..., UUID]
) -> None:
    amira = person("Amira Kaya")
    request = sent(database, amira)
    with database.transaction("web_hr", HANA.id) as session:
        deciding.propose(session, request.id, HANA, clock.now(), NO, four_eyes=True)
    with pytest.raises(NotNowError) as error, database.transaction("web_hr", HANA.id) as session:
        deciding.confirm(session, request.id, HANA, clock.now())
    assert error.value.why is Why.FOUR_EYES
    assert "We need it for a case." not in browse(amira).get(f"/requests/{request.id}").text
    with database.transaction("web_hr", HENRY.id) as session:
        deciding.reject(session, request.id, HENRY, clock.now(), "Not so.")
        deciding.propose(session, request.id, HENRY, clock.now(), YES, four_eyes=False)
    assert state(database, amira, request.id) == "approved"


def test_a_refusal_without_ground_or_words_is_none(database: Database, person: Callable[..., UUID]) -> None:
    request = sent(database, person("Amira Kaya"))
    for proposal in (Proposal(Outcome.REFUSE, "No."), Proposal(Outcome.PARTIAL, " ", "legal_claims")):
        with pytest.raises(NotNowError) as error, database.transaction("web_hr", HANA.id) as session:
            deciding.propose(session, request.id, HANA, clock.now(), proposal, four_eyes=True)
        assert error.value.why is Why.EMPTY


def test_hr_cannot_handle_its_own_request(database: Database, person: Callable[..., UUID]) -> None:
    hana = person("Hana Lindqvist")
    request = sent(database, hana)
    with pytest.raises(LookupError), database.transaction("web_hr", hana) as session:
        deciding.propose(session, request.id, HANA, clock.now(), YES, four_eyes=True)


def test_merging_keeps_the_first_clock(database: Database, person: Callable[..., UUID]) -> None:
    amira = person("Amira Kaya")
    first, second = sent(database, amira, now=clock.now() - timedelta(days=3)), sent(database, amira)
    with database.transaction("web_hr", HANA.id) as session:
        kept = actions.merge(session, first.id, second.id, HANA, clock.now())
    assert (kept.id, kept.due_at) == (first.id, first.due_at)
    assert state(database, amira, second.id) == "merged"
    other = sent(database, person("Ben Okafor"))
    with pytest.raises(LookupError), database.transaction("web_hr", HANA.id) as session:
        actions.merge(session, first.id, other.id, HANA, clock.now())


def test_the_person_is_told_of_what_others_do(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    request = sent(database, amira)
    asked_back(database, request.id)
    assert f"HR asks you something about request {request.number}." in browse(amira).get("/").text
    browse(amira).post(f"/requests/{request.id}/answer", {"words": "May."})
    decided(database, request.id)
    ended(database, request.id)
    rows = superuser.execute("SELECT kind FROM notification WHERE employee_id = %s ORDER BY created_at", [amira])
    kinds = [row[0] for row in rows.fetchall()]
    superuser.commit()
    assert kinds == ["request_asked_back", "request_decided", "request_closed"]


def test_the_worker_ends_and_reopens_what_runs_and_nothing_else(
    database: Database, person: Callable[..., UUID]
) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    request = sent(database, amira)
    with database.transaction("worker") as session:
        worker_ended(session, amira, request.id, True, now)
        worker_ended(session, amira, uuid4(), True, now)
        reopened(session, amira, request.id, now)
    assert state(database, amira, request.id) == "open"
    decided(database, request.id)
    with database.transaction("worker") as session:
        actions.start(session, request.id, now)
        worker_ended(session, amira, request.id, False, now)
    assert state(database, amira, request.id) == RequestState.PARTIAL
    with database.transaction("worker") as session:
        reopened(session, amira, request.id, now)
        worker_ended(session, amira, request.id, True, now)
    assert state(database, amira, request.id) == RequestState.DONE


def test_a_note_and_a_freeze_stand_beside_the_item(
    browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, at = person("Amira Kaya"), clock.now() - timedelta(days=2)
    item, other = store_item(superuser, amira, at), store_item(superuser, amira, at + timedelta(minutes=5))
    note = sent(database, amira, RequestType.RECTIFY, About(segments=(item.segment,)), words="That was not me.")
    freeze = sent(database, amira, RequestType.RESTRICT, About(segments=(item.segment,)))
    day, browser = at.date().isoformat(), browse(amira)
    page = browser.get(f"/data/{day}/{item.segment}").text
    assert "Your note: That was not me." in page
    assert "HR has not decided yet." in page
    decided(database, freeze.id)
    assert "nobody may use it" in browser.get(f"/data/{day}/{item.segment}").text
    assert "That was not me." not in browser.get(f"/data/{day}/{other.segment}").text
    browser.post(f"/requests/{note.id}/withdraw")
    assert "That was not me." not in browser.get(f"/data/{day}/{item.segment}").text
