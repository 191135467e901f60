"""The portal with a ballot of its own process beside it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from portal.app import create_app
from portal.core.config import Settings
from portal.core.web import state
from tests.ballot.process import BallotProcess
from tests.cast import make_person
from tests.web_client import BASE, Browser, sign_in

Superuser = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="package")
def ballot(environment: dict[str, str]) -> Iterator[BallotProcess]:
    """`python -m ballot` on the migrated database."""
    with BallotProcess(environment) as running:
        yield running


@pytest.fixture(scope="package")
def app(settings: Settings, ballot: BallotProcess) -> Iterator[Flask]:
    """The portal's application, which knows that ballot."""
    made = create_app(replace(settings, ballot_url=ballot.url), testing=True)
    yield made
    state.of(made).database.dispose()


@pytest.fixture
def browse(app: Flask, superuser: Superuser) -> Callable[[UUID | None], Browser]:
    """As the browser of all tests, with that application."""
    return lambda person: Browser(app, sign_in(superuser, person) if person else None, BASE)


@pytest.fixture
def office(browse: Callable[[UUID | None], Browser], superuser: Superuser) -> Callable[[str], Browser]:
    """Somebody with a role: `office("works_council")`."""

    def signed(role: str) -> Browser:
        person = make_person(superuser, "Clara Brandt")
        superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, %s)", [person, role])
        superuser.commit()
        return browse(person)

    return signed
