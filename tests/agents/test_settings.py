"""Devices on the settings page: refusals first, then add, rename, remove, exclude."""

import shlex
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from portal.agents.actions import code_hash
from portal.agents.rules import CODE_ALPHABET, at_site, new_code
from portal.agents.views import MOST_DEVICES
from portal.core.db import Database
from portal.core.vault_client import VaultClient
from tests.web_client import Browser

Superuser = psycopg.Connection[tuple[Any, ...]]
Browse = Callable[[UUID | None], Browser]


def _device(superuser: Superuser, person: UUID, name: str = "ThinkPad") -> UUID:
    device = uuid4()
    superuser.execute(
        "INSERT INTO device (id, employee_id, kind, name, public_key) VALUES (%s, %s, 'collector', %s, %s)",
        [device, person, name, uuid4().bytes * 2],
    )
    superuser.commit()
    return device


@pytest.mark.parametrize("act", ["rename", "remove"])
def test_a_strangers_device_is_not_there(
    act: str, browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    device = _device(superuser, person("Amira Kaya"))
    answer = browse(person("Ben Okafor")).post(f"/settings/devices/{device}/{act}", {"name": "mine now"})
    assert answer.status_code == 404


def test_who_has_left_keeps_the_page_and_adds_no_device(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    gone = person("Amira Kaya")
    superuser.execute("UPDATE employee SET left_at = now() WHERE id = %s", [gone])
    superuser.commit()
    browser = browse(gone)
    assert browser.get("/settings").status_code == 200
    assert browser.post("/settings/devices", {"name": "ThinkPad", "kind": "opamp"}).status_code == 403


@pytest.mark.parametrize("name", ["", " ", "x" * 81])
def test_a_device_needs_a_name(name: str, browse: Browse, person: Callable[..., UUID]) -> None:
    answer = browse(person("Amira Kaya")).post("/settings/devices", {"name": name, "kind": "opamp"})
    assert answer.status_code == 422
    assert "at most 80 letters" in answer.get_data(as_text=True)


def test_a_devices_name_turns_no_writing_around(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    assert browser.post("/settings/devices", {"name": "Think\u202ePad\u2066\x07", "kind": "opamp"}).status_code == 200
    (device, name) = superuser.execute("SELECT id, name FROM device WHERE employee_id = %s", [amira]).fetchone() or ()
    assert name == "ThinkPad"
    browser.post(f"/settings/devices/{device}/rename", {"name": "Work\u202d\u200f"})
    assert superuser.execute("SELECT name FROM device WHERE id = %s", [device]).fetchone() == ("Work",)
    assert browser.post("/settings/devices", {"name": "\u202e", "kind": "opamp"}).status_code == 422


def test_without_the_vault_no_code_is_given(browse: Browse, person: Callable[..., UUID], superuser: Superuser) -> None:
    amira = person("Amira Kaya")
    answer = browse(amira).post("/settings/devices", {"name": "ThinkPad", "kind": "collector"})
    assert answer.status_code == 503
    assert "The vault does not answer" in answer.get_data(as_text=True)
    assert superuser.execute("SELECT FROM enrolment_code WHERE employee_id = %s", [amira]).fetchone() is None


def test_an_opamp_client_gets_its_token_once(browse: Browse, person: Callable[..., UUID], superuser: Superuser) -> None:
    amira = person("Amira Kaya")
    browser = browse(amira)
    page = browser.post("/settings/devices", {"name": "Sidecar", "kind": "opamp"}).get_data(as_text=True)
    assert "/v1/opamp" in page
    assert "whoever has it can answer in this device" in page
    assert "It captures nothing." in page
    assert "it records what the policy permits" not in page
    row = superuser.execute("SELECT name, bearer_hash FROM device WHERE employee_id = %s", [amira]).fetchone()
    assert row is not None
    assert row[0] == "Sidecar"
    assert row[1].hex() not in page
    assert "Sidecar" in browser.get("/settings").get_data(as_text=True)
    start = browser.get("/").get_data(as_text=True)
    assert "What you have added only learns the policy and captures nothing." in start
    assert "No device of yours is known" not in start, "it stands below"


@pytest.mark.parametrize(
    "site",
    ["Berlin", "Zürich-Oerlikon", "St. Gallen", 'x"; rm -rf ~; "', "$(id)", "`id`", "a\\", "it's", "-x", "a!b", " "],
)
def test_the_command_names_the_site_and_runs_nothing_else(site: str) -> None:
    assert shlex.split("enrol" + at_site(site)) == ["enrol", f"--site={site}"]
    assert at_site(None) == at_site("") == ""


def test_a_new_device_is_told_its_site(
    browse: Browse, person: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    amira = person("Amira Kaya", site="Zürich")
    monkeypatch.setattr(VaultClient, "ensure_key", lambda *_: None)
    page = browse(amira).post("/settings/devices", {"name": "Laptop", "kind": "collector"}).get_data(as_text=True)
    assert "--site=&#34;Zürich&#34;" in page


def test_rename_and_remove(browse: Browse, person: Callable[..., UUID], superuser: Superuser) -> None:
    amira = person("Amira Kaya")
    device = _device(superuser, amira)
    browser = browse(amira)
    browser.post(f"/settings/devices/{device}/rename", {"name": "Kitchen laptop"})
    assert "Kitchen laptop" in browser.get("/settings").get_data(as_text=True)
    browser.post(f"/settings/devices/{device}/remove")
    page = browser.get("/settings").get_data(as_text=True)
    assert "Kitchen laptop is removed." in page
    assert f"/settings/devices/{device}" not in page


def test_exclusions_are_kept_and_take_the_next_directive_number(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    _device(superuser, amira)
    browser = browse(amira)
    browser.post("/settings/exclusions", {"exclusions": "Diary\n\nunion.example\nDiary"})
    row = superuser.execute("SELECT exclusions, directive_number FROM employee WHERE id = %s", [amira]).fetchone()
    assert row == (["Diary", "union.example"], 1)
    assert "union.example" in browser.get("/policy").get_data(as_text=True)


def test_a_code_is_the_same_however_it_is_typed() -> None:
    code = new_code()
    assert code_hash(code) == code_hash(code.replace("-", " ").lower())
    assert code_hash(code) != code_hash(new_code())
    assert len(CODE_ALPHABET) ** len(code.replace("-", "")) > 2**128


def test_two_changes_at_once_get_two_numbers(database: Database, person: Callable[..., UUID], browse: Browse) -> None:
    amira = person("Amira Kaya")
    first, second = browse(amira), browse(amira)
    first.post("/settings/exclusions", {"exclusions": "a"})
    second.post("/settings/exclusions", {"exclusions": "b"})
    with database.transaction("web_employee", amira) as session:
        row = session.connection().exec_driver_sql("SELECT exclusions, directive_number FROM employee").one()
    assert tuple(row) == (["b"], 2)


def test_R04_one_person_has_twenty_devices(browse: Browse, person: Callable[..., UUID], superuser: Superuser) -> None:
    amira = person("Amira Kaya")
    devices = [_device(superuser, amira, f"Laptop {number}") for number in range(MOST_DEVICES)]
    browser = browse(amira)
    answer = browser.post("/settings/devices", {"name": "One more", "kind": "opamp"})
    assert answer.status_code == 409
    assert "You have 20 devices" in answer.get_data(as_text=True)
    browser.post(f"/settings/devices/{devices[0]}/remove")
    assert browser.post("/settings/devices", {"name": "One more", "kind": "opamp"}).status_code == 200


def test_a_removed_devices_own_pauses_end(browse: Browse, person: Callable[..., UUID], superuser: Superuser) -> None:
    amira = person("Amira Kaya")
    device, pause = _device(superuser, amira), uuid4()
    superuser.execute(
        "INSERT INTO pause (id, employee_id, device_id, source, number, starts_at) "
        "VALUES (%s, %s, %s, 'device', 1, now())",
        [pause, amira, device],
    )
    superuser.commit()
    browse(amira).post(f"/settings/devices/{device}/remove")
    ended = superuser.execute("SELECT ended_number FROM pause WHERE id = %s", [pause]).fetchone()
    assert ended == (1,)


def test_P06_another_time_zone_reaches_every_device_with_the_next_directive(
    browse: Browse, person: Callable[..., UUID], superuser: Superuser
) -> None:
    amira = person("Amira Kaya")
    device, browser = _device(superuser, amira), browse(amira)
    with psycopg.connect(superuser.info.dsn, password=superuser.info.password, autocommit=True) as heard:
        (channel,) = heard.execute("SELECT wake_channel('device')").fetchone() or ("",)
        heard.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        for zone in ("Asia/Tokyo", "Asia/Tokyo"):
            form: dict[str, object] = {"language": "en", "timezone": zone, "theme": ""}
            assert browser.post("/settings/preferences", form).status_code == 303
        told = [UUID(note.payload) for note in heard.notifies(timeout=5, stop_after=1)]
    known = superuser.execute("SELECT timezone, directive_number FROM employee WHERE id = %s", [amira]).fetchone()
    assert (known, told) == (("Asia/Tokyo", 1), [device])
