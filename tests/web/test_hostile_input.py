"""What somebody with an ordinary account, or nobody, sends to break things: never a 500, never a change unasked."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from portal.core import clock
from portal.core.web import limits
from tests.captured import store_item
from tests.provider.browser import SESSION, Browser
from tests.web.routes import SAFE, Route, routes
from tests.web.test_strangers import owner_of
from wire.documents import Kind

WORDS = """
csrf_token name kind kinds context contexts sensitivity page text exclusions language timezone theme next fresh go state
code error iss logout_token until from to date time start end starts ends day days weekdays minutes hours length device
scope month year window items reason which what confirm start_date end_date start_time end_time start_day end_day
until_date until_time for from_time on_day first last since expires begins
endpoint filename self _external _scheme _anchor _method _host
"""
NAMES = tuple(WORDS.split())
VALUES = (
    "",
    "\0",
    "a\0b",
    "é\u202e\ufeff\U0001f600",
    "-1",
    "0",
    "99999999999999999999999999",
    "1e400",
    "NaN",
    "٣",
    "%00%ff%c0%af",
    "../../etc/passwd",
    "' OR 1=1 --",
    "{{7*7}}",
    "\r\nSet-Cookie: a=b",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "24:00",
    "23:59",
    "x" * 5000,
)
DAYS = ("0001-01-01", "9999-12-31", "2026-13-01", "99999-01-01", "today", "%00", "2026-01-01%00", "%ff%fe", "..", "-1")


@pytest.fixture(scope="module")
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application, told of a vault that does not answer."""
    return make_app(PORTAL_VAULT_URL="unix:/nowhere/vault.sock")


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request on its own: how often one may ask is another test's business."""
    monkeypatch.setattr(limits, "count", lambda *_: None)


def of(app: Flask, method: str) -> list[Route]:
    """The routes with this method."""
    return [route for route in routes(app) if route.method == method and route.endpoint != "static"]


DATES = """
until from to date time start end starts ends day on_day first last since expires begins start_date end_date start_day
end_day until_date month
"""
FAR = ("0001-01-01", "0001-01-01T00:00", "9999-12-31", "9999-12-31T23:59", "1999-12-31T23:59", "2200-01-01T00:00")
SOUND = {
    "name": "x", "title": "x", "text": "x", "reason": "x", "words": "x", "kind": "key", "page": "1", "sensitivity": "1",
    "for": "until", "length": "until", "scope": "range", "theirs": "yes", "weekday": "1", "from_time": "12:00",
    "minutes": "60", "confirm": "yes", "language": "en", "timezone": "Asia/Tokyo", "theme": "", "checked": "yes",
}  # fmt: skip
"""Fields that a date needs beside it, to be looked at."""


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize("value", FAR)
def test_R06_no_far_date_beside_sound_fields_breaks_a_route(
    app: Flask, signed_in: Callable[..., Browser], superuser: psycopg.Connection[tuple[Any, ...]], value: str, zone: str
) -> None:
    browser = signed_in()
    superuser.execute("UPDATE employee SET timezone = %s WHERE id = %s", [zone, owner_of(browser, superuser)])
    superuser.commit()
    csrf, broken = browser.csrf(), []
    for route in routes(app):
        if route.endpoint in {"static", "identity.sign_out_submit", "agents.preferences_submit"}:
            continue
        given = SOUND | dict.fromkeys(DATES.split(), value)
        if route.method in SAFE:
            answer = browser.get(route.path, query_string=given)
        else:
            headers, data = {"Origin": browser.base}, given | {"csrf_token": csrf}
            answer = browser.client.post(route.path, data=data, headers=headers, base_url=browser.base)
        if answer.status_code >= 500 and answer.status_code != 503:
            broken.append(str(route))
    assert broken == []


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_R06_no_parameter_and_no_field_breaks_a_route(
    app: Flask, signed_in: Callable[..., Browser], value: str
) -> None:
    browser = signed_in()
    csrf = browser.csrf()
    broken = []
    for route in routes(app):
        if route.endpoint in {"static", "identity.sign_out_submit"}:
            continue
        given = dict.fromkeys(NAMES, value)
        if route.method in SAFE:
            answer = browser.get(route.path, query_string=given)
        else:
            answer = browser.client.post(
                route.path,
                data=given | {"csrf_token": csrf},
                query_string=given,
                headers={"Origin": browser.base},
                base_url=browser.base,
            )
        if answer.status_code >= 500 and answer.status_code != 503:
            broken.append(str(route))
        assert "Set-Cookie: a=b" not in str(answer.headers)
        if "\0" in value:
            assert answer.status_code == 400, route
    assert broken == []


@pytest.mark.usefixtures("unlimited")
def test_R06_no_two_values_for_one_name_break_a_route(app: Flask, signed_in: Callable[..., Browser]) -> None:
    browser = signed_in()
    csrf = browser.csrf()
    for route in of(app, "GET"):
        query = "&".join(f"{name}=1&{name}=x" for name in NAMES)
        answer = browser.get(f"{route.path}?{query}")
        assert answer.status_code < 500 or answer.status_code == 503, route
    for route in of(app, "POST"):
        if route.endpoint == "identity.sign_out_submit":
            continue
        data = {name: ["1", "x", "%"] for name in NAMES} | {"csrf_token": csrf}
        answer = browser.client.post(route.path, data=data, headers={"Origin": browser.base}, base_url=browser.base)
        assert answer.status_code < 500 or answer.status_code == 503, route


@pytest.mark.parametrize("day", DAYS)
def test_R06_no_day_breaks_a_page(signed_in: Callable[..., Browser], day: str) -> None:
    browser = signed_in()
    for path in (f"/data/{day}", f"/data/{day}/00000000-0000-0000-0000-000000000000", f"/data?until={day}"):
        assert browser.get(path).status_code in {200, 308, 400, 404}, path
    answer = browser.post(f"/data/{day}/search", {"text": "x"})
    assert answer.status_code in {200, 308, 400, 404, 405}


FILE = b'--x\r\nContent-Disposition: form-data; name="name"; filename="a"\r\n\r\n\0\r\n--x--'
BODIES: dict[str, tuple[str, bytes]] = {
    "json": ("application/json", b'{"csrf_token": "x"}'),
    "broken multipart": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name="),
    "no boundary": ("multipart/form-data", b"--x--"),
    "a file": ("multipart/form-data; boundary=x", FILE),
    "invalid utf-8": ("application/x-www-form-urlencoded", b"name=%ff%fe&\xff\xfe=\xc0\x80"),
    "strange charset": ("application/x-www-form-urlencoded; charset=utf-7", b"name=+ADw-script+AD4-"),
    "ten thousand fields": ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(10_000))),
    "text": ("text/plain", b"csrf_token=x"),
    "xml": ("application/xml", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"),
    "nothing": ("", b""),
}  # fmt: skip


@pytest.mark.parametrize("kind", BODIES)
def test_R06_no_body_breaks_a_route_or_passes_for_a_form(
    app: Flask, signed_in: Callable[..., Browser], kind: str
) -> None:
    browser = signed_in()
    content_type, body = BODIES[kind]
    for route in of(app, "POST"):
        answer = browser.client.post(
            route.path, data=body, content_type=content_type, headers={"Origin": browser.base}, base_url=browser.base
        )
        assert 400 <= answer.status_code < 500, route
    assert browser.is_signed_in()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "XYZ"])
def test_R06_an_odd_method_is_405_and_changes_nothing(
    app: Flask, signed_in: Callable[..., Browser], method: str
) -> None:
    browser = signed_in()
    has = {(route.endpoint, route.method) for route in routes(app)}
    for route in routes(app):
        if (route.endpoint, method) not in has:
            answer = browser.client.open(route.path, method=method, base_url=browser.base)
            assert answer.status_code == 405, route
    assert browser.is_signed_in()


def test_S09_a_method_said_in_a_header_or_a_field_is_not_believed(signed_in: Callable[..., Browser]) -> None:
    browser = signed_in()
    headers = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST", "X-Method-Override": "POST"}
    assert browser.get("/sign-out?_method=POST", headers=headers).status_code == 405
    assert browser.is_signed_in()


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "evil.example:443"]
)
def test_S12_a_foreign_host_name_is_refused_and_never_told_back(app: Flask, host: str) -> None:
    for path in ("/", "/sign-in", "/signed-out", "/.well-known/security.txt"):
        answer = app.test_client().get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert "evil" not in answer.text + str(answer.headers)


def test_S10_cookies_without_the_prefix_are_nobodys(signed_in: Callable[..., Browser], app: Flask) -> None:
    mine = signed_in()
    token = mine.cookie()
    assert token
    other = Browser(app)
    for name in ("daylight", "__Secure-daylight", "__host-daylight", "session", "remember_token", f"{SESSION}2"):
        other.client.set_cookie(name, token, domain=other.host, secure=True)
    assert not other.is_signed_in()


@pytest.mark.parametrize("cookie", ["", "x" * 8000, "é", "a b", '"', "%00", "\u2028", "a=b", "-" * 43])
def test_R06_no_cookie_breaks_a_page(app: Flask, cookie: str) -> None:
    names = (SESSION, "__Host-daylight-ticket", "__Host-daylight-signin", "__Host-daylight-form")
    header = "; ".join(f"{name}={cookie}" for name in names).encode("utf-8").decode("latin-1")
    base = app.extensions["daylight"].settings.base_url
    for path, status in (("/", 303), ("/signed-out", 200), ("/sign-in/callback?state=x", 400)):
        assert app.test_client().get(path, headers={"Cookie": header}, base_url=base).status_code == status


@pytest.mark.parametrize(
    "wished",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "/\t/evil.example",
        "/%0d%0aSet-Cookie:x=1",
        "/\r\nX: y",
        "/a\0",
    ],
)
def test_S01_no_wish_leads_away_or_into_a_header(browser: Browser, wished: str) -> None:
    for path in ("/signed-out", "/sign-in"):
        answer = browser.get(path, query_string={"next": wished})
        assert answer.status_code in {200, 303, 400}
        assert "evil.example" not in answer.headers.get("Location", "").partition("?")[0]
        assert 'href="//' not in answer.text
        assert "x=1" not in answer.headers.get_all("Set-Cookie")


def test_who_asks_too_often_is_told_so_and_others_are_not(signed_in: Callable[..., Browser]) -> None:
    eager, other = signed_in(), signed_in("ben")
    form = {"language": "en", "timezone": "Europe/Berlin", "theme": ""}
    csrf = eager.csrf()
    data, headers = form | {"csrf_token": csrf}, {"Origin": eager.base}
    answers = [
        eager.client.post("/settings/preferences", data=data, headers=headers, base_url=eager.base) for _ in range(130)
    ]
    assert {answer.status_code for answer in answers} == {303, 429}
    assert answers[0].status_code == 303
    assert answers[-1].headers["Retry-After"] == "30"
    assert "too often" in answers[-1].text
    assert eager.get("/settings").status_code == 200
    assert other.post("/settings/preferences", form).status_code == 303


def test_no_query_decides_where_the_pages_of_a_list_lead(
    signed_in: Callable[..., Browser], superuser: psycopg.Connection[tuple[Any, ...]]
) -> None:
    browser = signed_in()
    today = clock.now().date()
    owner = owner_of(browser, superuser)
    for second in range(220):  # more than a page, on either side of midnight
        store_item(superuser, owner, clock.now() - timedelta(seconds=second), kind=Kind.CLICK)
    injected = "_external=1&_scheme=javascript&_host=evil.example&endpoint=x&day=2020-01-01&_anchor=a"
    found = []
    for day in (today, today - timedelta(days=1)):
        text = browser.get(f"/data/{day}?kind=click&page=2&{injected}").text
        links = re.findall(r'href="([^"]*page=[^"]*)"', text)
        assert all(link.startswith(f"/data/{day}?") for link in links), links
        found += links
    assert found
