"""A person's pages of requests, in every state: they open, say how it stands, and take at most 12 statements."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from portal.core import clock
from portal.core.db import Database
from portal.requests.rules import RequestState
from tests.captured import store_item
from tests.requests.arrange import NO, YES, asked_back, decided, ended, sent
from tests.web_client import Browser, statements

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
MOST_STATEMENTS = 12


def _refused(database: Database, request: UUID) -> None:
    decided(database, request, NO)


def _approved(database: Database, request: UUID) -> None:
    decided(database, request, YES)


def _partial(database: Database, request: UUID) -> None:
    decided(database, request, YES)
    ended(database, request, RequestState.PARTIAL)


def _nothing(_database: Database, _request: UUID) -> None:
    pass


@pytest.mark.parametrize(
    ("arrange", "says"),
    [
        (_nothing, "HR has until"),
        (asked_back, "HR has a question for you."),
        (_approved, "HR said yes. The deletion begins in a minute."),
        (_refused, "HR said no."),
        (_partial, "It is partly done."),
    ],
)
def test_the_page_says_in_one_sentence_how_it_stands(
    arrange: Callable[[Database, UUID], None],
    says: str,
    browse: Browse,
    database: Database,
    person: Callable[..., UUID],
) -> None:
    amira = person("Amira Kaya")
    request = sent(database, amira)
    arrange(database, request.id)
    answer = browse(amira).get(f"/requests/{request.id}")
    assert answer.status_code == 200
    assert says in answer.text
    assert statements(answer) <= MOST_STATEMENTS


@pytest.mark.parametrize(
    "path", ["/requests", "/requests?show=live&type=erase", "/requests/deletions", "/requests/new"]
)
def test_lists_and_form_stay_within_twelve_statements(
    path: str, browse: Browse, database: Database, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    for _ in range(3):
        store_item(superuser, amira, clock.now() - timedelta(days=2))
        sent(database, amira)
    answer = browse(amira).get(path)
    assert answer.status_code == 200
    assert statements(answer) <= MOST_STATEMENTS
