"""What a freeze in force covers is not deleted by itself: the pages say that it is kept until the matter is settled."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from portal.core.db import Database
from portal.deletion import actions
from portal.deletion.actions import Range
from portal.requests import actions as actions_of_requests
from portal.requests.rules import About, Actor, RequestType, Role
from tests.aged import delete_old
from tests.captured import store_item
from tests.requests.arrange import MONTH, NO, asked_back, decided, ended, sent
from tests.web_client import Browser
from wire.documents import Kind

Superuser = psycopg.Connection[tuple[Any, ...]]
DAY = timedelta(days=1)


@pytest.fixture
def amira(person: Callable[..., UUID]) -> UUID:
    return person("Amira Kaya")


def old(superuser: Superuser, person: UUID, days: int = 31, **changes: Any) -> UUID:
    """An item that the policy keeps no longer."""
    return store_item(superuser, person, clock.now() - days * DAY, Kind.KEY, **changes).segment


def left(superuser: Superuser, person: UUID) -> set[UUID]:
    """The person's items."""
    rows = superuser.execute("SELECT id FROM segment WHERE employee_id = %s", [person]).fetchall()
    superuser.commit()
    return {row[0] for row in rows}


def last_days(days: int, until: datetime | None = None, **narrowed: Any) -> About:
    """What was captured in the last days."""
    return About(clock.now() - days * DAY, until or clock.now(), **narrowed)


def freeze(database: Database, person: UUID, about: About) -> UUID:
    """Asked for, granted and carried out."""
    asked = sent(database, person, RequestType.RESTRICT, about)
    decided(database, asked.id)
    ended(database, asked.id)
    return asked.id


def test_R03_what_is_frozen_is_not_deleted_by_itself_until_the_freeze_is_lifted(
    database: Database, amira: UUID, superuser: Superuser
) -> None:
    frozen, before = old(superuser, amira), old(superuser, amira, 45)
    request = freeze(database, amira, last_days(40))
    delete_old(database)
    assert left(superuser, amira) == {frozen}, f"not {before}"
    superuser.execute("UPDATE request SET state = 'lifted' WHERE id = %s", [request])
    superuser.commit()
    delete_old(database)
    assert left(superuser, amira) == set()


def test_R03_a_freeze_keeps_no_more_than_it_covers(database: Database, amira: UUID, superuser: Superuser) -> None:
    named, other = old(superuser, amira), old(superuser, amira)
    mail = old(superuser, amira, context="outlook")
    freeze(database, amira, last_days(40, segments=(named,)))
    freeze(database, amira, last_days(40, contexts=("outlook",), kinds=(Kind.KEY.value, Kind.CLICK.value)))
    freeze(database, amira, last_days(40, sensitivities=(4,)))
    delete_old(database)
    assert left(superuser, amira) == {named, mail}, f"not {other}"


def test_R03_a_freeze_of_everything_keeps_everything_of_that_person(
    database: Database, amira: UUID, person: Callable[..., UUID], superuser: Superuser
) -> None:
    ben, kept = person("Ben Okafor"), old(superuser, amira)
    old(superuser, ben)
    freeze(database, amira, About())
    delete_old(database)
    assert (left(superuser, amira), left(superuser, ben)) == ({kept}, set())


def test_R03_what_one_asked_to_freeze_is_not_deleted_before_that_is_decided(
    database: Database, amira: UUID, superuser: Superuser
) -> None:
    kept, other = old(superuser, amira), old(superuser, amira)
    request = sent(database, amira, RequestType.RESTRICT, last_days(40, segments=(kept,)))
    delete_old(database)
    assert left(superuser, amira) == {kept}, f"not {other}"
    asked_back(database, request.id)
    delete_old(database)
    assert left(superuser, amira) == {kept}, "a question of HR's is no decision"
    with database.transaction("web_employee", amira) as session:
        actions_of_requests.answer(session, request.id, Actor(amira, Role.EMPLOYEE, "Amira Kaya"), clock.now(), "It.")
    decided(database, request.id, NO)
    delete_old(database)
    assert left(superuser, amira) == set()


def test_R03_a_freeze_that_was_taken_back_keeps_nothing(database: Database, amira: UUID, superuser: Superuser) -> None:
    old(superuser, amira)
    request = sent(database, amira, RequestType.RESTRICT, About())
    with database.transaction("web_employee", amira) as session:
        actions_of_requests.withdraw(session, request.id, Actor(amira, Role.EMPLOYEE, "Amira Kaya"), clock.now())
    delete_old(database)
    assert left(superuser, amira) == set()


def test_R03_a_refused_freeze_keeps_again_while_the_refusal_is_looked_at(
    database: Database, amira: UUID, superuser: Superuser
) -> None:
    kept = old(superuser, amira)
    request = sent(database, amira, RequestType.RESTRICT, About())
    decided(database, request.id, NO)
    now, by = clock.now(), Actor(amira, Role.EMPLOYEE, "Amira Kaya")
    with database.transaction("web_employee", amira) as session:
        review = actions_of_requests.appeal(
            session, request.id, by, now, words="Look again.", law="gdpr", due_at=now + MONTH
        )
    delete_old(database)
    assert left(superuser, amira) == {kept}
    superuser.execute("UPDATE request SET state = 'refused' WHERE id = %s", [review.id])
    superuser.commit()
    delete_old(database)
    assert left(superuser, amira) == set()


def test_R03_a_wish_of_another_kind_or_a_draft_keeps_nothing(
    database: Database, amira: UUID, superuser: Superuser
) -> None:
    old(superuser, amira)
    sent(database, amira, RequestType.RECTIFY, About())
    superuser.execute(
        "INSERT INTO request (id, employee_id, type, state, law) VALUES (%s, %s, 'restrict', 'draft', 'gdpr')",
        [uuid4(), amira],
    )
    superuser.commit()
    delete_old(database)
    assert left(superuser, amira) == set()


def test_what_is_frozen_can_be_deleted_by_its_own_person(database: Database, amira: UUID, superuser: Superuser) -> None:
    now = clock.now()
    store_item(superuser, amira, now - timedelta(minutes=5))
    freeze(database, amira, About())
    with database.transaction("web_employee", amira) as session:
        erasure = actions.erase(session, amira, Range(now - DAY, now), now)
        assert erasure is not None
        assert erasure.items == 1


def test_R03_the_page_of_a_frozen_item_says_so(
    browse: Callable[[UUID | None], Browser], database: Database, amira: UUID, superuser: Superuser
) -> None:
    item = store_item(superuser, amira, clock.now() - DAY)
    freeze(database, amira, About())
    page = browse(amira).get(f"/data/{clock.from_ms(item.start).date()}/{item.segment}").text
    assert "It is not deleted by itself before the freeze ends." in page
