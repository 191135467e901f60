"""How many people a draft touches: the officer reads the number, the council only whole tens of it."""

import os
from collections.abc import Callable
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core.config import Settings
from tests.db.catalogue import Superuser
from tests.deciding.conftest import Chamber
from tests.deciding.test_councils import submitted


@pytest.mark.parametrize(
    ("people", "told"),
    [(19, "At least 10 people who"), (20, "At least 20 people who"), (9, "Fewer than ten people who")],
)
def test_D01_the_council_is_told_how_many_tens_a_draft_touches(
    chamber: Chamber, person: Callable[..., UUID], people: int, told: str
) -> None:
    """So two drafts that differ by a small department tell nothing of it."""
    town = f"Town {uuid4()}"
    for _ in range(people):
        person("Amira Kaya", site=town)
    number = submitted(chamber, town)
    for path in (f"/council/policies/{number}", f"/council/policies/{number}/sign"):
        drawn = chamber.as_(chamber.clara).get(path).get_data(as_text=True)
        assert f"{told} work here now are touched" in drawn
    officer = chamber.as_(chamber.omar).get(f"/officer/signing/{number}").get_data(as_text=True)
    assert f"{people} people who work here now are touched." in officer


def test_D01_made_up_people_make_no_audience_large_enough(
    chamber: Chamber, person: Callable[..., UUID], superuser: Superuser
) -> None:
    """Whom the directory alone speaks of counts with the first device."""
    town = f"Town {uuid4()}"
    made_up = [person("Amira Kaya", site=town) for _ in range(10)][-1]
    entry = "INSERT INTO directory_entry (employee_id, user_name, resource) VALUES (%s, %s, '{}')"
    superuser.execute(entry, [made_up, str(made_up)])
    superuser.commit()
    number = submitted(chamber, town)
    page = chamber.as_(chamber.clara).get(f"/council/policies/{number}").get_data(as_text=True)
    assert "Fewer than ten people who" in page
    superuser.execute(
        "INSERT INTO device (id, employee_id, name, kind, platform, public_key) "
        "VALUES (%s, %s, 'Laptop', 'collector', 'linux', %s)",
        [uuid4(), made_up, os.urandom(32)],
    )
    superuser.commit()
    page = chamber.as_(chamber.clara).get(f"/council/policies/{number}").get_data(as_text=True)
    assert "At least 10 people who" in page


def test_D01_the_councils_login_counts_no_places_of_its_choice(
    settings: Settings, superuser: Superuser, chamber: Chamber
) -> None:
    """A number for a draft that was submitted, for no other id; no function of the database takes places from it."""
    with psycopg.connect(settings.conninfo("web_council")) as connection:
        row = connection.execute("SELECT draft_people(%s)", [uuid4()]).fetchone()
    assert row == (None,)
    takes = superuser.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname IN ('public', 'pub') AND has_function_privilege('web_council', p.oid, 'EXECUTE') "
        "AND p.proname ~ 'audience|people|count' AND 1009 = ANY (p.proargtypes)"
    ).fetchall()
    superuser.rollback()
    assert takes == []
