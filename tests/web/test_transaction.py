"""One transaction a request: it ends with the answer, and few statements are enough."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask, abort
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.core.permissions import Permission
from portal.core.web import state
from portal.core.web.guard import requires
from portal.core.web.state import STATEMENTS_HEADER, Desk
from portal.identity.queries import hash_of
from tests.provider.browser import Browser
from tests.provider.server import HostileProvider
from tests.web.routes import routes

Superuser = psycopg.Connection[tuple[Any, ...]]
MOST_STATEMENTS = 12


def _write(how: str) -> str:
    state.db().execute(
        text("UPDATE employee SET exclusions = ARRAY[:how] WHERE id = :id"), {"how": how, "id": state.person().id}
    )
    if how == "refused":
        abort(404)
    if how == "broken":
        raise ValueError
    if how == "caught":
        try:
            state.db().execute(text("SELECT 1 / 0"))
        except SQLAlchemyError:
            return "caught"
    return str(state.db().execute(text("SELECT session_user || actor_id()::text")).scalar_one())


@pytest.fixture(scope="module")
def writing_app(make_app: Callable[..., Flask]) -> Flask:
    app = make_app()
    app.add_url_rule("/write/<how>", "write", requires(Permission.OWN_DATA_READ)(_write))
    desk = Desk("desk", __name__, login="web_hr")
    desk.add_url_rule("/hr/login", "who", requires(Permission.HR_DESK_READ)(state.login))
    app.register_blueprint(desk)
    return app


@pytest.fixture
def writer(writing_app: Flask, provider: HostileProvider) -> Browser:
    provider.add(f"hana-{id(provider)}", groups=["HR team"])
    browser = Browser(writing_app)
    assert browser.sign_in().status_code == 303
    return browser


def written(browser: Browser, superuser: Superuser) -> list[str]:
    """What the person's row says."""
    cookie = browser.cookie()
    assert cookie
    row = superuser.execute(
        "SELECT exclusions FROM employee JOIN login_session s ON s.employee_id = employee.id WHERE token_hash = %s",
        (hash_of(cookie),),
    ).fetchone()
    superuser.rollback()
    assert row
    return list(row[0])


def test_a_good_answer_commits_and_acts_for_the_person_alone(writer: Browser, superuser: Superuser) -> None:
    answer = writer.get("/write/well")
    assert answer.status_code == 200
    assert answer.text.startswith("web_employee")
    assert written(writer, superuser) == ["well"]


@pytest.mark.parametrize(("how", "status"), [("refused", 404), ("broken", 500), ("caught", 500)])
def test_any_other_answer_leaves_nothing(writer: Browser, superuser: Superuser, how: str, status: int) -> None:
    writer.get("/write/before")
    answer = writer.get(f"/write/{how}")
    assert answer.status_code == status or how == "caught"
    assert written(writer, superuser) == ["before"]


def test_a_desk_runs_as_its_own_login_and_own_pages_never_do(writer: Browser) -> None:
    assert writer.get("/hr/login").text == "web_hr"
    assert writer.get("/write/well").text.startswith("web_employee")


def test_every_page_needs_at_most_twelve_statements(app: Flask, signed_in: Callable[..., Browser]) -> None:
    browser = signed_in()
    needed = {}
    for route in routes(app):
        if route.method == "GET" and route.access.permission is not None:
            needed[route.endpoint] = int(browser.get(route.path).headers[STATEMENTS_HEADER])
    assert {endpoint: count for endpoint, count in needed.items() if count > MOST_STATEMENTS} == {}
    assert needed["home.now"] > 1
