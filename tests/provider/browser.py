"""A browser without pictures: the portal's test client, and real requests to the provider."""

import re
from html import unescape
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from flask import Flask
from werkzeug.test import TestResponse

from tests.provider.server import HostileProvider

SESSION: Final = "__Host-daylight"
SIGNIN: Final = "__Host-daylight-signin"
TICKET: Final = "__Host-daylight-ticket"
REFRESH: Final = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]+)">')
"""How a page of ours goes on by itself."""


class Browser:
    """One browser with its own cookies. `post` sends what a form of our own page would."""

    def __init__(self, app: Flask) -> None:
        self.base = app.extensions["daylight"].settings.base_url
        self.client = app.test_client()

    def get(self, path: str, **more: Any) -> TestResponse:
        """GET without following redirects."""
        return self.client.get(path, base_url=self.base, **more)

    def csrf(self) -> str:
        """The token that our own pages put into their forms."""
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/signed-out").text)
        assert found
        return found.group(1)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """POST as our own page would: Origin, Sec-Fetch-Site, CSRF token."""
        headers = {"Origin": self.base, "Sec-Fetch-Site": "same-origin"} | more.pop("headers", {})
        form = {"csrf_token": self.csrf()} | (data or {})
        return self.client.post(path, data=form, headers=headers, base_url=self.base, **more)

    def cookie(self, name: str = SESSION) -> str | None:
        """The value of a cookie of the portal."""
        found = self.client.get_cookie(name, domain=self.host)
        return found.value if found else None

    def set_cookie(self, name: str, value: str) -> None:
        """Plant a cookie."""
        self.client.set_cookie(name, value, domain=self.host, secure=True)

    @property
    def host(self) -> str:
        """The portal's host name."""
        return str(urlsplit(self.base).hostname)

    def to_provider(self, start: str = "/sign-in") -> str:
        """Begin a sign-in and let the provider answer: the address of our callback it leads to."""
        answer = requests.get(onward(self.get(start)), allow_redirects=False, timeout=5)
        assert answer.status_code == 302
        return answer.headers["Location"].removeprefix(self.base)

    def sign_in(self, start: str = "/sign-in") -> TestResponse:
        """The whole sign-in: the portal's answer to the callback."""
        return self.get(self.to_provider(start))

    def is_signed_in(self) -> bool:
        """Whether a page of one's own opens."""
        return self.get("/").status_code == 200


def onward(answer: TestResponse) -> str:
    """Where a page of ours goes on to, at the provider."""
    assert answer.status_code == 200, answer.text
    found = REFRESH.search(answer.text)
    assert found, answer.text
    assert f'href="{found.group(1)}"' in answer.text, "without its own going on, a link does it"
    return unescape(found.group(1))


def sign_in(app: Flask, provider: HostileProvider, subject: str, **claims: Any) -> Browser:
    """A new browser in which `subject` is signed in."""
    provider.add(subject, **claims)
    browser = Browser(app)
    assert browser.sign_in().status_code == 303
    return browser
