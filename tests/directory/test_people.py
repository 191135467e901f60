"""What the directory says becomes the employee's: who somebody is, where they work, and that they left or came back."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from psycopg import sql

from portal.policies.rules import Workplace, is_for
from tests.directory.conftest import ENTERPRISE, PEOPLE, Knocking, audience, patch, user
from tests.provider.browser import sign_in
from tests.provider.server import HostileProvider

PLACE = {"locality": "Berlin", "country": "de"}


def unique(name: str = "amira") -> str:
    return f"{name}-{uuid4()}"


def test_a_person_of_the_directory_is_an_employee_with_a_place(directory: Knocking) -> None:
    name = unique()
    mails = [{"value": "home@x.example", "type": "home"}, {"value": f"{name}@x.example", "type": "work"}]
    told = directory.create(name, department="Engineering", place=PLACE, emails=mails, title="Dr.", password="hunter2")
    found = directory.employee(told["id"], "subject, name, email, site, department, country, left_at")
    assert found == (f"id-{name}", name.title(), f"{name}@x.example", "Berlin", "Engineering", "DE", None)
    assert "hunter2" not in directory.send("GET", f"{PEOPLE}/{told['id']}").text
    kept = directory.superuser.execute("SELECT resource::text FROM directory_entry WHERE user_name = %s", [name])
    assert "hunter2" not in str(kept.fetchall())


def test_who_signed_in_before_keeps_the_account(
    directory: Knocking, scim_app: Flask, provider: HostileProvider
) -> None:
    name = unique()
    browser = sign_in(scim_app, provider, f"id-{name}", name="Amira K.")
    told = directory.create(name, department="Sales", place=PLACE)
    (site,) = directory.employee(told["id"], "site")
    assert site == "Berlin"
    assert browser.get("/").status_code == 200
    sign_in(scim_app, provider, f"id-{name}")
    count = directory.superuser.execute("SELECT count(*) FROM employee WHERE subject = %s", [f"id-{name}"]).fetchone()
    assert count == (1,)


def test_who_is_in_the_directory_first_finds_the_place_at_the_first_sign_in(
    directory: Knocking, scim_app: Flask, provider: HostileProvider
) -> None:
    name = unique()
    told = directory.create(name, department="Sales")
    sign_in(scim_app, provider, f"id-{name}")
    sessions = directory.superuser.execute("SELECT count(*) FROM login_session WHERE employee_id = %s", [told["id"]])
    assert sessions.fetchone() == (1,)
    assert directory.employee(told["id"], "department") == ("Sales",)


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": f"{ENTERPRISE}:department", "value": "Legal"},
        {"op": "Replace", "value": {f"{ENTERPRISE}:department": "Legal"}},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Legal"},
    ],
)
def test_a_move_arrives_however_the_directory_words_it(directory: Knocking, operation: dict[str, Any]) -> None:
    told = directory.create(unique(), department="Sales", place=PLACE)
    answer = directory.send("PATCH", f"{PEOPLE}/{told['id']}", patch(operation))
    assert answer.status_code in {200, 204}, answer.text
    assert directory.employee(told["id"], "department, site") == ("Legal", "Berlin")


def test_P03_a_name_in_another_form_is_covered_by_the_policy_for_that_site(directory: Knocking) -> None:
    place = {"locality": "Mu\u0308nchen  Su\u0308d\u200b", "country": " de"}
    told = directory.create(unique(), department="Sa\u0308le", place=place)
    assert directory.employee(told["id"], "site, department, country") == ("München Süd", "Säle", "DE")
    operation = {"op": "Add", "path": 'addresses[type eq "work"].locality', "value": "\tMu\u0308nchen Su\u0308d "}
    assert directory.send("PATCH", f"{PEOPLE}/{told['id']}", patch(operation)).status_code in {200, 204}
    assert is_for(audience(), Workplace(*directory.employee(told["id"], "site, department, country")))
    count = "SELECT count(*) FROM notification WHERE kind = 'moved' AND employee_id = %s"
    assert directory.superuser.execute(count, [told["id"]]).fetchone() == (0,)


def test_who_had_a_place_is_told_of_another_and_of_nothing_else(
    directory: Knocking, scim_app: Flask, provider: HostileProvider
) -> None:
    name = unique()
    told = directory.create(name)
    browser = sign_in(scim_app, provider, f"id-{name}")
    count = "SELECT count(*) FROM notification WHERE kind = 'moved' AND employee_id = %s"
    for change, expected in (
        ({"addresses": [{"locality": "Bonn"}]}, 0),
        ({"displayName": "Amira Kaya"}, 0),
        ({"addresses": [{"locality": "Berlin"}]}, 1),
        ({"active": False, "addresses": [{"locality": "Hamburg"}]}, 2),
        ({"active": True}, 2),
    ):
        told = told | change
        assert directory.send("PUT", f"{PEOPLE}/{told['id']}", told).status_code == 200
        assert directory.superuser.execute(count, [told["id"]]).fetchone() == (expected,)
        assert ("you work somewhere else now" in browser.get("/").text) == bool(expected)
        directory.superuser.rollback()
    kinds = (
        "SELECT action, actor_role FROM audit_entry WHERE employee_id = %s AND action LIKE 'employee.%%' ORDER BY id"
    )
    acts = ["employee.moved", "employee.left", "employee.moved", "employee.returned"]
    assert directory.superuser.execute(kinds, [told["id"]]).fetchall() == [(act, "directory") for act in acts]
    assert "you have left" in browser.get("/").text
    assert "you work here again" in browser.get("/").text


def test_an_address_that_a_filter_describes_is_made(directory: Knocking) -> None:
    """As Entra ID asks for it."""
    told = directory.create(unique())
    operation = {"op": "Add", "path": 'addresses[type eq "work"].locality', "value": "Hamburg"}
    assert directory.send("PATCH", f"{PEOPLE}/{told['id']}", patch(operation)).status_code in {200, 204}
    assert directory.employee(told["id"], "site") == ("Hamburg",)


@pytest.mark.parametrize("value", [False, "False"])
def test_S06_who_left_keeps_their_pages_and_has_no_role(
    directory: Knocking, scim_app: Flask, provider: HostileProvider, value: Any
) -> None:
    name = unique("hana")
    browser = sign_in(scim_app, provider, f"id-{name}", groups=["HR team"])
    assert browser.get("/hr").status_code == 200
    told = directory.create(name)
    leaving = patch({"op": "Replace", "path": "active", "value": value})
    answer = directory.send("PATCH", f"{PEOPLE}/{told['id']}", leaving)
    assert answer.status_code in {200, 204}, answer.text
    assert directory.employee(told["id"], "left_at IS NOT NULL") == (True,)
    assert browser.get("/hr").status_code == 403
    held = directory.superuser.execute("SELECT role FROM role_grant WHERE employee_id = %s", [told["id"]]).fetchall()
    assert held == []
    assert browser.get("/data").status_code == 200


def test_a_deletion_means_that_somebody_left_and_a_new_entry_that_they_are_back(directory: Knocking) -> None:
    name = unique()
    told = directory.create(name, department="Sales")
    assert directory.send("DELETE", f"{PEOPLE}/{told['id']}").status_code == 204
    assert directory.send("GET", f"{PEOPLE}/{told['id']}").status_code == 404
    assert directory.employee(told["id"], "left_at IS NOT NULL, department") == (True, "Sales")
    again = directory.create(name, department="Legal")
    assert again["id"] == told["id"]
    assert directory.employee(told["id"], "left_at, department") == (None, "Legal")


def test_the_day_of_leaving_stays_when_the_directory_says_it_twice(directory: Knocking) -> None:
    told = directory.create(unique(), active=False)
    first = directory.employee(told["id"], "left_at")
    changed = told | {"displayName": "Another", "active": False}
    assert directory.send("PUT", f"{PEOPLE}/{told['id']}", changed).status_code == 200
    assert directory.employee(told["id"], "left_at") == first
    assert directory.employee(told["id"], "name") == ("Another",)


def test_leaving_and_moving_are_told_to_the_gateway(directory: Knocking) -> None:
    told = directory.create(unique())
    superuser, device = directory.superuser, uuid4()
    superuser.execute(
        "INSERT INTO device (id, employee_id, kind, name, platform, public_key) "
        "VALUES (%s, %s, 'collector', 'L', 'linux', %s)",
        [device, told["id"], device.bytes],
    )
    superuser.commit()
    with psycopg.connect(superuser.info.dsn, password=superuser.info.password, autocommit=True) as listener:
        (channel,) = listener.execute("SELECT wake_channel('device')").fetchone() or ("",)
        listener.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        for change in ({"displayName": "Quiet"}, {"addresses": [{"locality": "Bonn"}]}, {"active": False}):
            told = told | change
            assert directory.send("PUT", f"{PEOPLE}/{told['id']}", told).status_code == 200
        heard = [one.payload for one in listener.notifies(timeout=5, stop_after=2)]
    assert heard == [str(device)] * 2


def test_an_expert_of_the_works_council_is_nobody_who_works_here(directory: Knocking) -> None:
    name = unique("expert")
    directory.superuser.execute(
        "INSERT INTO expert_seat (id, account, name, task, starts_at, ends_at) "
        "VALUES (gen_random_uuid(), %s, 'E', 'p', now(), now() + interval '1 day')",
        [f"id-{name}"],
    )
    directory.superuser.commit()
    answer = directory.send("POST", "/Users", user(name))
    assert (answer.status_code, answer.get_json()["scimType"]) == (409, "uniqueness")
    found = directory.superuser.execute("SELECT count(*) FROM employee WHERE subject = %s", [f"id-{name}"])
    assert found.fetchone() == (0,)
