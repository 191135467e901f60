"""What was written in the request form outlives a lost session, in the page alone, and is nobody else's to send."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.db import Database
from portal.identity.queries import SESSION_COOKIE
from portal.requests import delegating
from portal.requests.rules import RequestType
from tests.web_client import Browser, sign_in

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]
WORDS = 'Not for "training" <any more>.\nTwo lines.'
HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">')
FORM = re.compile(r'<form class="acts" method="post" action="([^"]+)">(.*?)</form>', re.DOTALL)
ADDRESSES = ("/requests", "/requests/preview", "/requests/drafts")


def _ended(superuser: Superuser, person: UUID) -> None:
    superuser.execute("UPDATE login_session SET ended_at = now() WHERE employee_id = %s", [person])
    superuser.commit()


def _asked(superuser: Superuser, *people: UUID) -> int:
    row = superuser.execute("SELECT count(*) FROM request WHERE employee_id = ANY(%s)", [list(people)]).fetchone()
    superuser.commit()
    assert row
    return int(row[0])


def _written(amira: UUID) -> dict[str, Any]:
    return {"type": "object", "kind": ["key", "click"], "words": WORDS, "whose": str(amira)}


def _kept(answer: TestResponse) -> tuple[str, dict[str, list[str]]]:
    """Where the answer's form leads, and its fields."""
    found = FORM.search(answer.text)
    assert found, answer.text
    fields: dict[str, list[str]] = {}
    for name, value in HIDDEN.findall(found[2]):
        fields.setdefault(name, []).append(html.unescape(value))
    return found[1], fields


def _go_on(browser: Browser, kept: tuple[str, dict[str, list[str]]]) -> TestResponse:
    """Press the button, with the token that stands in the form."""
    return browser._client.post(kept[0], data=kept[1], base_url=browser._base, headers=browser._headers())


@pytest.mark.parametrize("address", ADDRESSES)
def test_S07_what_was_written_comes_back_after_the_sign_in(
    address: str, browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    _ended(superuser, amira)
    refused = browser.post(address, _written(amira), page="/signed-out")
    assert refused.status_code == 401
    assert _asked(superuser, amira) == 0, "nothing is stored for who is not signed in"
    browser.hold(SESSION_COOKIE, sign_in(superuser, amira))
    shown = _go_on(browser, _kept(refused))
    assert shown.status_code == 200
    assert html.escape(WORDS, quote=False).split("\n")[1] in shown.text
    assert 'value="click" checked' in shown.text
    row = superuser.execute("SELECT state, words FROM request WHERE employee_id = %s", [amira]).fetchall()
    superuser.commit()
    assert row == [("draft", WORDS)], "kept as a draft, and not sent"


def test_S09_the_token_of_an_older_session_sends_nothing_and_loses_nothing(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    stale = browser.post("/requests", _written(amira) | {"csrf_token": "IjEi.aaaa.bbbb"})
    assert stale.status_code == 400
    assert _asked(superuser, amira) == 0
    assert "Go on with what I wrote" in stale.text
    assert _go_on(browser, _kept(stale)).status_code == 200


def test_S09_another_persons_sign_in_neither_sends_nor_keeps_it(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira, ben = person("Amira Kaya"), person("Ben Okafor")
    browser = browse(amira)
    _ended(superuser, amira)
    kept = _kept(browser.post("/requests", _written(amira), page="/signed-out"))
    browser.hold(SESSION_COOKIE, sign_in(superuser, ben))
    for address in ADDRESSES:
        answer = _go_on(browser, (address, kept[1]))
        assert answer.status_code == 303
        assert "training" not in browser.get(answer.headers["Location"]).text
    assert _asked(superuser, amira, ben) == 0


def test_S07_what_a_delegate_wrote_comes_back_to_them_alone(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser, database: Database
) -> None:
    amira, ben, mallory = person("Amira Kaya"), person("Ben Okafor"), person("Mallory Moe")
    now = clock.now()
    with database.transaction("web_employee", amira) as session:
        types = (RequestType.OBJECT,)
        named = delegating.name(session, amira, (ben, "Ben Okafor"), types, now + timedelta(days=1), now).id
    browser = browse(ben)
    _ended(superuser, ben)
    written: dict[str, Any] = {"type": "object", "kind": ["key", "click"], "words": WORDS}
    refused = browser.post(f"/requests/for/{named}", written, page="/signed-out")
    assert refused.status_code == 401
    kept = _kept(refused)
    browser.hold(SESSION_COOKIE, sign_in(superuser, mallory))
    answer = _go_on(browser, kept)
    assert (answer.status_code, "training" in answer.text) == (404, False)
    browser.hold(SESSION_COOKIE, sign_in(superuser, ben))
    shown = _go_on(browser, kept)
    assert shown.status_code == 200
    assert html.escape(WORDS, quote=False).split("\n")[1] in shown.text
    assert 'value="click" checked' in shown.text
    assert _asked(superuser, amira, ben) == 0, "drawn again, and not sent"


def test_S09_another_site_gets_nothing_written_into_our_page(browse: Browse) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        answer = browse(None)._client.post(
            "/requests", data={"words": "training"}, base_url="https://localhost", headers=headers
        )
        assert answer.status_code == 403
        assert "training" not in answer.text


def test_a_change_without_a_session_does_not_lead_away_from_the_form(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    _ended(superuser, amira)
    headers = browser._headers() | {"HX-Request": "true"}
    answer = browser._client.post("/requests/preview", data=_written(amira), base_url=browser._base, headers=headers)
    assert (answer.status_code, "HX-Redirect" in answer.headers) == (401, False)
    assert _kept(answer)[1]["words"] == [WORDS]
    assert "<main" in answer.text, "the script puts the page's content in place of the form"


def test_other_forms_say_what_they_said(browse: Browse) -> None:
    answer = browse(None)._client.post(
        "/pauses", data={"words": "x"}, base_url="https://localhost", headers={"Origin": "https://localhost"}
    )
    assert answer.status_code in {401, 404, 405}
    assert "Go on with what I wrote" not in answer.text
