"""The whole sign-in with Canaille, the demo's identity provider, from issuer, client id and secret alone."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from flask import Flask

from portal.operations.demo_people import PEOPLE
from portal.operations.identity_provider import CLIENT_ID, IdentityProvider
from portal.operations.ports import free_port
from portal.operations.processes import running
from portal.operations.runtime import Runtime
from tests.operations.browser import Person
from tests.provider.browser import Browser, onward

Superuser = psycopg.Connection[tuple[Any, ...]]
ROLES = {"hana": "hr", "helge": "hr", "clara": "works_council", "omar": "privacy_officer"}


@pytest.fixture(scope="module")
def canaille(tmp_path_factory: pytest.TempPathFactory, web_environment: dict[str, str]) -> Iterator[IdentityProvider]:
    runtime = Runtime(tmp_path_factory.mktemp("canaille"))
    runtime.prepare()
    provider = IdentityProvider(runtime, free_port(), web_environment["PORTAL_BASE_URL"])
    with running(provider.service(), runtime):
        yield provider


@pytest.fixture(scope="module")
def canaille_app(make_app: Callable[..., Flask], canaille: IdentityProvider) -> Flask:
    return make_app(
        PORTAL_OIDC_ISSUER=canaille.issuer,
        PORTAL_OIDC_CLIENT_ID=CLIENT_ID,
        PORTAL_OIDC_CLIENT_SECRET=canaille.client_secret,
        PORTAL_OIDC_MAIL="trusted",
    )


class AtCanaille(Person):
    """A person whose browser our portal sends to Canaille."""

    def answer(self, address: str) -> str:
        """Walk from the portal's redirect to the address of our callback."""
        reply = self.http.get(address, allow_redirects=False)
        for _ in range(12):
            if not reply.is_redirect:
                reply = self._submit(reply)
                continue
            target = requests.compat.urljoin(reply.url, reply.headers["Location"])
            if target.startswith(self.provider.portal_url):
                return str(target).removeprefix(self.provider.portal_url)
            reply = self.http.get(target, allow_redirects=False)
        raise AssertionError("no way back")

    forms = 0


def come_in(app: Flask, person: AtCanaille, start: str = "/sign-in") -> Browser:
    """Sign `person` in in a new browser."""
    browser = Browser(app)
    assert browser.get(person.answer(onward(browser.get(start)))).status_code == 303
    return browser


@pytest.mark.parametrize("user", [someone.user for someone in PEOPLE])
def test_each_demo_person_signs_in_with_name_and_role(
    canaille_app: Flask, canaille: IdentityProvider, superuser: Superuser, user: str
) -> None:
    browser = come_in(canaille_app, AtCanaille(canaille, user))
    assert browser.is_signed_in()
    rows = superuser.execute(
        "SELECT e.name, e.email, array_remove(array_agg(r.role), NULL) FROM employee e "
        "LEFT JOIN role_grant r ON r.employee_id = e.id WHERE issuer = %s AND subject = %s GROUP BY e.id",
        (canaille.issuer, user),
    ).fetchall()
    someone = next(one for one in PEOPLE if one.user == user)
    assert rows == [(someone.name, someone.email, [ROLES[user]] if user in ROLES else [])]


def test_S07_a_fresh_sign_in_asks_for_the_password_again(canaille_app: Flask, canaille: IdentityProvider) -> None:
    person = AtCanaille(canaille, "omar")
    come_in(canaille_app, person)
    person.forms = 0
    come_in(canaille_app, person)
    assert person.forms == 0
    come_in(canaille_app, person, "/sign-in?fresh=1")
    assert person.forms == 1


def test_S04_signing_out_leads_through_canaille_back_to_us(canaille_app: Flask, canaille: IdentityProvider) -> None:
    person = AtCanaille(canaille, "ben")
    browser = come_in(canaille_app, person)
    reply = person.http.get(onward(browser.post("/sign-out")), allow_redirects=False)
    assert reply.is_redirect, reply.text
    assert urlsplit(reply.headers["Location"]).path == "/signed-out"
    assert not browser.is_signed_in()
    person.forms = 0
    come_in(canaille_app, person)
    assert person.forms > 0
