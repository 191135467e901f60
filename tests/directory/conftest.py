"""The portal with an open door for the directory, and whoever knocks."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.policies.default_policy import default_policy
from portal.policies.drafts import reading, writing
from tests.provider.fixtures import make_app, provider, running_provider, web_environment
from tests.wire.samples import NOW
from wire.policy import Audience

__all__ = ["make_app", "provider", "running_provider", "web_environment"]

TOKEN = "t0ken-of-the-directory-0123456789abcdef"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PEOPLE = "/Users"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass
class Knocking:
    """A directory: it sends what a test says."""

    app: Flask
    superuser: psycopg.Connection[Any]
    token: str | None = TOKEN

    def send(self, method: str, path: str, body: dict[str, Any] | bytes | None = None, **headers: str) -> TestResponse:
        """One request."""
        said = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        return self.app.test_client(use_cookies=False).open(
            f"/scim/v2{path}",
            method=method,
            headers=said | headers,
            base_url=self.app.extensions["daylight"].settings.base_url,
            data=json.dumps(body) if isinstance(body, dict) else body,
            content_type=None if body is None else "application/scim+json",
        )

    def create(self, name: str, **more: Any) -> dict[str, Any]:
        """A new person of the directory."""
        answer = self.send("POST", "/Users", user(name, **more))
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def employee(self, person: str | UUID, columns: str) -> tuple[Any, ...]:
        """Columns of the employee."""
        found = self.superuser.execute(f"SELECT {columns} FROM employee WHERE id = %s".encode(), [person]).fetchone()
        self.superuser.rollback()
        assert found is not None
        return tuple(found)


def user(name: str, **more: Any) -> dict[str, Any]:
    """A person as directories send one."""
    extended = {ENTERPRISE: {"department": more.pop("department")}} if "department" in more else {}
    place = {"addresses": [{"type": "work", "primary": True, **more.pop("place")}]} if "place" in more else {}
    told = {"userName": name, "externalId": f"id-{name}", "displayName": name.title(), "active": True}
    return {"schemas": [CORE, *extended], **told, **place, **extended, **more}


def audience() -> Audience:
    """Of a policy whose officer wrote the site in letters of two parts, and two blanks."""
    tree = writing.tree_of(default_policy(NOW))
    return reading.read(tree | {"audience": tree["audience"] | {"sites": ["Mu\u0308nchen  Süd"]}}).audience


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    """A PATCH of these operations."""
    return {"schemas": [PATCH], "Operations": list(operations)}


@pytest.fixture(scope="module")
def scim_app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(PORTAL_SCIM_TOKEN=TOKEN)


@pytest.fixture
def directory(scim_app: Flask, superuser: psycopg.Connection[Any]) -> Iterator[Knocking]:
    yield Knocking(scim_app, superuser)
    superuser.rollback()
