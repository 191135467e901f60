"""A person's browser over real sockets: keeps cookies, goes on from site to site, sends our pages' forms.

It goes on as redirects say, and pages that lead on by themselves.
"""

import re
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin

import requests

from tests.provider.browser import REFRESH

SECONDS = 30
REDIRECTS = 12


class Visitor:
    """One browser in front of the portal at `base`. As browsers do on localhost, it keeps Secure cookies over http."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.cookies: dict[str, str] = {}

    def get(self, path: str, *, follow: bool = True) -> requests.Response:
        """GET, to wherever it leads."""
        return self._go("GET", self.base + path, follow=follow)

    def post(self, path: str, **form: str) -> requests.Response:
        """POST a form as one of our pages would, to wherever it leads."""
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/signed-out").text)
        assert found
        headers = {"Origin": self.base, "Sec-Fetch-Site": "same-origin"}
        return self._go("POST", self.base + path, data={"csrf_token": found.group(1)} | form, headers=headers)

    def is_signed_in(self) -> bool:
        """Whether a page of one's own opens."""
        return self.get("/", follow=False).status_code == 200

    def _go(self, method: str, address: str, *, follow: bool = True, **more: Any) -> requests.Response:
        for _ in range(REDIRECTS):
            answer = self._ask(method, address, **more)
            found = REFRESH.search(answer.text)
            onward = answer.headers["Location"] if answer.is_redirect else unescape(found.group(1)) if found else None
            if not follow or onward is None:
                return answer
            method, address, more = "GET", urljoin(address, onward), {}
        raise AssertionError(f"no end of redirects at {address}")

    def _ask(self, method: str, address: str, **more: Any) -> requests.Response:
        ours = address.startswith(f"{self.base}/")
        headers = more.pop("headers", {})
        if ours and self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = requests.request(method, address, headers=headers, allow_redirects=False, timeout=SECONDS, **more)
        for line in answer.raw.headers.getlist("Set-Cookie") if ours else []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies.pop(name, None)
                if morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
        return answer
