"""Who moves to another site is told which command to run on which device, where councils of sites decide."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from portal.core.db import Database
from portal.core.shell import tell_site
from tests.cast import Organisation, make_collector
from tests.councils import Councils, in_force
from tests.web_client import Browser

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
TOLD = "says that you work at München now. A device learns that from you alone: on Laptop stop the collector"
COMMAND = "python -m collector site &#34;München&#34;"


@pytest.fixture
def councils(superuser: Superuser, organisation: Organisation) -> Iterator[Councils]:
    """With councils of Berlin and München in the trust document."""
    made = Councils(**{field.name: getattr(organisation, field.name) for field in fields(organisation)})
    with in_force(superuser, made.trust_envelope()):
        yield made


def signs_in(database: Database, superuser: Superuser, amira: UUID, site: str) -> None:
    """A sign-in whose claims say the site."""
    token = uuid4().bytes * 2
    superuser.execute(
        b"INSERT INTO login_session (id, employee_id, token_hash, issuer, subject, auth_time, expires_at) "
        b"VALUES (%s, %s, %s, 'https://sso.example', 'x', now(), now() + interval '1 hour')",
        [uuid4(), amira, token],
    )
    superuser.commit()
    with database.transaction("web_session") as session:
        statement = "SELECT session_place(%(token)s, %(site)s, NULL, NULL)"
        session.connection().exec_driver_sql(statement, {"token": token, "site": site})


def moved(database: Database, superuser: Superuser, person: Callable[..., UUID]) -> UUID:
    """Amira with a laptop, in München since just now."""
    amira = person("Amira Kaya", site="Berlin")
    make_collector(superuser, amira)
    signs_in(database, superuser, amira, "München")
    return amira


def test_the_notice_and_the_settings_name_command_and_device(
    councils: Councils, database: Database, superuser: Superuser, person: Callable[..., UUID], browse: Browse
) -> None:
    amira = moved(database, superuser, person)
    browser = browse(amira)
    home = browser.get("/").get_data(as_text=True)
    assert TOLD in home
    assert COMMAND in home
    assert 'href="/settings#place"' in home
    settings = browser.get("/settings").get_data(as_text=True)
    assert COMMAND in settings
    assert "Added before you moved on" in settings
    assert settings.rindex("Laptop") > settings.index("Added before you moved on")
    assert councils.trust().quorum == 2


def test_a_device_added_after_the_move_is_not_named(
    councils: Councils, database: Database, superuser: Superuser, person: Callable[..., UUID], browse: Browse
) -> None:
    amira = person("Amira Kaya", site="Berlin")
    signs_in(database, superuser, amira, "München")
    make_collector(superuser, amira)
    settings = browse(amira).get("/settings").get_data(as_text=True)
    assert COMMAND in settings
    assert "Added before you moved on" not in settings
    assert "you work somewhere else now" in browse(amira).get("/").get_data(as_text=True)
    assert councils.trust().quorum == 2


def test_without_councils_of_sites_nobody_is_asked_for_anything(
    database: Database, superuser: Superuser, person: Callable[..., UUID], browse: Browse
) -> None:
    amira = moved(database, superuser, person)
    home = browse(amira).get("/").get_data(as_text=True)
    assert "you work somewhere else now" in home
    assert "collector site" not in home
    assert "collector site" not in browse(amira).get("/settings").get_data(as_text=True)


@pytest.mark.parametrize(
    ("site", "command"),
    [
        ("St. Gallen", 'python -m collector site "St. Gallen"'),
        ("$(id)", "python -m collector site '$(id)'"),
        ("-x", 'python -m collector site -- "-x"'),
    ],
)
def test_the_command_runs_nothing_else(site: str, command: str) -> None:
    assert tell_site(site) == command
