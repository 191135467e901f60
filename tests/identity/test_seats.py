"""On which works council a member sits comes from the groups of the identity provider, at each sign-in anew (S06)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from portal.identity.rules import roles_of
from portal.identity.seats import seats_of
from tests.identity.test_roles import employee
from tests.provider.browser import Browser
from tests.provider.server import HostileProvider

Superuser = psycopg.Connection[tuple[Any, ...]]
COUNCILS = "hr=HR team,works_council=Council,works_council@München=BR München,works_council@Berlin=BR Berlin"
GROUPS = {"hr": ("HR team",), "works_council": ("Council",), "works_council@München": ("BR München", "BR South")}


def held(superuser: Superuser, browser: Browser) -> list[tuple[str, list[str]]]:
    """Role and seats of whoever is signed in."""
    found = superuser.execute(
        f"SELECT role, seats FROM role_grant WHERE employee_id = {employee(browser)} ORDER BY role".encode()
    ).fetchall()
    superuser.rollback()
    return found


@pytest.mark.parametrize(
    ("groups", "seats"),
    [
        (["Council"], ("",)),
        (["BR München"], ("München",)),
        (["x", "BR South", "Council"], ("", "München")),
        (["HR team", "x"], ()),
    ],
)
def test_S06_groups_say_the_seats(groups: list[str], seats: tuple[str, ...]) -> None:
    assert seats_of(groups, GROUPS) == seats
    assert roles_of(groups, GROUPS) == (frozenset({"works_council"} if seats else {"hr"}), False)


def test_S07_a_seat_of_a_site_is_the_works_councils_too() -> None:
    assert roles_of(["HR team", "BR South"], GROUPS) == (frozenset(), True)


def test_S06_seats_follow_the_groups_at_each_sign_in(
    make_app: Callable[..., Flask], provider: HostileProvider, superuser: Superuser
) -> None:
    provider.add(f"mia-{uuid4()}", groups=["BR München", "BR Berlin"])
    browser = Browser(make_app(PORTAL_ROLE_GROUPS=COUNCILS))
    browser.sign_in()
    assert held(superuser, browser) == [("works_council", ["Berlin", "München"])]
    assert browser.get("/council/policies").status_code == 200
    provider.people[provider.subject]["groups"] = ["BR München", "Council"]
    browser.sign_in("/sign-in?fresh=1")
    assert held(superuser, browser) == [("works_council", ["", "München"])]
    provider.people[provider.subject]["groups"] = ["HR team"]
    browser.sign_in("/sign-in?fresh=1")
    assert held(superuser, browser) == [("hr", [])]
