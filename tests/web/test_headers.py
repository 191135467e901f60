"""Headers over the whole route map, errors included (S08, S10), and every cookie we set (S10)."""

import re
from collections.abc import Callable, Iterator

from flask import Flask
from werkzeug.test import TestResponse

from tests.provider.browser import SESSION, SIGNIN, Browser
from tests.web.routes import routes


def every_answer(app: Flask, browser: Browser) -> Iterator[tuple[str, TestResponse]]:
    """What each route answers to its method, to no token, to a wrong method and to a fragment's request."""
    form = {"csrf_token": browser.csrf()}
    ours = {"Origin": browser.base}
    for route in routes(app):
        if route.endpoint in {"identity.sign_out_submit", "identity.callback"}:
            continue
        call = {"base_url": browser.base, "method": route.method, "data": form, "headers": ours, "buffered": True}
        yield str(route), browser.client.open(route.path, **call)
        yield f"{route} fragment", browser.client.open(route.path, **call | {"headers": ours | {"HX-Request": "true"}})
        yield f"{route} bare", browser.client.open(route.path, **call | {"headers": {}, "data": {}})
        yield f"{route} PUT", browser.client.open(route.path, **call | {"method": "PUT"})
    for path in (
        "/nothing",
        "/data/never",
        "/static/nothing.js",
        "/sign-in/callback",
        "/sign-in/callback?state=x&code=y",
    ):
        yield path, browser.get(path)
    yield "too large", browser.post("/pauses", {"for": "x" * 300_000})
    yield "foreign host", browser.client.get("/", base_url="http://evil.example")


def test_S10_headers_stand_on_every_answer(app: Flask, signed_in: Callable[..., Browser]) -> None:
    browser, seen = signed_in(), set()
    for name, answer in every_answer(app, browser):
        seen.add(answer.status_code)
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "same-origin", name
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", name
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", name
        assert "camera=()" in headers["Permissions-Policy"], name
        assert headers["X-Frame-Options"] == "DENY", name
        assert "HX-Request" in headers["Vary"], name
        shared = answer.request.path.startswith("/static/") and answer.status_code < 400
        assert (headers["Cache-Control"] == "no-store") is not shared, name
        assert "Access-Control-Allow-Origin" not in headers, name
    assert {200, 303, 400, 401, 403, 404, 405, 413} - {401} <= seen


def test_S08_the_policy_lets_only_our_nonce_run_scripts_and_is_new_each_time(
    app: Flask, signed_in: Callable[..., Browser]
) -> None:
    nonces: list[str] = []
    for name, answer in every_answer(app, signed_in()):
        policy = answer.headers["Content-Security-Policy"]
        directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert directives["default-src"] == directives["object-src"] == "'none'", name
        assert directives["form-action"] == "'self'", name
        assert directives["base-uri"] == directives["frame-ancestors"] == "'none'", name
        script = re.fullmatch(r"'nonce-([A-Za-z0-9_-]{22})'", directives["script-src"])
        assert script, name
        nonces.append(script.group(1))
        assert not re.search(r"unsafe-|\*|https?:(?!//(?:localhost|127\.0\.0\.1:8030))", policy), name
        # The signing file is kept and opened from the signer's own disk; here it is never shown.
        page = answer.text if answer.mimetype == "text/html" and "Content-Disposition" not in answer.headers else ""
        for tag in re.findall(r"<script[^>]*>", page):
            assert f'nonce="{script.group(1)}"' in tag, name
        assert " style=" not in page, name
    assert len(set(nonces)) == len(nonces) > 100


def test_S10_every_cookie_is_host_only_secure_httponly_and_lax(
    app: Flask, provider: object, signed_in: Callable[..., Browser]
) -> None:
    browser = signed_in()
    answers = [browser.get("/sign-in?fresh=1"), browser.sign_in("/sign-in?fresh=1"), browser.get("/signed-out")]
    answers += [answer for _, answer in every_answer(app, browser)]
    answers.append(browser.post("/sign-out"))
    names = set()
    for answer in answers:
        for cookie in answer.headers.getlist("Set-Cookie"):
            name, *attributes = re.split(r"=|; ", cookie, maxsplit=1)
            names.add(name)
            told = {part.strip().lower() for part in attributes[0].split(";")[1:]}
            assert name.startswith("__Host-"), cookie
            assert {"secure", "httponly", "samesite=lax", "path=/"} <= told, cookie
            assert not any(part.startswith("domain") for part in told), cookie
    assert {SESSION, SIGNIN, "__Host-daylight-form", "__Host-daylight-ticket"} <= names


def test_S10_signing_out_makes_the_browser_forget(signed_in: Callable[..., Browser]) -> None:
    browser = signed_in()
    left = browser.post("/sign-out")
    assert left.headers["Clear-Site-Data"] == '"storage"'
    assert browser.cookie(SESSION) is None


def test_security_txt_names_whom_to_tell_and_until_when(browser: Browser) -> None:
    text = browser.get("/.well-known/security.txt").text
    assert "Contact: mailto:security@daylight.example\n" in text
    assert re.search(r"Expires: \d{4}-\d\d-\d\dT00:00:00Z\n", text)


def test_metrics_open_only_on_this_machine_or_with_the_token(make_app: Callable[..., Flask]) -> None:
    browser = Browser(make_app(PORTAL_METRICS_TOKEN="a token"))
    far = {"REMOTE_ADDR": "192.0.2.7"}
    assert "portal_answers_total" in browser.get("/metrics").text
    assert browser.get("/metrics", environ_overrides=far).status_code == 404
    assert browser.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    for given, status in (("Bearer a token", 200), ("Bearer another", 404), ("Basic a token", 404), ("Bearer ", 404)):
        answer = browser.get("/metrics", headers={"Authorization": given}, environ_overrides=far)
        assert answer.status_code == status
