"""The cast of the officer's desk, and forms filled in as a browser fills them in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import psycopg
import pytest
from werkzeug.test import TestResponse

from tests.policies import leftovers
from tests.web_client import Browser

Superuser = psycopg.Connection[tuple[Any, ...]]
DESK = "/officer/policies"
Filled = dict[str, list[str]]


class _Fields(HTMLParser):
    """What a browser would send of the form with this action: what is filled in, ticked and chosen."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.area, self.choice = action, False, "", ""
        self.found: Filled = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("action", "").endswith(self.action) and given.get("method") == "post"
        if not self.inside:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "input" and name and (kind not in {"checkbox", "radio", "file"} or "checked" in given):
            self.found.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea":
            self.area = name
            self.found[name] = [""]
        elif tag == "select":
            self.choice = name
        elif tag == "option" and "selected" in given:
            self.found[self.choice] = [given["value"]]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area][0] += data


def fields(page: str, action: str) -> Filled:
    """Name → values of the form whose action ends so."""
    reader = _Fields(action)
    reader.feed(page)
    reader.found.pop("csrf_token", None)
    return reader.found


@dataclass
class Office:
    """Omar and Olga are of the privacy office; the others may not write policies."""

    superuser: Superuser
    browse: Callable[[UUID | None], Browser]
    people: dict[str, UUID]
    browsers: dict[str, Browser] = field(default_factory=dict)

    def as_(self, name: str) -> Browser:
        """A browser of this person, kept for the test; '' is nobody."""
        if name not in self.browsers:
            self.browsers[name] = self.browse(self.people.get(name))
        return self.browsers[name]

    def draft(self, title: str = "Fewer screenshots", source: str = "1") -> str:
        """A new draft of Omar's; its address."""
        answer = self.as_("omar").post(DESK, {"title": title, "source": source})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"]).removesuffix("/edit")

    def form(self, path: str, who: str = "omar") -> Filled:
        """The draft's form as it is drawn now."""
        answer = self.as_(who).get(f"{path}/edit")
        assert answer.status_code == 200, answer.text
        return fields(answer.text, "/edit")

    def save(self, path: str, who: str = "omar", /, **changed: Any) -> TestResponse:
        """Save the form with some fields changed; `__` in a name stands for a dot."""
        filled: dict[str, Any] = dict(self.form(path, who))
        filled |= {name.replace("__", "."): value for name, value in changed.items()}
        return self.as_(who).post(f"{path}/edit", {name: value for name, value in filled.items() if value is not None})

    def act(self, path: str, act: str, who: str = "omar") -> TestResponse:
        """Press a button of the draft's page."""
        return self.as_(who).post(f"{path}/{act}", {"seen": str(self.row(path)["revision"])})

    def row(self, path: str) -> dict[str, Any]:
        """The draft as it is stored."""
        cursor = self.superuser.execute("SELECT * FROM policy_draft WHERE id = %s", [path.rpartition("/")[2]])
        found = cursor.fetchone()
        self.superuser.rollback()
        assert found
        assert cursor.description
        return dict(zip([column.name for column in cursor.description], found, strict=True))

    def logged(self, path: str) -> list[str]:
        """What the audit log holds of the draft."""
        rows = self.superuser.execute(
            "SELECT action || ' by ' || actor_role FROM audit_entry WHERE object_id = %s ORDER BY id",
            [path.rpartition("/")[2]],
        ).fetchall()
        self.superuser.rollback()
        return [str(row[0]) for row in rows]


@pytest.fixture
def office(superuser: Superuser, person: Callable[..., UUID], browse: Callable[[UUID | None], Browser]) -> Office:
    """The desk with its people, and no draft of another test."""
    superuser.execute("DELETE FROM policy_draft")
    names = {
        "amira": "Amira Kaya",
        "hana": "Hana Berg",
        "clara": "Clara Voss",
        "omar": "Omar Haddad",
        "olga": "Olga Kern",
    }
    people = {short: person(name, country="DE", department="Engineering") for short, name in names.items()}
    roles = {"hana": "hr", "clara": "works_council", "omar": "privacy_officer", "olga": "privacy_officer"}
    for who, role in roles.items():
        superuser.execute("INSERT INTO role_grant (employee_id, role) VALUES (%s, %s)", [people[who], role])
    superuser.commit()
    return Office(superuser, browse, people)


@pytest.fixture(autouse=True)
def _gone(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test publishes or leaves open is gone after it, so that no other test obeys it."""
    superuser: Superuser | None = request.getfixturevalue("superuser") if "superuser" in request.fixturenames else None
    yield
    if superuser is not None:
        leftovers.forget(superuser)
