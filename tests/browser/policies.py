"""What the privacy office shows in the crawl: drafts in their states, made by the real acts."""

import dataclasses
from datetime import timedelta
from typing import Any
from uuid import UUID

from portal.core import clock
from portal.core.clock import to_ms
from portal.core.db import Database
from portal.policies.default_policy import default_policy
from portal.policies.drafts import actions, rules
from portal.policies.drafts.actions import Seen
from tests.browser.installation import Installation
from wire.documents import Kind
from wire.policy import Audience, Context, Policy, Rule

YEAR = timedelta(days=365)


def drafts(installed: Installation, officer: UUID) -> dict[str, UUID]:
    """Name → draft: one that asks for more and less, one that waits for signatures, one that was withdrawn."""
    database = Database(installed.settings)
    made = {
        "open": _create(database, officer, "Fewer screenshots, and the mail program", _mixed()),
        "submitted": _create(database, officer, "Berlin: shorter retention", _berlin()),
        "withdrawn": _create(database, officer, "A try", rules.whole_minutes(_shipped())),
    }
    try:
        with database.transaction("web_officer", officer) as session:
            actions.submit(session, Seen(officer, clock.now(), made["submitted"], 1))
            actions.withdraw(session, Seen(officer, clock.now(), made["withdrawn"], 1))
    finally:
        database.dispose()
    return made


def _create(database: Database, officer: UUID, title: str, policy: Policy) -> UUID:
    with database.transaction("web_officer", officer) as session:
        return actions.create(session, officer, title, policy)


def _shipped() -> Policy:
    return default_policy(to_ms(clock.now()))


def _mixed() -> Policy:
    shipped = rules.whole_minutes(_shipped())
    mail = Context("mail", "Mail program", ("thunderbird",), ())
    changed = {Kind.SCREENSHOT: {"interval_s": 1800, "retention_days": 7}, Kind.KEY: {"retention_days": 60}}
    return dataclasses.replace(
        shipped,
        contexts=(*shipped.contexts, mail),
        rules=tuple(_tuned(rule, **changed.get(rule.kind, {})) for rule in shipped.rules),
        redaction=(*shipped.redaction, "email"),
        max_sensitivity=3,
    )


def _tuned(rule: Rule, **changed: Any) -> Rule:
    return dataclasses.replace(rule, **changed)


def _berlin() -> Policy:
    shipped = rules.whole_minutes(_shipped())
    shorter = tuple(dataclasses.replace(rule, retention_days=7) for rule in shipped.rules)
    return dataclasses.replace(shipped, audience=Audience(("Berlin",), None, None), rules=shorter)
