"""Deleting by oneself, where a legal hold keeps something or other stores hold copies: it is said, before and after."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core import clock
from tests.captured import store_item
from tests.web_client import Browser, statements
from wire.documents import Kind

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
CASE = "Case 12 at the labour court."
PAGE = "/requests/delete?last=15m"
NOTHING = "There is nothing to delete"


def _hold(superuser: Superuser, person: UUID, kinds: list[str] | None = None) -> None:
    now = clock.now()
    superuser.execute(
        "INSERT INTO legal_hold (id, employee_id, starts_at, ends_at, kinds, ground, reason, set_by, expires_at) "
        "VALUES (%s, %s, %s, %s, %s, 'legal_claims', %s, %s, %s)",
        [uuid4(), person, now - timedelta(hours=1), now, kinds, CASE, uuid4(), now + timedelta(days=30)],
    )
    superuser.commit()


@pytest.fixture
def amira(person: Callable[..., UUID], superuser: Superuser) -> UUID:
    """She has a keyboard item of five minutes ago."""
    made = person("Amira Kaya")
    store_item(superuser, made, clock.now() - timedelta(minutes=5))
    return made


@pytest.fixture
def warehouse(superuser: Superuser) -> Iterator[None]:
    """A store elsewhere, with one dataset."""
    source = uuid4()
    superuser.execute(
        "INSERT INTO source (id, name, connector, setting) VALUES (%s, %s, 'sql', 'x')", [source, f"w{source.hex[:8]}"]
    )
    superuser.execute(
        "INSERT INTO dataset (id, source_id, name, location, subject_column, subject_kind, described_by, state) "
        "VALUES (%s, %s, %s, 'clicks', 'who', 'email', 'yaml', 'usable')",
        [uuid4(), source, f"clicks {source.hex[:8]}"],
    )
    superuser.commit()
    yield
    superuser.execute("DELETE FROM dataset WHERE source_id = %s", [source])
    superuser.execute("DELETE FROM source WHERE id = %s", [source])
    superuser.commit()


def test_R01_the_only_item_under_a_hold_is_not_called_nothing(
    browse: Browse, amira: UUID, superuser: Superuser
) -> None:
    _hold(superuser, amira)
    browser = browse(amira)
    page = browser.get(PAGE).text
    assert NOTHING not in page
    assert "1 item must stay for now: a legal hold keeps it." in page
    assert CASE in page
    assert "/requests/new?type=erase&amp;from=" in page, "HR deletes it when the hold ends"
    told = browser.get(browser.post("/requests/delete", {"last": "15m"}).headers["Location"]).text
    assert "1 item stays: a legal hold keeps it." in told
    assert "There was nothing left to delete." not in told


def test_R01_what_a_hold_keeps_is_said_beside_what_goes(browse: Browse, amira: UUID, superuser: Superuser) -> None:
    store_item(superuser, amira, clock.now() - timedelta(minutes=4), Kind.CLICK)
    _hold(superuser, amira, ["key"])
    browser = browse(amira)
    answer = browser.get(PAGE)
    assert "1 item would go." in answer.text
    assert "A legal hold keeps it." in answer.text
    assert "at the latest; then it is deleted, too" in answer.text
    assert statements(answer) <= 12
    told = browser.get(browser.post("/requests/delete", {"last": "15m"}).headers["Location"]).text
    assert "1 item is hidden." in told
    assert "1 item stays: a legal hold keeps it." in told


@pytest.mark.usefixtures("warehouse")
def test_R01_stores_elsewhere_are_named_as_not_touched(browse: Browse, amira: UUID, superuser: Superuser) -> None:
    _hold(superuser, amira, ["click"])
    browser = browse(amira)
    answer = browser.get("/requests/delete?last=15m&kind=key")
    assert "other store" in answer.text
    assert "Not touched from here." in answer.text
    assert "must stay for now" not in answer.text
    assert statements(answer) <= 12
    link = answer.text.split("HR has copies deleted when you ask for it:")[1].split('href="')[1].split('"')[0]
    form = browser.get(link.replace("&amp;", "&")).text
    assert 'value="key" checked' in form
    told = browser.get(browser.post("/requests/delete", {"last": "15m"}).headers["Location"]).text
    assert "Copies in other stores were not touched." in told


@pytest.mark.usefixtures("warehouse")
def test_R01_single_items_cannot_be_found_in_other_stores_and_it_says_so(
    browse: Browse, amira: UUID, superuser: Superuser
) -> None:
    (item,) = superuser.execute("SELECT id FROM segment WHERE employee_id = %s", [amira]).fetchone() or ()
    superuser.commit()
    browser = browse(amira)
    for page in (f"{PAGE}&item={item}", f"/requests/new?type=erase&item={item}"):
        answer = browser.get(page)
        assert "nobody can find single items there." in answer.text
        assert statements(answer) <= 12
        link = answer.text.split("nobody can find single items there.")[1].split('href="')[1].split('"')[0]
        form = browser.get(link.replace("&amp;", "&")).text
        assert 'name="item"' not in form
        assert "nobody can find single items" not in form
        assert re.search(r'name="from" type="datetime-local" value="\d', form)
    assert "nobody can find single items" not in browser.get(PAGE).text


def test_an_old_item_under_a_hold_is_too_old_and_not_nothing(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, now = person("Amira Kaya"), clock.now()
    store_item(superuser, amira, now - timedelta(hours=30))
    superuser.execute(
        "INSERT INTO legal_hold (id, employee_id, starts_at, ends_at, ground, reason, set_by, expires_at) "
        "VALUES (%s, %s, %s, %s, 'legal_claims', %s, %s, %s)",
        [uuid4(), amira, now - timedelta(days=3), now, CASE, uuid4(), now + timedelta(days=30)],
    )
    superuser.commit()
    stretch = {"from": (now - timedelta(hours=40)).isoformat(), "to": now.isoformat()}
    page = browse(amira).get("/requests/delete", query_string=stretch).text
    assert NOTHING not in page
    assert "1 item is too old to delete by yourself." in page


def test_both_languages(browse: Browse, amira: UUID, superuser: Superuser) -> None:
    _hold(superuser, amira)
    superuser.execute("UPDATE employee SET locale = 'de' WHERE id = %s", [amira])
    superuser.commit()
    page = browse(amira).get(PAGE).text
    assert "must stay" not in page
    assert "muss vorerst bleiben" in page
