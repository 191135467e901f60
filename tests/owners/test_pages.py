"""/officer/stores: the privacy office says who answers for a store; nobody else does."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from tests.owners.conftest import Store
from tests.web_client import Browser, statements

Browse = Callable[[UUID | None], Browser]
PAGE = "/officer/stores"


@pytest.fixture
def omar(store: Store) -> UUID:
    made = store.person("Omar Officer")
    store.do("INSERT INTO role_grant (employee_id, role) VALUES (%s, 'privacy_officer')", made)
    return made


def owner(store: Store) -> str | None:
    row = store.superuser.execute("SELECT address FROM source_owner WHERE source_id = %s", [store.source]).fetchone()
    store.superuser.rollback()
    return row[0] if row else None


def test_strangers_name_nobody(store: Store, browse: Browse) -> None:
    where, amira = f"{PAGE}/{store.source}/owner", store.person("Amira Kaya")
    assert browse(None).get(PAGE).status_code == 303
    assert browse(amira).get(PAGE).status_code in {403, 404}
    assert browse(amira).post(where, {"owner": "me@daylight.example"}).status_code in {403, 404}
    assert owner(store) is None


def test_the_officer_names_an_owner_and_takes_it_back(store: Store, browse: Browse, omar: UUID) -> None:
    browser, where = browse(omar), f"{PAGE}/{store.source}/owner"
    assert browser.post(where, {"owner": " lake@daylight.example "}).status_code == 303
    shown = browser.get(PAGE)
    assert "lake@daylight.example answers for" in shown.text
    assert 'value="lake@daylight.example"' in shown.text
    assert statements(shown) <= 12
    assert owner(store) == "lake@daylight.example"
    assert browser.post(where, {"owner": ""}).status_code == 303
    assert owner(store) is None
    logged = store.superuser.execute(
        "SELECT count(*) FROM audit_entry WHERE action = 'source.owner_set' AND object_id = %s AND actor_id = %s",
        [store.source, omar],
    ).fetchone()
    assert logged == (2,)


@pytest.mark.parametrize(
    "typed", ["the data team", "a@b", "a@b.example, c@d.example", "x" * 250 + "@b.example", "a\n@b.c"]
)
def test_what_is_no_address_is_said_at_its_store(store: Store, browse: Browse, omar: UUID, typed: str) -> None:
    answer = browse(omar).post(f"{PAGE}/{store.source}/owner", {"owner": typed})
    assert answer.status_code == 422
    assert answer.text.count("Type one mail address") == 2, "at its field, and above in what is to mend"
    assert owner(store) is None


def test_a_store_that_is_not_there(store: Store, browse: Browse, omar: UUID) -> None:
    assert browse(omar).post(f"{PAGE}/{uuid4()}/owner", {"owner": "a@b.example"}).status_code == 404


def test_without_any_store_the_page_says_how_one_comes(store: Store, browse: Browse, omar: UUID) -> None:
    store.do("DELETE FROM source")
    assert "Daylight knows of no store beside its own." in browse(omar).get(PAGE).text
