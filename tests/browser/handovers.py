"""Copies for people who have left: one to be prepared, one that waits, one that its person can fetch."""

from datetime import timedelta
from uuid import UUID

from portal.capture.opening import TICKET_COOKIE
from portal.core import clock
from portal.core.db import Database
from portal.core.vault_client import VaultClient
from portal.core.vault_handovers import HandoverClient
from portal.requests import actions
from portal.requests.rules import About, Actor, RequestType, Role
from tests.browser.people import Someone
from tests.cast import make_person
from tests.requests.arrange import MONTH, YES, decided

CHECKED = "Passport and payslip shown in the office on 28 November; the address is the one on the contract."


def arrange(hana: Someone, helge: Someone) -> tuple[dict[str, int], str]:
    """Name → number of a request, and the secret of the link that can be fetched."""
    database = Database(hana.installed.settings)
    vault = HandoverClient(VaultClient(hana.installed.settings.require("vault_url")))
    copy, waits, open_ = (_asked(hana, database, name) for name in ("Lea Gone-Away", "Leo Gone-Away", "Lia Gone-Away"))
    vault.prepare(_ticket(helge), waits[0], CHECKED)
    made, link = vault.prepare(_ticket(hana), open_[0], CHECKED)
    vault.approve(_ticket(helge), made)
    database.dispose()
    return {"copy": copy[1], "waits": waits[1], "fetch": open_[1]}, link


def _asked(hana: Someone, database: Database, name: str) -> tuple[UUID, int]:
    now = clock.now()
    who = make_person(hana.installed.superuser, name, left_at=now - timedelta(days=30))
    by = Actor(hana.id, Role.HR, "Hana Lindqvist-Okonkwo")
    with database.transaction("web_hr", hana.id) as session:
        filed = actions.file(session, who, RequestType.ACCESS, About(), by, now, law="gdpr", due_at=now + MONTH)
        made, number = filed.id, filed.number
    decided(database, made, YES)
    return made, number


def _ticket(who: Someone) -> str:
    return next(cookie["value"] for cookie in who.state["cookies"] if cookie["name"] == TICKET_COOKIE)
