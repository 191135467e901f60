"""Whom else an item shows: named by its owner, claimed by that person, and nobody learns more than they must (0042)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.bystanders.jobs import file_next, follow_next, forget_closed, match_next
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.deletion import holding
from portal.deletion.actions import Range, erase, undo
from portal.deletion.holding import NewHold, release_hold, set_hold
from portal.requests import actions
from portal.requests.jobs import count_next, plan_next, reopened
from portal.requests.refusals import NotNowError, Why
from portal.requests.rules import Actor, Role
from portal.worker import carrier, run
from tests.captured import store_item
from tests.cast import make_person
from tests.requests.arrange import NO, decided
from tests.web_client import Browser
from wire.segment import Header

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
NOTED = "Noted. If this is a colleague"


class Two:
    """Amira, whose items show Ben, and Ben."""

    def __init__(self, person: Callable[..., UUID], superuser: Superuser, owner: str = "Amira Kaya") -> None:
        self.mine, self.mail = f"amira-{uuid4().hex}@daylight.example", f"ben-{uuid4().hex}@daylight.example"
        self.amira = person(owner, email=self.mine, department="Design")
        self.ben = person("Ben Okafor", email=self.mail.upper())
        self.item = store_item(superuser, self.amira, clock.now() - timedelta(hours=2))

    @property
    def path(self) -> str:
        """Where the owner names people."""
        return item_path(self.item)


def item_path(item: Header) -> str:
    return f"/data/{clock.from_ms(item.start).date().isoformat()}/{item.segment}/shown"


@pytest.fixture
def two(person: Callable[..., UUID], superuser: Superuser) -> Two:
    return Two(person, superuser)


def named(browse: Browse, two: Two, database: Database, handle: str = "") -> None:
    """Amira names somebody, and the worker looks who that is."""
    answer = browse(two.amira).post(two.path, {"handle": handle or two.mail}, follow_redirects=True)
    assert answer.status_code == 200
    assert NOTED in answer.text
    run(database, match_next)


def shown_id(superuser: Superuser, who: UUID) -> UUID:
    row = superuser.execute("SELECT id FROM shown_item WHERE bystander_id = %s", [who]).fetchone()
    superuser.rollback()
    assert row is not None
    return UUID(str(row[0]))


def claimed(browse: Browse, two: Two, superuser: Superuser, wish: str = "erase") -> str:
    """Ben asks; what he is answered."""
    answer = browse(two.ben).post(f"/shown/{shown_id(superuser, two.ben)}", {"wish": wish}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def one(superuser: Superuser, statement: str, *values: object) -> tuple[Any, ...] | None:
    found = superuser.execute(statement.encode(), values).fetchone()
    superuser.rollback()
    return found


def told(superuser: Superuser, who: UUID) -> set[str]:
    rows = superuser.execute("SELECT kind FROM notification WHERE employee_id = %s", [who]).fetchall()
    superuser.rollback()
    return {row[0] for row in rows}


# --- refusals first


def test_nobody_signed_in_sees_none_of_it(browse: Browse, two: Two) -> None:
    for path in (two.path, "/shown", f"/shown/{uuid4()}"):
        assert browse(None).get(path).status_code in {303, 401}


def test_somebody_elses_item_cannot_be_said_to_show_anybody(browse: Browse, two: Two, superuser: Superuser) -> None:
    assert browse(two.ben).post(two.path, {"handle": two.mine}).status_code == 404
    assert browse(two.ben).get(two.path).status_code == 404
    assert one(superuser, "SELECT FROM shown_item WHERE employee_id = %s", two.amira) is None


def test_without_the_token_of_the_form_nothing_is_noted(browse: Browse, two: Two, superuser: Superuser) -> None:
    answer = browse(two.amira).post(two.path, {"handle": two.mail, "csrf_token": "wrong"})
    assert answer.status_code in {400, 403}
    assert one(superuser, "SELECT FROM shown_item WHERE employee_id = %s", two.amira) is None


@pytest.mark.parametrize("handle", ["", "a", "two words", "x" * 201, "mine"])
def test_what_is_no_handle_or_oneself_is_said_to_be(
    browse: Browse, two: Two, superuser: Superuser, handle: str
) -> None:
    answer = browse(two.amira).post(two.path, {"handle": two.mine if handle == "mine" else handle})
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert one(superuser, "SELECT FROM shown_item WHERE employee_id = %s", two.amira) is None


def test_D02_naming_somebody_tells_nobody_whether_they_exist(
    browse: Browse, two: Two, database: Database, superuser: Superuser
) -> None:
    pages = []
    for handle in (two.mail, "nobody@daylight.example"):
        named(browse, two, database, handle)
        assert browse(two.amira).post(f"{two.path}/{uuid4()}/end").status_code == 404
        page = browse(two.amira).get(two.path).text
        pages.append(page.count("Take back"))
    assert pages == [1, 2]
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        database.transaction("web_employee", two.amira) as session,
    ):
        session.execute(text("SELECT bystander_id FROM shown_item"))


def test_D02_only_whom_it_shows_finds_it(
    browse: Browse, two: Two, database: Database, superuser: Superuser, person: Callable[..., UUID]
) -> None:
    named(browse, two, database)
    item, cara = shown_id(superuser, two.ben), person("Cara Lund")
    for who in (cara, two.amira):
        assert browse(who).get(f"/shown/{item}").status_code == 404
        assert browse(who).post(f"/shown/{item}", {"wish": "erase"}).status_code == 404
    assert browse(two.ben).get(f"/shown/{uuid4()}").status_code == 404
    assert one(superuser, "SELECT FROM shown_claim WHERE employee_id = %s", two.ben) is None


def test_guessing_is_slowed_down(browse: Browse, two: Two) -> None:
    browser = browse(two.ben)
    answers = [browser.post(f"/shown/{uuid4()}", {"wish": "erase"}).status_code for _ in range(25)]
    assert answers[-1] == 429
    assert set(answers) == {404, 429}


def test_a_name_that_means_two_people_means_nobody(
    browse: Browse, two: Two, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    person("Ben Other", email=two.mail)
    named(browse, two, database)
    assert (
        one(superuser, "SELECT FROM shown_item WHERE bystander_id IS NOT NULL AND employee_id = %s", two.amira) is None
    )


# --- what whom it shows sees


def test_they_see_time_kind_app_and_unit_but_neither_name_nor_content(
    browse: Browse, two: Two, database: Database, superuser: Superuser, person: Callable[..., UUID]
) -> None:
    for _ in range(9):
        person(department="Design")
    named(browse, two, database)
    assert told(superuser, two.ben) == {"shown_named"}
    for path in ("/shown", f"/shown/{shown_id(superuser, two.ben)}"):
        page = browse(two.ben).get(path).text
        assert "Design" in page
        assert "Keyboard" in page
        assert "Amira" not in page
        assert two.mine not in page
        assert str(two.item.segment) not in page
    assert "you in items of others" in browse(two.ben).get("/requests").text.lower()


@pytest.mark.parametrize("more", [0, 8])
def test_D02_a_unit_of_a_few_is_not_told_for_it_would_be_a_name(
    browse: Browse, two: Two, database: Database, superuser: Superuser, person: Callable[..., UUID], more: int
) -> None:
    unit = f"Unit {uuid4()}"
    superuser.execute("UPDATE employee SET department = %s WHERE id = %s", [unit, two.amira])
    superuser.commit()
    for _ in range(more):
        person(department=unit)
    named(browse, two, database)
    for path in ("/shown", f"/shown/{shown_id(superuser, two.ben)}"):
        page = browse(two.ben).get(path).text
        assert "Keyboard" in page
        assert unit not in page


def test_somebody_who_comes_later_is_found_then(
    browse: Browse, two: Two, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    mail = f"cara-{uuid4().hex}@daylight.example"
    named(browse, two, database, mail)
    cara = person("Cara Lund", email=mail)
    run(database, match_next)
    assert told(superuser, cara) == {"shown_named"}


# --- claiming


def test_a_claim_without_a_wish_is_asked_again(
    browse: Browse, two: Two, database: Database, superuser: Superuser
) -> None:
    named(browse, two, database)
    answer = browse(two.ben).post(f"/shown/{shown_id(superuser, two.ben)}", {"wish": "sell"})
    assert answer.status_code == 422
    assert "Choose one of the two." in answer.text


def test_a_claim_twice_is_one_and_the_stricter_adds_to_the_milder(
    browse: Browse, two: Two, database: Database, superuser: Superuser
) -> None:
    named(browse, two, database)
    assert "Sent to HR" in claimed(browse, two, superuser, "restrict")
    assert "asked for this already" in claimed(browse, two, superuser, "restrict")
    assert "Sent to HR" in claimed(browse, two, superuser, "erase")
    assert "asked for this already" in claimed(browse, two, superuser, "restrict")
    assert one(superuser, "SELECT count(*) FROM shown_claim WHERE employee_id = %s", two.ben) == (2,)


def test_what_is_held_cannot_be_claimed_for_deletion(
    browse: Browse, two: Two, database: Database, superuser: Superuser
) -> None:
    named(browse, two, database)
    _hold(database, two, clock.now())
    page = browse(two.ben).get(f"/shown/{shown_id(superuser, two.ben)}").text
    assert "must keep this item for now" in page
    assert 'value="erase"' not in page
    assert "must keep this item for now" in claimed(browse, two, superuser, "erase")
    assert one(superuser, "SELECT FROM shown_claim WHERE employee_id = %s", two.ben) is None
    assert "Sent to HR" in claimed(browse, two, superuser, "restrict")


def test_what_is_deleted_cannot_be_claimed(browse: Browse, two: Two, database: Database, superuser: Superuser) -> None:
    named(browse, two, database)
    superuser.execute("DELETE FROM segment WHERE id = %s", [two.item.segment])
    superuser.commit()
    assert browse(two.ben).get(f"/shown/{shown_id(superuser, two.ben)}").status_code == 404
    assert "deleted already" in claimed(browse, two, superuser)
    run(database, forget_closed)
    assert one(superuser, "SELECT FROM shown_item WHERE employee_id = %s", two.amira) is None


def test_what_its_owner_has_hidden_can_be_claimed_for_it_may_come_back(
    browse: Browse, two: Two, database: Database, superuser: Superuser
) -> None:
    named(browse, two, database)
    at, now = clock.from_ms(two.item.start), clock.now()
    with database.transaction("web_employee", two.amira) as session:
        hidden = erase(session, two.amira, Range(at, at + timedelta(minutes=1)), now)
        assert hidden is not None
        erasure = hidden.id
    assert "Sent to HR" in claimed(browse, two, superuser)
    with database.transaction("web_employee", two.amira) as session:
        assert undo(session, two.amira, erasure, now)
    run(database, file_next)
    assert one(superuser, "SELECT filed_as FROM shown_claim WHERE employee_id = %s", two.ben) != (None,)


def test_what_goes_before_the_claim_is_filed_ends_it(
    browse: Browse, two: Two, database: Database, superuser: Superuser
) -> None:
    named(browse, two, database)
    claimed(browse, two, superuser)
    superuser.execute("DELETE FROM segment WHERE id = %s", [two.item.segment])
    superuser.commit()
    run(database, file_next)
    assert "the item is deleted" in browse(two.ben).get("/shown").text
    assert one(superuser, "SELECT FROM request WHERE employee_id = %s", two.amira) is None


def test_the_strictest_wish_counts_and_both_are_told(
    browse: Browse, two: Two, database: Database, superuser: Superuser, settings: Settings
) -> None:
    named(browse, two, database)
    claimed(browse, two, superuser)
    other = store_item(superuser, two.amira, clock.now() - timedelta(hours=1))
    for job in (file_next, count_next):
        run(database, job)
    number, request = request_of(superuser, two)
    assert told(superuser, two.amira) == {"request_sent"}
    assert f"request {number}" in browse(two.amira).get("/").text
    _cannot_withdraw(browse, two, database, request)
    decided(database, request)
    run(database, plan_next)
    carrier(database, settings).run()
    run(database, follow_next)
    left = superuser.execute("SELECT id FROM segment WHERE employee_id = %s", [two.amira]).fetchall()
    superuser.rollback()
    assert left == [(other.segment,)]
    assert {"request_sent", "request_decided", "request_closed"} <= told(superuser, two.amira)
    assert told(superuser, two.ben) == {"shown_named", "shown_closed"}
    assert one(superuser, "SELECT count(*) FROM receipt WHERE employee_id = %s", two.amira) == (1,)
    assert one(superuser, "SELECT state FROM shown_claim WHERE employee_id = %s", two.ben) == ("done",)


def test_taking_the_name_back_does_not_end_the_claim(
    browse: Browse, two: Two, database: Database, superuser: Superuser
) -> None:
    named(browse, two, database)
    claimed(browse, two, superuser)
    item = shown_id(superuser, two.ben)
    assert browse(two.amira).post(f"{two.path}/{item}/end").status_code == 303
    run(database, file_next)
    assert request_of(superuser, two)


def test_a_hold_set_meanwhile_is_kept_and_its_end_deletes(
    browse: Browse, two: Two, database: Database, superuser: Superuser, settings: Settings
) -> None:
    named(browse, two, database)
    claimed(browse, two, superuser)
    run(database, file_next)
    _, request = request_of(superuser, two)
    hold = _hold(database, two, clock.now())
    decided(database, request)
    run(database, plan_next)
    carrier(database, settings).run()
    run(database, follow_next)
    assert "done in part" in browse(two.ben).get("/shown").text
    with database.transaction("web_hr", two.ben) as session:
        release_hold(session, hold, two.ben, clock.now())
    reopener = holding.reopener(reopened)
    run(database, reopener)
    carrier(database, settings).run()
    run(database, follow_next)
    assert one(superuser, "SELECT FROM segment WHERE id = %s", two.item.segment) is None
    assert one(superuser, "SELECT state FROM shown_claim WHERE employee_id = %s", two.ben) == ("done",)


def test_a_refusal_is_told_with_the_way_on(browse: Browse, two: Two, database: Database, superuser: Superuser) -> None:
    named(browse, two, database)
    claimed(browse, two, superuser)
    run(database, file_next)
    decided(database, request_of(superuser, two)[1], NO)
    run(database, follow_next)
    page = browse(two.ben).get("/shown").text
    assert "HR refused" in page
    assert "/requests/new?type=review" in page


# --- HR's desk


def test_hr_sees_counts_and_who_asks_but_not_its_own_claim(
    browse: Browse, two: Two, database: Database, superuser: Superuser
) -> None:
    superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'hr')", [two.ben])
    hana = of_hr(superuser, "Hana Lindqvist")
    named(browse, two, database)
    claimed(browse, two, superuser)
    for job in (file_next, count_next):
        run(database, job)
    number, _ = request_of(superuser, two)
    page = browse(hana).get(f"/hr/requests/{number}").text
    assert "Somebody else whom the item shows asks for it" in page
    assert str(two.item.segment) not in page
    assert browse(two.ben).get(f"/hr/requests/{number}").status_code == 404


def of_hr(superuser: Superuser, name: str) -> UUID:
    who = make_person(superuser, name)
    superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'hr')", [who])
    superuser.commit()
    return who


def request_of(superuser: Superuser, two: Two) -> tuple[int, UUID]:
    found = one(
        superuser, "SELECT number, id FROM request WHERE started_by = 'bystander' AND employee_id = %s", two.amira
    )
    assert found is not None
    return found[0], UUID(str(found[1]))


def _cannot_withdraw(browse: Browse, two: Two, database: Database, request: UUID) -> None:
    with database.transaction("web_employee", two.amira) as session, pytest.raises(NotNowError) as caught:
        actions.withdraw(session, request, Actor(two.amira, Role.EMPLOYEE, "Amira Kaya"), clock.now())
    assert caught.value.why is Why.NOT_YOURS
    assert f"/requests/{request}/withdraw" not in browse(two.amira).get(f"/requests/{request}").text


def _hold(database: Database, two: Two, now: datetime) -> UUID:
    start = clock.from_ms(two.item.start)
    hold = NewHold(start, start + timedelta(minutes=1), "legal_claims", "A case.", now + timedelta(days=30))
    with database.transaction("web_hr", two.ben) as session:
        return set_hold(session, two.amira, hold, two.ben, now).id
