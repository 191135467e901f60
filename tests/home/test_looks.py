"""Who looked: the numbers on the first page lead to the looks that they count."""

from collections.abc import Callable
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.web_client import Browser

Superuser = psycopg.Connection[tuple[object, ...]]


def looked(superuser: Superuser, whose: UUID, reader: UUID, unit: str, purpose: str) -> None:
    superuser.execute(
        "INSERT INTO look (id, employee_id, reader_id, reader_name, reader_unit, kind, purpose, segment_ids, "
        "covers_from, covers_until) VALUES (%s, %s, %s, 'Somebody', %s, 'open', %s, %s, now(), now())",
        [uuid4(), whose, reader, unit, purpose, [uuid4()]],
    )
    superuser.commit()


@pytest.mark.parametrize(
    ("by", "shown", "hidden"),
    [
        ("", ["You opened your own data", "Incident 12"], []),
        ("others", ["Incident 12"], ["You opened your own data"]),
        ("own", ["You opened your own data"], ["Incident 12"]),
        ("else", ["You opened your own data", "Incident 12"], []),
    ],
)
def test_looks_by_whom(
    by: str,
    shown: list[str],
    hidden: list[str],
    browse: Callable[[UUID | None], Browser],
    person: Callable[..., UUID],
    superuser: Superuser,
) -> None:
    amira, omar = person("Amira Kaya"), person("Omar Haddad")
    looked(superuser, amira, amira, "Design", "own_view")
    looked(superuser, amira, omar, "Privacy office", "Incident 12")
    page = browse(amira).get(f"/looks?by={by}").text
    assert all(words in page for words in shown)
    assert not any(words in page for words in hidden)


def test_numbers_of_looks_on_the_first_page_lead_to_them(
    browse: Callable[[UUID | None], Browser], person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    looked(superuser, amira, amira, "Design", "own_view")
    looked(superuser, amira, person("Omar Haddad"), "Privacy office", "Incident 12")
    page = browse(amira).get("/").text
    assert '<a href="/looks?by=others">1 person</a>' in page
    assert '<a href="/looks?by=own">You looked 1 time yourself.</a>' in page


@pytest.mark.parametrize(("by", "words"), [("others", "Nobody but you has looked"), ("own", "You have not looked")])
def test_an_empty_list_says_what_is_missing(
    by: str, words: str, browse: Callable[[UUID | None], Browser], person: Callable[..., UUID]
) -> None:
    assert words in browse(person("Amira Kaya")).get(f"/looks?by={by}").text
