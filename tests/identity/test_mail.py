"""A mail address finds people's rows in other stores: one that somebody only claims is not theirs for that."""

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from portal.identity.rules import mail_of
from tests.provider.browser import Browser, sign_in
from tests.provider.server import HostileProvider

Superuser = psycopg.Connection[tuple[Any, ...]]
MAIL: Final = "amira@firm.example"
NOBODYS: Final[tuple[object, ...]] = (False, "false", 1, "yes", ["true"], {})
"""What no provider sends for an address that it has checked."""


@pytest.fixture(scope="module")
def trusting(make_app: Callable[..., Flask]) -> Flask:
    return make_app(PORTAL_OIDC_MAIL="trusted")


def mail(superuser: Superuser, subject: str) -> tuple[str | None, list[str]]:
    found = superuser.execute("SELECT email, former_emails FROM employee WHERE subject = %s", [subject]).fetchone()
    superuser.rollback()
    assert found is not None
    return found[0], found[1]


@pytest.mark.parametrize("said", [True, "true", "True"])
def test_an_address_that_was_checked_is_theirs(said: object) -> None:
    for trusted in (False, True):
        assert mail_of({"email": MAIL, "email_verified": said}, trusted=trusted) == (MAIL, None)


@pytest.mark.parametrize("said", NOBODYS)
def test_an_address_that_was_not_checked_is_nobodys_however_trusted(said: object) -> None:
    for trusted in (False, True):
        assert mail_of({"email": MAIL, "email_verified": said}, trusted=trusted) == (None, MAIL)


def test_where_nothing_is_said_it_is_theirs_only_if_the_operator_says_so() -> None:
    assert mail_of({"email": MAIL}, trusted=False) == (None, MAIL)
    assert mail_of({"email": MAIL}, trusted=True) == (MAIL, None)
    assert mail_of({"email": 7, "email_verified": True}, trusted=True) == (None, None)


@pytest.mark.parametrize("said", [{"email_verified": False}, {"email_verified": None}])
def test_R03_a_claimed_address_becomes_nobodys(
    app: Flask, provider: HostileProvider, superuser: Superuser, said: dict[str, Any]
) -> None:
    """Mallory writes Amira's address into the own profile: neither her rows nor a refusal for her come of it."""
    amira, mallory = f"amira-{uuid4()}", f"mallory-{uuid4()}"
    sign_in(app, provider, amira)
    sign_in(app, provider, mallory, email=f"{amira}@daylight.example", **said)
    assert mail(superuser, mallory) == (None, [])
    assert mail(superuser, amira) == (f"{amira}@daylight.example", [])


def test_a_claim_neither_changes_nor_takes_away_the_address_somebody_has(
    app: Flask, provider: HostileProvider, superuser: Superuser
) -> None:
    name = f"amira-{uuid4()}"
    browser = sign_in(app, provider, name)
    for claims in ({"email": "ben@firm.example", "email_verified": False}, {"email": None}):
        provider.people[name] |= claims
        browser.sign_in("/sign-in?fresh=1")
        assert mail(superuser, name) == (f"{name}@daylight.example", [])


def test_a_checked_address_is_taken_over_told_and_in_the_log(
    app: Flask, provider: HostileProvider, superuser: Superuser
) -> None:
    name = f"amira-{uuid4()}"
    browser = sign_in(app, provider, name)
    provider.people[name]["email"] = f"kaya-{name}@daylight.example"
    browser.sign_in("/sign-in?fresh=1")
    assert mail(superuser, name) == (f"kaya-{name}@daylight.example", [f"{name}@daylight.example"])
    assert f"Your mail address here is now kaya-{name}" in browser.get("/").text
    logged = superuser.execute(
        "SELECT a.actor_role FROM audit_entry a JOIN employee e ON e.id = a.employee_id "
        "WHERE e.subject = %s AND a.action = 'employee.address_changed'",
        [name],
    ).fetchall()
    assert logged == [("sign_in",)]


def test_a_provider_that_says_nothing_is_believed_where_the_operator_says_so(
    trusting: Flask, provider: HostileProvider, superuser: Superuser
) -> None:
    name = f"amira-{uuid4()}"
    sign_in(trusting, provider, name, email_verified=None)
    assert mail(superuser, name)[0] == f"{name}@daylight.example"


def test_what_userinfo_says_of_another_address_proves_nothing(
    app: Flask, provider: HostileProvider, superuser: Superuser
) -> None:
    name = f"mallory-{uuid4()}"
    provider.add(name)
    provider.behaviour.claims = lambda claims: (
        {key: value for key, value in claims.items() if key != "email_verified"} | {"email": "amira@firm.example"}
    )
    Browser(app).sign_in()
    assert mail(superuser, name) == (None, [])


def _silent(provider: HostileProvider, name: str) -> None:
    """A provider that says all but whether the address was checked, and whose userinfo is out of order."""
    provider.add(name, groups=["all"])
    provider.people[name].pop("email_verified")
    provider.behaviour.userinfo_status = 503


def test_R03_a_userinfo_that_fails_ends_no_sign_in_where_the_token_says_the_rest(
    app: Flask, provider: HostileProvider, superuser: Superuser
) -> None:
    name = f"amira-{uuid4()}"
    _silent(provider, name)
    browser = Browser(app)
    browser.sign_in()
    assert browser.is_signed_in()
    assert mail(superuser, name) == (None, [])


def test_a_userinfo_that_fails_ends_it_where_the_token_says_too_little(app: Flask, provider: HostileProvider) -> None:
    _silent(provider, f"amira-{uuid4()}")
    provider.behaviour.groups_in_token = False
    browser = Browser(app)
    browser.sign_in()
    assert not browser.is_signed_in()


def test_where_the_operator_vouches_userinfo_is_not_asked_whether_an_address_was_checked(
    trusting: Flask, provider: HostileProvider, superuser: Superuser
) -> None:
    name, asked = f"amira-{uuid4()}", list[str]()
    provider.add(name, groups=["all"])
    provider.people[name].pop("email_verified")
    provider.behaviour.userinfo = lambda claims: asked.append(name) or claims  # type: ignore[func-returns-value]
    Browser(trusting).sign_in()
    assert (mail(superuser, name)[0], asked) == (f"{name}@daylight.example", [])


def test_that_an_address_was_checked_counts_only_for_the_one_it_was_said_of(
    app: Flask, provider: HostileProvider, superuser: Superuser
) -> None:
    """The ID token vouches for an address that it does not name; userinfo names one and does not vouch for it."""
    name = f"mallory-{uuid4()}"
    provider.add(name, email="amira@firm.example", email_verified=False)
    provider.behaviour.claims = lambda claims: (
        {key: value for key, value in claims.items() if key != "email"} | {"email_verified": True}
    )
    Browser(app).sign_in()
    assert mail(superuser, name) == (None, [])


def test_S11_nobody_new_takes_an_experts_seat_by_claiming_the_address(
    app: Flask, provider: HostileProvider, superuser: Superuser
) -> None:
    account, name = f"gutachter-{uuid4()}@kanzlei.example", f"mallory-{uuid4()}"
    superuser.execute(
        "INSERT INTO expert_seat (id, account, name, task, starts_at, ends_at) "
        "VALUES (gen_random_uuid(), %s, 'Eva', 'An opinion', now() - interval '1 day', now() + interval '1 day')",
        [account],
    )
    superuser.commit()
    provider.add(name, email=account, email_verified=False)
    browser = Browser(app)
    assert browser.sign_in().status_code == 400
    assert not browser.is_signed_in()
    assert superuser.execute("SELECT count(*) FROM employee WHERE subject = %s", [name]).fetchone() == (0,)
