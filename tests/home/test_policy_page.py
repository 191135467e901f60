"""/policy: what a device collects now and what it does not, made from that device's own permit and policy."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask

from portal.agents.rules import DeviceFacts
from portal.core import clock
from portal.home.policy_page import lines
from portal.policies.default_policy import default_policy
from tests.cast import Organisation
from tests.web_client import Browser
from wire.documents import Kind, document_hash

NOW = clock.now()
POLICY = default_policy(clock.to_ms(NOW - timedelta(days=1)))
ALL = {str(kind): tuple(contexts) for kind, contexts in POLICY.permitted().items()}
NAMES = {context.id: context.name for context in POLICY.contexts}
PERMIT = DeviceFacts(uuid4(), "ThinkPad", True, NOW, NOW + timedelta(minutes=1), ALL, POLICY.version)


@pytest.fixture(autouse=True)
def english(app: Flask) -> Any:
    with app.test_request_context("/policy", headers={"Accept-Language": "en"}):
        yield


def shown(fact: DeviceFacts, *, halted: bool = False) -> tuple[dict[str, list[str]], list[tuple[str, str]], str]:
    """Kind → apps collected; (what, why) that the person's pauses hold back; why nothing is collected."""
    told = lines(POLICY, fact, [], NOW, halted=halted)
    held = [(line.text, line.rule) for line in told["not_collected"] if line.rule == "paused by you"]
    return {line.kind: line.contexts for line in told["collected"]}, held, told["nothing"]


def test_a_permit_for_everything_shows_every_rule_with_its_apps() -> None:
    collected, held, _ = shown(PERMIT)
    assert collected == {rule.kind: [NAMES[context] for context in rule.contexts] for rule in POLICY.rules}
    assert held == []


def test_what_is_paused_is_not_collected_now_and_says_by_whom() -> None:
    left = {kind: tuple(name for name in names if name != "outlook") for kind, names in ALL.items()}
    del left[Kind.SCREENSHOT]
    collected, held, _ = shown(replace(PERMIT, permitted=left))
    assert Kind.SCREENSHOT not in collected
    assert all("Outlook" not in apps for apps in collected.values())
    assert ("Screenshots", "paused by you") in held
    assert ("What you type in Outlook", "paused by you") in held


@pytest.mark.parametrize(
    ("change", "halted", "why"),
    [
        ({"lease_until": NOW - timedelta(seconds=1)}, False, "Nothing. This device has no permit to record."),
        ({"lease_until": None, "permitted": {}}, False, "Nothing. This device has no permit to record."),
        ({"permitted": {}}, False, "Nothing. You paused everything."),
        ({"permitted": {}}, True, "Nothing. Recording is stopped for all."),
        ({}, True, "Nothing. Recording is stopped for all."),
    ],
)
def test_a_device_that_collects_nothing_says_why(change: dict[str, Any], *, halted: bool, why: str) -> None:
    collected, held, said = shown(replace(PERMIT, **change), halted=halted)
    assert (collected, held, said) == ({}, [], why)


def test_P07_the_own_list_names_what_devices_can_match_by_app_where_it_has_one() -> None:
    own = ["code", "Code", "union.example", "https://wiki.example/"]
    told = lines(POLICY, PERMIT, own, NOW, halted=False)["not_collected"]
    said = [line.text for line in told if line.rule == "your own list"]
    assert said == ["Visual Studio Code: code, Code", "union.example"]


def test_a_policy_that_permits_nothing_is_no_pause() -> None:
    told = lines(replace(POLICY, rules=()), replace(PERMIT, permitted={}), [], NOW, halted=False)
    assert told["nothing"] == "Nothing. This device has no permit to record."


def test_the_page_is_made_from_the_permit_of_the_device(
    browse: Callable[[UUID | None], Browser],
    superuser: psycopg.Connection[tuple[object, ...]],
    person: Callable[..., UUID],
    organisation: Organisation,
) -> None:
    amira, device = person("Amira Kaya"), uuid4()
    superuser.execute(
        "INSERT INTO device (id, employee_id, kind, name, public_key, last_seen_at) "
        "VALUES (%s, %s, 'collector', 'ThinkPad', %s, now())",
        [device, amira, device.bytes * 2],
    )
    superuser.execute(
        "INSERT INTO lease_span (id, employee_id, devices, policy, directive, key_id, permitted, started_at, "
        """valid_until) VALUES (%s, %s, %s, %s, 1, %s, '{"key": ["vscode"]}', now(), now() + interval '1 hour')""",
        [uuid4(), amira, [device], document_hash(organisation.policy()), uuid4()],
    )
    superuser.commit()
    page = browse(amira).get("/policy").text
    collected, _, rest = page.partition("<h3>Not collected</h3>")
    assert "<strong>Keyboard</strong>" in collected
    assert "in Visual Studio Code<br>" in collected
    assert "<strong>Screenshots</strong>" not in collected
    assert "Screenshots <span" in rest
