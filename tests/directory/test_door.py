"""Who has no token gets nothing, and what cannot be right changes nothing and says why."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from portal.core import clock
from portal.core.db import Database
from portal.sources import queries
from portal.sources.connectors.base import Reason, RefusedError, SubjectKind
from portal.sources.models import Dataset
from tests.directory.conftest import PEOPLE, Knocking, patch, user

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("token", [None, "", "wrong", "t0ken-of-the-directory-0123456789abcdeF", "ümläut"])
@pytest.mark.parametrize("method", METHODS)
def test_S14_without_the_token_nothing_is_said(directory: Knocking, method: str, token: str | None) -> None:
    directory.token = token
    answer = directory.send(method, "/Users", user("x") if method == "POST" else None)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "Resources" not in answer.text


def test_S14_a_session_opens_nothing_and_without_the_setting_there_is_no_door(
    directory: Knocking, make_app: Callable[..., Flask]
) -> None:
    directory.app = make_app()
    assert directory.send("GET", "/Users").status_code == 404


def test_the_answer_is_for_nobody_elses_memory(directory: Knocking) -> None:
    answer = directory.send("GET", "/Users?count=1")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"schemas": []}', 400),
        (b"\xff\xfe", 400),
        (user("x") | {"userName": ""}, 400),
        (user("x") | {"externalId": None}, 400),
        (user("x") | {"externalId": "a" * 300}, 400),
        (user("x") | {"externalId": "a\nb"}, 400),
        (user("x") | {"displayName": "nul\0"}, 400),
        (user("x") | {"displayName": "\ud800"}, 400),
        (user("x") | {"addresses": [{"locality": "l" * 300}]}, 400),
        (user("x") | {"addresses": "Berlin"}, 400),
        (user("x") | {"active": "perhaps"}, 400),
        (user("x", department="nul\0"), 400),
    ],
)
def test_what_cannot_be_right_is_refused(directory: Knocking, body: Any, status: int) -> None:
    before = directory.superuser.execute("SELECT count(*) FROM employee").fetchone()
    answer = directory.send("POST", "/Users", body)
    assert answer.status_code == status, answer.text
    assert answer.get_json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    directory.superuser.rollback()
    assert directory.superuser.execute("SELECT count(*) FROM employee").fetchone() == before


def test_two_people_cannot_be_one(directory: Knocking) -> None:
    first, second = (directory.create(f"p-{uuid4()}") for _ in range(2))
    answer = directory.send("PUT", f"{PEOPLE}/{second['id']}", second | {"userName": first["userName"].upper()})
    assert (answer.status_code, answer.get_json()["scimType"]) == (409, "uniqueness")
    again = directory.send("POST", "/Users", user(f"q-{uuid4()}") | {"externalId": first["externalId"]})
    assert again.status_code == 409
    assert directory.employee(second["id"], "subject") == (second["externalId"],)


@pytest.mark.parametrize("operation", ["replace", "add"])
def test_S14_an_entry_never_leads_to_another_account(directory: Knocking, operation: str) -> None:
    """Else whoever has the token would put the own `sub` onto somebody's row, and read what is theirs."""
    amira, mallory = (directory.create(f"{name}-{uuid4()}") for name in ("amira", "mallory"))
    assert directory.send("DELETE", f"{PEOPLE}/{mallory['id']}").status_code == 204
    stolen = {"op": operation, "path": "externalId", "value": mallory["externalId"]}
    answer = directory.send("PATCH", f"{PEOPLE}/{amira['id']}", patch(stolen))
    assert (answer.status_code, answer.get_json()["scimType"]) == (400, "mutability")
    answer = directory.send("PUT", f"{PEOPLE}/{amira['id']}", amira | {"externalId": f"new-{uuid4()}"})
    assert (answer.status_code, answer.get_json()["scimType"]) == (400, "mutability")
    assert directory.employee(amira["id"], "subject") == (amira["externalId"],)


def test_the_directory_says_whose_an_address_is_and_each_change_is_told(directory: Knocking) -> None:
    mail, new = (f"{name}-{uuid4()}@x.example" for name in ("amira", "kaya"))
    amira = directory.create(f"amira-{uuid4()}", emails=[{"value": mail}])
    changed = amira | {"emails": [{"value": new}]}
    assert directory.send("PUT", f"{PEOPLE}/{amira['id']}", changed).status_code == 200
    assert directory.employee(amira["id"], "email, former_emails") == (new, [mail])
    told = "SELECT kind, params->>'address' FROM notification WHERE employee_id = %s"
    assert directory.superuser.execute(f"{told} ORDER BY created_at", [amira["id"]]).fetchall() == [
        ("address_changed", mail), ("address_changed", new)
    ]  # fmt: skip
    mailed = "SELECT employee_id FROM outbox WHERE address = %s AND kind = 'address_changed'"
    assert directory.superuser.execute(mailed, [mail]).fetchall() == [(None,)], "under the old one, too"
    assert directory.superuser.execute(mailed, [new]).fetchall() == []
    log = "SELECT actor_role FROM audit_entry WHERE employee_id = %s AND action = 'employee.address_changed'"
    assert directory.superuser.execute(log, [amira["id"]]).fetchall() == [("directory",)] * 2
    assert directory.send("PUT", f"{PEOPLE}/{amira['id']}", amira | {"emails": []}).status_code == 200
    assert directory.employee(amira["id"], "email") == (new,)


def test_R03_an_address_given_to_two_people_finds_rows_for_neither(directory: Knocking, database: Database) -> None:
    """Else whoever has the token would point somebody at a colleague's rows. HR says whose it is."""
    mail = f"amira-{uuid4()}@x.example"
    amira = directory.create(f"amira-{uuid4()}", emails=[{"value": mail}])
    ghost = directory.create(f"ghost-{uuid4()}", emails=[{"value": mail.upper()}])
    dataset = Dataset(location="events", subject_column="mail", subject_kind=SubjectKind.EMAIL)
    for one in (amira, ghost):
        with database.transaction("worker") as session, pytest.raises(RefusedError) as refused:
            queries.targets(session, UUID(one["id"]), dataset, clock.now())
        assert refused.value.reason is Reason.CONTESTED


@pytest.mark.parametrize(
    "path", [f"{PEOPLE}/none", f"{PEOPLE}/{UUID(int=7)}", "/Groups", "/Nothing/else", "/Bulk", "/Me"]
)
def test_what_is_not_there_is_not_there(directory: Knocking, path: str) -> None:
    assert directory.send("GET", path).status_code in {404, 405, 501}


def test_an_old_version_does_not_overwrite_a_newer_one(directory: Knocking) -> None:
    told = directory.create(f"v-{uuid4()}")
    tag = told["meta"]["version"]
    changed = told | {"displayName": "Newer"}
    assert directory.send("PUT", f"{PEOPLE}/{told['id']}", changed, **{"If-Match": tag}).status_code == 200
    late = directory.send("PUT", f"{PEOPLE}/{told['id']}", told | {"displayName": "Late"}, **{"If-Match": tag})
    assert late.status_code == 412
    assert directory.employee(told["id"], "name") == ("Newer",)


@pytest.mark.parametrize(
    "wanted", ['userName eq "{0}"', 'externalId eq "id-{0}"', 'userName eq "{0}" and active eq true']
)
def test_a_filter_finds_one_person(directory: Knocking, wanted: str) -> None:
    name = f"f-{uuid4()}"
    told = directory.create(name)
    answer = directory.send("GET", f"/Users?filter={wanted.format(name)}")
    found = answer.get_json()
    assert (found["totalResults"], [one["id"] for one in found["Resources"]]) == (1, [told["id"]])


@pytest.mark.parametrize(
    "query",
    [
        "filter=userName eq",
        "filter=nothing eq 1",
        'filter=userName eq "a\\u0000"',
        'filter=userName eq "\\ud800"',
        "filter=" + " or ".join(["active pr"] * 400),
        "count=x",
        "startIndex=x",
        "sortBy=userName",
    ],
)
def test_a_wrong_question_is_told_so(directory: Knocking, query: str) -> None:
    assert directory.send("GET", f"/Users?{query}").status_code in {400, 403, 501}


def test_a_page_beyond_everybody_is_empty(directory: Knocking) -> None:
    page = directory.send("GET", "/Users?startIndex=99999999999999999999999&count=2").get_json()
    assert not page.get("Resources")


def test_people_come_page_by_page(directory: Knocking) -> None:
    made = {directory.create(f"n-{uuid4()}")["id"] for _ in range(5)}
    seen: list[str] = []
    while True:
        page = directory.send("GET", f"/Users?startIndex={len(seen) + 1}&count=2").get_json()
        if not page.get("Resources"):
            break
        seen += [one["id"] for one in page["Resources"]]
    assert made <= set(seen)
    assert len(seen) == len(set(seen)) == page["totalResults"]
