"""Amira's requests, one in each state a page can show, arranged by the acts that the portal uses."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from portal.core import clock
from portal.core.db import Database
from portal.requests import actions, delegating
from portal.requests.rules import About, Actor, RequestState, RequestType, Role
from tests.browser.people import Someone
from tests.requests.arrange import NO, YES, asked_back, decided, ended, sent

DAY = timedelta(days=1)
SCOPE = (RequestType.ERASE, RequestType.ACCESS)


def arrange(amira: Someone, hana: Someone, item: UUID) -> tuple[dict[str, UUID], UUID]:
    """State → request, and the delegation that lets Hana act for Amira."""
    now, database = clock.now(), Database(amira.installed.settings)
    about = {
        "open": About(now - 9 * DAY, now - 8 * DAY, ("key",), ("outlook",), (3, 4)),
        "asked_back": About(now - 20 * DAY, now - 10 * DAY),
        "approved": About(kinds=("window",)),
        "running": About(kinds=("click",)),
        "refused": About(segments=(item,)),
        "partial": About(kinds=("key",)),
        "done": About(kinds=("screenshot",)),
        "withdrawn": About(kinds=("prompt",)),
    }
    asked = {
        state: sent(database, amira.id, about=one, words="I was on leave.", now=now - 2 * DAY).id
        for state, one in about.items()
    }
    asked_back(database, asked["asked_back"])
    for state in ("approved", "running", "partial", "done"):
        decided(database, asked[state], YES)
    decided(database, asked["refused"], NO)
    _carried_out(database, amira, asked)
    asked["draft"] = amira.insert("request", type="object", law="gdpr", words="Not for training.")
    sent(database, amira.id, RequestType.RECTIFY, About(segments=(item,)), words="That was not me.")
    with database.transaction("web_employee", amira.id) as session:
        actions.withdraw(session, asked["withdrawn"], Actor(amira.id, Role.EMPLOYEE, "Amira Kaya"), now)
        acting = delegating.name(session, amira.id, (hana.id, "Hana Lindqvist-Okonkwo"), SCOPE, now + 90 * DAY, now).id
    database.dispose()
    return asked, acting


def _carried_out(database: Database, amira: Someone, asked: dict[str, UUID]) -> None:
    now = clock.now()
    _steps(amira, asked["running"], ("done", "running", "pending", "waiting"))
    _steps(amira, asked["partial"], ("done", "partial", "refused"))
    _steps(amira, asked["done"], ("done", "done"))
    ended(database, asked["done"], RequestState.DONE)
    ended(database, asked["partial"], RequestState.PARTIAL)
    with database.transaction("worker") as session:
        actions.start(session, asked["running"], now)


def _steps(amira: Someone, request: UUID, states: tuple[str, ...]) -> None:
    now = clock.now()
    more: dict[str, dict[str, Any]] = {
        "done": {"logical_at": now, "physical_on": (now + 30 * DAY).date(), "deleted": 41},
        "running": {"parts_done": 3, "parts_total": 90},
        "pending": {"pending_since": now - DAY, "next_try_at": now + DAY},
        "partial": {"held": 3, "remaining": 2, "deleted": 4},
    }
    for number, state in enumerate(states):
        amira.insert(
            "request_step",
            request_id=request,
            dataset_id=uuid4() if number else None,
            store=f"Warehouse: table {number}",
            chosen="{}",
            state=state,
            **more.get(state, {}),
        )
