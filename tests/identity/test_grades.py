"""A grade comes from the groups of the identity provider, at each sign-in anew; without the setting there is none."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from tests.identity.test_roles import employee
from tests.provider.browser import Browser
from tests.provider.server import HostileProvider

Superuser = psycopg.Connection[tuple[Any, ...]]
GRADES = "executive=Executives, manager=Team leads"


def grade(superuser: Superuser, browser: Browser) -> Any:
    (found,) = superuser.execute(f"SELECT grade FROM employee WHERE id = {employee(browser)}".encode()).fetchone() or ()
    superuser.rollback()
    return found


@pytest.mark.parametrize(
    ("groups", "expected"),
    [(["Executives"], "executive"), (["Team leads", "Executives"], "executive"), (["x"], "staff"), ([], "staff")],
)
def test_the_groups_say_the_grade(
    make_app: Callable[..., Flask], provider: HostileProvider, superuser: Superuser, groups: list[str], expected: str
) -> None:
    provider.add(f"eva-{uuid4()}", groups=groups)
    browser = Browser(make_app(PORTAL_GRADE_GROUPS=GRADES))
    browser.sign_in()
    assert grade(superuser, browser) == expected
    provider.people[provider.subject]["groups"] = ["Team leads"]
    browser.sign_in("/sign-in?fresh=1")
    assert grade(superuser, browser) == "manager"


def test_without_the_setting_no_grade_is_kept(
    make_app: Callable[..., Flask], provider: HostileProvider, superuser: Superuser
) -> None:
    provider.add(f"eva-{uuid4()}", groups=["Executives"])
    browser = Browser(make_app(PORTAL_GRADE_GROUPS=GRADES))
    browser.sign_in()
    assert grade(superuser, browser) == "executive"
    plain = Browser(make_app())
    plain.sign_in()
    assert grade(superuser, plain) is None
