"""Without a directory, claims say where somebody works: any of the provider's, at each sign-in anew."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from portal.identity.rules import Place, place_of
from portal.policies.rules import Workplace, is_for
from tests.directory.conftest import TOKEN, Knocking, audience
from tests.provider.browser import sign_in
from tests.provider.server import HostileProvider

CLAIMS = "site=office, department=department, country=address.country"
Superuser = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(scope="module")
def claiming(make_app: Callable[..., Flask]) -> Flask:
    return make_app(PORTAL_PLACE_CLAIMS=CLAIMS, PORTAL_SCIM_TOKEN=TOKEN)


def place(superuser: Superuser, subject: str) -> tuple[Any, ...]:
    found = superuser.execute("SELECT site, department, country FROM employee WHERE subject = %s", [subject]).fetchone()
    superuser.rollback()
    return found or ()


def test_claims_say_where_somebody_works_and_a_move_counts_at_the_next_sign_in(
    claiming: Flask, provider: HostileProvider, superuser: Superuser
) -> None:
    name = f"eva-{uuid4()}"
    browser = sign_in(claiming, provider, name, office="Berlin", department="Sales", address={"country": "de"})
    assert place(superuser, name) == ("Berlin", "Sales", "DE")
    settings = browser.get("/settings").text
    assert "Berlin" in settings
    assert "Sales" in settings
    provider.people[name].pop("department")
    provider.people[name]["office"] = "Hamburg"
    browser.sign_in("/sign-in?fresh=1")
    assert place(superuser, name) == ("Hamburg", None, "DE")


def test_P03_a_claim_in_another_form_is_covered_by_the_policy_for_that_site(
    claiming: Flask, provider: HostileProvider, superuser: Superuser
) -> None:
    name = f"eva-{uuid4()}"
    said = {"office": "Mu\u0308nchen\u00a0 Su\u0308d", "department": " Sales ", "address": {"country": "de "}}
    sign_in(claiming, provider, name, **said)
    assert place(superuser, name) == ("München Süd", "Sales", "DE")
    assert is_for(audience(), Workplace(*place(superuser, name)))


def test_S14_the_directory_knows_better(
    claiming: Flask, provider: HostileProvider, superuser: Superuser, directory: Knocking
) -> None:
    name = f"eva-{uuid4()}"
    directory.create(name, department="Legal", place={"locality": "Bonn"})
    sign_in(claiming, provider, f"id-{name}", office="Berlin", department="Sales")
    assert place(superuser, f"id-{name}") == ("Bonn", "Legal", None)


def test_without_the_setting_claims_move_nobody(
    make_app: Callable[..., Flask], provider: HostileProvider, superuser: Superuser
) -> None:
    name = f"eva-{uuid4()}"
    sign_in(make_app(), provider, name, office="Berlin", department="Sales")
    assert place(superuser, name) == (None, None, None)


@pytest.mark.parametrize("value", [7, "", " ", "a" * 300, "nul\0", ["Berlin"], {"x": 1}, None])
def test_a_claim_that_names_no_place_is_none(value: object) -> None:
    assert place_of({"office": value}, {"site": "office"}) == Place(None, None, None)
