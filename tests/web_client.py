"""A browser without JavaScript for tests of pages: signed in as one person, same origin, with the CSRF token."""

import hashlib
import re
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
from flask import Flask
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.web.state import STATEMENTS_HEADER
from portal.identity.queries import SESSION_COOKIE

BASE = "https://localhost"


class Browser:
    """GET and POST as `person`; `base` must equal PORTAL_BASE_URL."""

    def __init__(self, app: Flask, token: str | None, base: str) -> None:
        self._client = app.test_client()
        self._base = base
        if token:
            self._client.set_cookie(SESSION_COOKIE, token, domain="localhost", secure=True)

    def hold(self, name: str, value: str) -> None:
        """Keep a cookie, as if the portal had set it."""
        self._client.set_cookie(name, value, domain="localhost", secure=True)

    def get(self, path: str, **options: object) -> TestResponse:
        """GET a page."""
        return self._client.get(path, base_url=self._base, **options)

    def post(
        self, path: str, data: dict[str, object] | None = None, page: str = "/about", **options: object
    ) -> TestResponse:
        """POST a form as its page would: with Origin and the CSRF token of `page`."""
        form = {"csrf_token": self._token(page)} | (data or {})
        return self._client.post(path, data=form, base_url=self._base, headers=self._headers(), **options)

    def post_json(self, path: str, data: object) -> TestResponse:
        """POST JSON as a script of ours would: with Origin and the CSRF token in a header."""
        headers = self._headers() | {"X-CSRFToken": self._token("/about")}
        return self._client.post(path, json=data, base_url=self._base, headers=headers)

    def _headers(self) -> dict[str, str]:
        return {"Origin": self._base, "Sec-Fetch-Site": "same-origin", "Referer": f"{self._base}/"}

    def _token(self, page: str) -> str:
        drawn = self.get(page).get_data(as_text=True)
        found = re.search(r'name="csrf-token" content="([^"]+)"', drawn)
        assert found, drawn[:500]
        return found.group(1)


def sign_in(connection: psycopg.Connection[tuple[object, ...]], person: UUID) -> str:
    """A live session for `person`, made as superuser; the cookie's value."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    connection.execute(
        "INSERT INTO login_session (id, employee_id, token_hash, issuer, subject, auth_time, expires_at) "
        "VALUES (%s, %s, %s, 'https://sso.example', %s, %s, %s)",
        (uuid4(), person, hashlib.sha256(token.encode()).digest(), str(person), now, now + timedelta(hours=1)),
    )
    connection.commit()
    return token


def statements(answer: TestResponse) -> int:
    """How many SQL statements the request took."""
    return int(answer.headers[STATEMENTS_HEADER])
