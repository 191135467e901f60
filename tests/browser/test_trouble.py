"""Two tabs, a nervous finger, an old token, an ended session, a network or a database that is gone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from playwright.sync_api import Page, expect

from portal.operations.postgres import Postgres
from tests.browser.installation import Installation
from tests.browser.live import connected
from tests.browser.people import Someone
from tests.provider.server import HostileProvider

FORM_COOKIE = "__Host-daylight-form"
TWO_AT_ONCE = """async () => {
  const body = new URLSearchParams(new FormData(document.getElementById('pause-30').form));
  const ask = () => fetch('/pauses', {method: 'POST', body});
  return (await Promise.all([ask(), ask()])).map(answer => answer.status);
}"""


def pause(page: Page) -> None:
    """The one button."""
    page.get_by_role("button", name="Pause 30 minutes").click()


def numbers(who: Someone) -> list[int]:
    """The directive numbers of the person's pauses."""
    return [row[0] for row in who.rows.all("SELECT number FROM pause WHERE employee_id = %s ORDER BY 1", who.id)]


def test_two_tabs_act_on_what_the_other_did(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    with connected(amira), amira.context() as context:
        first, second = context.new_page(), context.new_page()
        first.goto("/")
        second.goto("/")
        pause(first)
        expect(first.locator("#truth")).to_contain_text("Paused until")
        pause(second)
        expect(second.locator("#truth")).to_contain_text("Paused until")
        first.get_by_role("button", name="Resume recording").click()
        expect(first.locator("#truth")).to_have_text("Your device is recording.")
        second.get_by_role("button", name="Resume recording").click()
        expect(second.locator("#truth")).to_have_text("Your device is recording.")
    assert numbers(amira) == [1, 2]


@pytest.mark.parametrize("script", [True, False])
def test_double_click_pauses_once_for_the_person(newcomer: Callable[..., Someone], *, script: bool) -> None:
    amira = newcomer()
    with connected(amira), amira.page(java_script_enabled=script) as page:
        page.get_by_role("button", name="Pause 30 minutes").dblclick()
        expect(page.locator("#truth")).to_contain_text("Paused until")
        page.get_by_role("button", name="Resume recording").click()
        expect(page.locator("#truth")).to_have_text("Your device is recording.")
    assert 1 <= len(numbers(amira)) <= 2


def test_two_pauses_at_the_same_time_are_both_taken_in_order(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    with connected(amira), amira.page() as page:
        assert page.evaluate(TWO_AT_ONCE) == [200, 200]
        page.reload()
        expect(page.locator("#truth")).to_contain_text("Paused until")
        page.get_by_role("button", name="Resume recording").click()
        expect(page.locator("#truth")).to_have_text("Your device is recording.")
    assert numbers(amira) == [1, 2]


@pytest.mark.parametrize("script", [True, False])
def test_old_token_is_refused_in_plain_words(newcomer: Callable[..., Someone], *, script: bool) -> None:
    amira = newcomer()
    amira.records()
    with amira.page(java_script_enabled=script) as page:
        page.context.clear_cookies(name=FORM_COOKIE)
        pause(page)
        expect(page.get_by_role("heading", name="We could not read that.")).to_be_visible()
        expect(page.get_by_text("Go back, load the page again and repeat the last step.")).to_be_visible()
        expect(page.locator("h1")).to_have_count(1)
        assert numbers(amira) == []
        page.get_by_role("link", name="To the start").click()
        pause(page)
        expect(page.get_by_role("button", name="Resume recording")).to_be_visible()


def end_session(who: Someone) -> None:
    """As the identity provider's logout does."""
    who.rows.do("UPDATE login_session SET ended_at = now() WHERE employee_id = %s", who.id)


def test_ended_session_leads_to_the_sign_in(
    newcomer: Callable[..., Someone], refusing: Callable[[], HostileProvider]
) -> None:
    amira = newcomer()
    amira.records()
    with amira.page() as page:
        end_session(amira)
        with page.expect_request("**/sign-in?next=**"):
            pause(page)
        expect(page.locator("#truth")).to_have_text("Your device is recording.")  # signed in again, and back
        assert numbers(amira) == []
        end_session(amira)
        refusing()
        page.goto("/looks")
        expect(page.get_by_role("heading", name="You are not signed in.")).to_be_visible()


def test_ended_session_without_javascript_says_so(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    amira.records()
    with amira.page(java_script_enabled=False) as page:
        end_session(amira)
        pause(page)
        expect(page.get_by_role("heading", name="You are not signed in.")).to_be_visible()
        assert numbers(amira) == []


def test_page_that_waits_for_devices_leads_to_the_sign_in(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    with connected(amira, obeys=False), amira.page() as page:
        pause(page)
        expect(page.locator("#truth")).to_have_text("Your device is stopping.")
        with page.expect_request("**/sign-in?next=**"):
            end_session(amira)


def test_network_gone_is_said_and_nothing_is_lost(newcomer: Callable[..., Someone]) -> None:
    amira = newcomer()
    amira.records()
    with amira.page() as page:
        page.context.set_offline(True)
        pause(page)
        expect(page.locator("#messages")).to_contain_text(
            "Daylight does not answer. Load the page again to see what holds now."
        )
        page.context.set_offline(False)
        pause(page)
        expect(page.get_by_role("button", name="Resume recording")).to_be_visible()
        assert numbers(amira) == [1]


@contextmanager
def without_database(postgres: Postgres, installed: Installation) -> Iterator[None]:
    """The portal loses its connections and gets no new ones, until the end of the block."""
    name = installed.database
    with psycopg.connect(postgres.superuser_conninfo(), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND application_name = 'daylight'",
            [name],
        )
        try:
            yield
        finally:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


def test_R05_database_gone_is_said_in_plain_words_and_comes_back(
    newcomer: Callable[..., Someone], postgres: Postgres, installed: Installation
) -> None:
    amira = newcomer()
    amira.records()
    with amira.page() as page:
        with without_database(postgres, installed):
            pause(page)
            expect(page.get_by_role("heading", name="We cannot reach our database.")).to_be_visible()
            answer = page.goto("/data")
            assert answer
            assert answer.status == 503
            assert answer.headers["retry-after"]
            expect(page.get_by_role("main")).to_contain_text("they stop recording within 2 minutes")
            assert "psycopg" not in page.content()
        page.goto("/")
        pause(page)
        expect(page.get_by_role("button", name="Resume recording")).to_be_visible()


def test_R05_page_of_a_stopping_device_waits_for_the_database(
    newcomer: Callable[..., Someone], postgres: Postgres, installed: Installation
) -> None:
    amira = newcomer()
    with amira.page() as page:
        amira.records()
        page.reload()
        pause(page)
        expect(page.locator("#truth")).to_have_text("Your device is stopping.")
        with without_database(postgres, installed), page.expect_response(lambda answer: answer.status == 503):
            expect(page.locator("#truth")).to_have_text("Your device is stopping.")
        with page.expect_response(lambda answer: answer.url.endswith("/state") and answer.ok):
            expect(page.locator("#truth")).to_have_text("Your device is stopping.")
