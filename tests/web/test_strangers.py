"""What belongs to somebody else does not exist (S11): every person against every object route."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal.identity.queries import hash_of
from tests.provider.browser import Browser
from tests.web.routes import SAFE, value_for

Superuser = psycopg.Connection[tuple[Any, ...]]
GROUPS = {"ben": [], "hana": ["HR team"], "clara": ["Works council"], "omar": ["Privacy office"]}

MAKERS = {
    "device_id": "INSERT INTO device (id, employee_id, kind, name, public_key) "
    "VALUES (%(id)s, %(owner)s, 'collector', 'ThinkPad', %(key)s)",
    "pause_id": "INSERT INTO pause (id, employee_id, source, number, starts_at) "
    "VALUES (%(id)s, %(owner)s, 'page', 1, now())",
    "request_id": "WITH its_step AS (INSERT INTO request_step (id, employee_id, request_id, store, chosen, state) "
    "VALUES (gen_random_uuid(), %(owner)s, %(id)s, 'daylight', '{}', 'done')) "
    "INSERT INTO request (id, employee_id, type, state, law, received_at, due_at) "
    "VALUES (%(id)s, %(owner)s, 'erase', 'open', 'gdpr', now(), now() + interval '30 days')",
    "step_id": "INSERT INTO request_step (id, employee_id, request_id, store, chosen, state) "
    "VALUES (%(id)s, %(owner)s, gen_random_uuid(), 'daylight', '{}', 'done')",
    "export_id": "INSERT INTO export_order (id, employee_id, ordered_at, expires_at, stores, language, timezone, "
    "key_id, wrapped_key, seal, state, finished_at) "
    "VALUES (%(id)s, %(owner)s, now(), now() + interval '1 hour', false, 'en', "
    "'UTC', %(id)s, '', '', 'failed', now())",
    "delegation_id": "INSERT INTO delegation (id, employee_id, delegate_id, delegate_name, types, expires_at) "
    "VALUES (%(id)s, %(owner)s, gen_random_uuid(), 'Somebody', '{erase}', now() + interval '1 day')",
    "draft_id": "INSERT INTO petition_draft (id, employee_id, title, demand, reasons, answerer, changed_at) "
    "VALUES (%(id)s, %(owner)s, 'Mine', '', '', 'employer', now())",
    "acting_id": "INSERT INTO delegation (id, employee_id, delegate_id, delegate_name, types, expires_at) "
    "SELECT %(id)s, id, %(owner)s, 'Somebody', '{erase}', now() + interval '1 day' FROM employee "
    "WHERE id <> %(owner)s LIMIT 1",
    "erasure_id": "INSERT INTO erasure (id, employee_id, asked_at, starts_at, ends_at, items, execute_after) "
    "VALUES (%(id)s, %(owner)s, now(), now() - interval '1 hour', now(), 0, now() + interval '10 minutes')",
    "segment_id": "INSERT INTO segment (employee_id, started_at, id, ended_at, local_day, device_id, seq, kind, "
    "context, counts, sensitivity, categories, policy, policy_version, lease_id, key_id, size, header, body) "
    "VALUES (%(owner)s, now(), %(id)s, now(), (now() AT TIME ZONE 'UTC')::date, %(id)s, 1, 'key', 'vscode',"
    " '{}', 1, '{}', '', 1, %(id)s, %(id)s, 1, '', '')",
    "session_id": "INSERT INTO login_session (id, employee_id, token_hash, issuer, subject, auth_time, expires_at) "
    "VALUES (%(id)s, %(owner)s, %(key)s, 'i', 's', now(), now() + interval '1 hour')",
    "shown_id": "WITH its_owner AS (SELECT id FROM employee WHERE id <> %(owner)s LIMIT 1), "
    "its_segment AS (INSERT INTO segment (employee_id, started_at, id, ended_at, local_day, device_id, seq, kind, "
    "context, counts, sensitivity, categories, policy, policy_version, lease_id, key_id, size, header, body) "
    "SELECT id, now(), %(id)s, now(), current_date, %(id)s, 1, 'key', 'vscode', '{}', 1, '{}', '', 1, %(id)s, "
    "%(id)s, 1, '', '' FROM its_owner) "
    "INSERT INTO shown_item (id, employee_id, segment_id, started_at, handle, named_at, bystander_id) "
    "SELECT %(id)s, id, %(id)s, now(), 'them', now(), %(owner)s FROM its_owner",
    "naming_id": "INSERT INTO shown_item (id, employee_id, segment_id, started_at, handle, named_at) "
    "VALUES (%(id)s, %(owner)s, %(id)s, now(), 'them', now())",
    "claim_id": "INSERT INTO shown_claim (id, employee_id, item_id, owner_id, segment_id, wish) "
    "VALUES (%(id)s, %(owner)s, %(id)s, %(id)s, %(id)s, 'restrict')",
    "notification_id": "INSERT INTO notification (id, employee_id, kind, reference, params) "
    "VALUES (%(id)s, %(owner)s, 'pause_ended', %(id)s::text, '{}')",
}
"""Name of an argument in an address → how its object comes to be. A new kind of object needs a line here."""
TABLES = {
    "device_id": "device",
    "pause_id": "pause",
    "request_id": "request",
    "step_id": "request_step",
    "export_id": "export_order",
    "delegation_id": "delegation",
    "acting_id": "delegation",
    "draft_id": "petition_draft",
    "erasure_id": "erasure",
    "segment_id": "segment",
    "session_id": "login_session",
    "notification_id": "notification",
    "shown_id": "shown_item",
    "naming_id": "shown_item",
    "claim_id": "shown_claim",
}


def object_rules(app: Flask) -> list[Rule]:
    """Every route whose address names an object of the person who asks.

    Those of desks have tests of their own; a stop or a store is the organisation's: tests/stops, tests/owners.
    """
    desks = ("hr.", "policy_desk.", "officer_stops.", "officer_stores.", "council_stops.")
    return [
        rule
        for rule in app.url_map.iter_rules()
        if any(name.endswith("_id") for name in rule.arguments) and not rule.endpoint.startswith(desks)
    ]


def _objects(rule: Rule) -> list[str]:
    return [name for name in rule.arguments if name.endswith("_id")]


def owner_of(browser: Browser, superuser: Superuser) -> UUID:
    """Who is signed in."""
    cookie = browser.cookie()
    assert cookie
    row = superuser.execute(
        "SELECT employee_id FROM login_session WHERE token_hash = %s", (hash_of(cookie),)
    ).fetchone()
    assert row
    return UUID(str(row[0]))


def made(superuser: Superuser, name: str, owner: UUID) -> UUID:
    """A new object of `owner` for the argument `name`."""
    new = uuid4()
    superuser.execute(MAKERS[name].encode(), {"id": new, "owner": owner, "key": new.bytes * 2})
    superuser.commit()
    return new


def row_of(superuser: Superuser, name: str, number: UUID) -> object:
    """The object as it stands."""
    found = superuser.execute(f"SELECT t::text FROM {TABLES[name]} t WHERE id = %s".encode(), (number,)).fetchone()
    superuser.rollback()
    return found


def asked(browser: Browser, app: Flask, rule: Rule, method: str, values: dict[str, Any]) -> int:
    """The status of one method of an object route."""
    path = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
    return (browser.get(path) if method in SAFE else browser.post(path, {"name": "Mine now"})).status_code


def test_S11_every_object_in_an_address_is_known_to_this_test(app: Flask) -> None:
    named = {name for rule in object_rules(app) for name in rule.arguments if name.endswith("_id")}
    assert named <= set(MAKERS)
    assert len(object_rules(app)) >= 5


@pytest.mark.parametrize("stranger", GROUPS)
def test_S11_a_strangers_object_is_not_found_and_stays_as_it_is(
    app: Flask, signed_in: Callable[..., Browser], superuser: Superuser, stranger: str
) -> None:
    amira, other = signed_in(), signed_in(stranger, groups=GROUPS[stranger])
    owner = owner_of(amira, superuser)
    for rule in object_rules(app):
        name = min(_objects(rule))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            target = made(superuser, name, owner)
            before = row_of(superuser, name, target)
            values = {part: value_for(rule, part) for part in rule.arguments} | {name: target}
            assert asked(other, app, rule, method, values) == 404, (stranger, rule)
            assert row_of(superuser, name, target) == before, (stranger, rule)
            if len(_objects(rule)) == 1:  # of two, the second is none of the first's: tests/requests/test_delegates.py
                assert asked(amira, app, rule, method, values) != 404, rule
            assert asked(amira, app, rule, method, values | {name: uuid4()}) == 404, rule


def test_S11_what_is_no_id_is_not_found(app: Flask, signed_in: Callable[..., Browser]) -> None:
    browser = signed_in()
    for rule in object_rules(app):
        name = next(name for name in rule.arguments if name.endswith("_id"))
        path = app.url_map.bind("localhost").build(
            rule.endpoint, {part: value_for(rule, part) for part in rule.arguments} | {name: UUID(int=0)}
        )
        for wrong in ("1", "..", "%27", "00000000-0000-0000-0000-00000000000g", "*"):
            answer = browser.get(path.replace(str(UUID(int=0)), wrong))
            assert answer.status_code in {404, 405}, (rule, wrong)
