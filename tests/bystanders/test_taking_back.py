"""A claim taken back: both are told, and what was frozen comes back only once nobody asks for it any more (0042)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text

from portal.bystanders.jobs import file_next, follow_next, forget_closed, withdraw_next
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.requests import actions
from portal.requests.jobs import plan_next
from portal.requests.rules import RequestState
from portal.worker import carrier, run
from tests.bystanders.test_bystanders import Browse, Two, named, one, told
from tests.requests.arrange import HANA, decided

Superuser = psycopg.Connection[tuple[Any, ...]]
FROZEN = "Frozen: it may be kept"


@pytest.fixture
def two(person: Callable[..., UUID], superuser: Superuser) -> Two:
    return Two(person, superuser)


def claim(browse: Browse, superuser: Superuser, who: UUID, wish: str) -> UUID:
    """`who` asks about the item that names them; the claim."""
    (item,) = one(superuser, "SELECT id FROM shown_item WHERE bystander_id = %s", who) or ()
    assert "Sent to HR" in browse(who).post(f"/shown/{item}", {"wish": wish}, follow_redirects=True).text
    (made,) = one(superuser, "SELECT id FROM shown_claim WHERE employee_id = %s AND wish = %s", who, wish) or ()
    return UUID(str(made))


def take_back(browse: Browse, who: UUID, made: UUID) -> str:
    answer = browse(who).post(f"/shown/claims/{made}/end", follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def granted(database: Database, superuser: Superuser, made: UUID) -> UUID:
    """HR agrees to a freeze and does it; the request."""
    run(database, file_next)
    request = filed(superuser, made)
    decided(database, request)
    with database.transaction("web_hr", HANA.id) as session:
        actions.close(session, request, RequestState.DONE, clock.now(), HANA)
    run(database, follow_next)
    return request


def filed(superuser: Superuser, made: UUID) -> UUID:
    (request,) = one(superuser, "SELECT filed_as FROM shown_claim WHERE id = %s", made) or ()
    return UUID(str(request))


def state(superuser: Superuser, made: UUID) -> str:
    (found,) = one(superuser, "SELECT state FROM shown_claim WHERE id = %s", made) or ()
    return str(found)


def test_D02_nobody_takes_back_what_somebody_else_asked(
    browse: Browse, two: Two, database: Database, superuser: Superuser
) -> None:
    named(browse, two, database)
    made = claim(browse, superuser, two.ben, "erase")
    for who in (two.amira, two.ben):
        assert browse(who).post(f"/shown/claims/{uuid4()}/end").status_code == 404
    assert browse(two.amira).post(f"/shown/claims/{made}/end").status_code == 404
    with database.transaction("web_employee", two.amira) as session:
        session.execute(text("UPDATE shown_claim SET withdrawn_at = now()"))
    assert one(superuser, "SELECT withdrawn_at FROM shown_claim WHERE id = %s", made) == (None,)


def test_before_it_is_filed_nobody_hears_of_it(
    browse: Browse, two: Two, database: Database, superuser: Superuser
) -> None:
    named(browse, two, database)
    made = claim(browse, superuser, two.ben, "erase")
    assert "is being taken back" in take_back(browse, two.ben, made)
    for job in (file_next, withdraw_next):
        run(database, job)
    assert state(superuser, made) == "withdrawn"
    assert one(superuser, "SELECT FROM request WHERE employee_id = %s", two.amira) is None
    assert "you took it back" in browse(two.ben).get("/shown").text


def test_before_it_is_carried_out_both_are_told_and_it_can_be_asked_anew(
    browse: Browse, two: Two, database: Database, superuser: Superuser, settings: Settings
) -> None:
    named(browse, two, database)
    made = claim(browse, superuser, two.ben, "erase")
    run(database, file_next)
    decided(database, filed(superuser, made))
    assert "Whose item it is, is told" in take_back(browse, two.ben, made)
    for job in (withdraw_next, plan_next, follow_next):
        run(database, job)
    carrier(database, settings).run()
    assert one(superuser, "SELECT count(*) FROM segment WHERE id = %s", two.item.segment) == (1,)
    assert "request_withdrawn" in told(superuser, two.amira)
    assert "took back what they asked" in browse(two.amira).get("/").text
    assert "shown_closed" in told(superuser, two.ben)
    (item,) = one(superuser, "SELECT id FROM shown_item WHERE bystander_id = %s", two.ben) or ()
    assert "Sent to HR" in browse(two.ben).post(f"/shown/{item}", {"wish": "erase"}, follow_redirects=True).text


def test_what_runs_or_is_deleted_cannot_be_taken_back(
    browse: Browse, two: Two, database: Database, superuser: Superuser, settings: Settings
) -> None:
    named(browse, two, database)
    made = claim(browse, superuser, two.ben, "erase")
    run(database, file_next)
    decided(database, filed(superuser, made))
    take_back(browse, two.ben, made)  # asked for, and the worker begins before it looks
    for job in (plan_next, withdraw_next, follow_next):
        run(database, job)
    assert one(superuser, "SELECT withdrawn_at FROM shown_claim WHERE id = %s", made) == (None,)
    assert "Too late to take this back" in take_back(browse, two.ben, made)
    carrier(database, settings).run()
    for job in (follow_next, withdraw_next):
        run(database, job)
    assert "Too late to take this back" in take_back(browse, two.ben, made)
    assert state(superuser, made) == "done"


def test_what_was_frozen_comes_back_only_once_nobody_asks_for_it(
    browse: Browse, two: Two, database: Database, superuser: Superuser, person: Callable[..., UUID]
) -> None:
    mail = f"cara-{uuid4().hex}@daylight.example"
    cara = person("Cara Lund", email=mail)
    for handle in (two.mail, mail):
        named(browse, two, database, handle)
    claims = {who: claim(browse, superuser, who, "restrict") for who in (two.ben, cara)}
    for made in claims.values():
        granted(database, superuser, made)
    page = two.path.removesuffix("/shown")
    assert FROZEN in browse(two.amira).get(page).text
    for who, still in ((two.ben, True), (cara, False)):
        take_back(browse, who, claims[who])
        run(database, withdraw_next)
        assert (FROZEN in browse(two.amira).get(page).text) is still
        assert state(superuser, claims[who]) == "withdrawn"


def test_a_freeze_can_be_taken_back_as_long_as_it_holds(
    browse: Browse, two: Two, database: Database, superuser: Superuser
) -> None:
    named(browse, two, database)
    made = claim(browse, superuser, two.ben, "restrict")
    granted(database, superuser, made)
    later = clock.now() + timedelta(days=200)
    with database.transaction("worker") as session:
        forget_closed(session, later)
    assert "Take back" in browse(two.ben).get("/shown").text
    superuser.execute("DELETE FROM segment WHERE id = %s", [two.item.segment])
    superuser.commit()
    with database.transaction("worker") as session:
        forget_closed(session, later)
    assert one(superuser, "SELECT FROM shown_claim WHERE id = %s", made) is None


def test_taken_back_without_the_token_of_the_form_nothing_changes(
    browse: Browse, two: Two, database: Database, superuser: Superuser
) -> None:
    named(browse, two, database)
    made = claim(browse, superuser, two.ben, "erase")
    assert browse(two.ben).post(f"/shown/claims/{made}/end", {"csrf_token": "wrong"}).status_code in {400, 403}
    assert one(superuser, "SELECT withdrawn_at FROM shown_claim WHERE id = %s", made) == (None,)
