"""Petitions, and what a browser does to sign one without a name: the steps of portal/static/petitions/ballot.js."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.core import clock
from portal.core.db import Database
from tests.ballot.process import BallotProcess
from tests.gateway.process import wait_until
from tests.web_client import Browser
from wire import blind, token

Superuser = psycopg.Connection[tuple[Any, ...]]
WORDS: dict[str, object] = {
    "title": "Stop the screenshots in the design tools",
    "demand": "No more screenshots of design applications, from next month on.",
    "reasons": "They hold unpublished work of clients, and nobody needs them.",
    "answerer": "employer",
}
DAY = timedelta(days=1)


def petition(superuser: Superuser, state: str = "open", **columns: Any) -> UUID:
    """A petition that stands so."""
    new = uuid4()
    ended = {"ended_on": today()} if state in {"closed", "rejected", "withdrawn"} else {}
    values = (
        {"id": new, "state": state, "created_at": clock.now(), "ends_on": today() + 30 * DAY} | WORDS | ended | columns
    )
    names, slots = ", ".join(values), ", ".join(f"%({name})s" for name in values)
    superuser.execute(f"INSERT INTO petition ({names}) VALUES ({slots})".encode(), values)
    superuser.commit()
    return new


def today() -> date:
    """The day by which everything is counted."""
    return clock.now().date()


def column(superuser: Superuser, petition_id: UUID, name: str) -> Any:
    """One column of a petition as it stands."""
    row = superuser.execute(f"SELECT {name} FROM petition WHERE id = %s".encode(), [petition_id]).fetchone()
    superuser.rollback()
    assert row
    return row[0]


def empty_box(superuser: Superuser) -> None:
    """A day passes for the ballot's box: wait until it is emptied into the table."""
    superuser.execute("UPDATE ballot_key SET emptied_on = %s WHERE sealed_private IS NOT NULL", [today() - DAY])
    superuser.commit()
    full = "SELECT FROM ballot_key WHERE sealed_private IS NOT NULL AND emptied_on <> %s"

    def emptied() -> bool:
        rows = superuser.execute(full, [today()]).fetchall()
        superuser.rollback()
        return not rows

    wait_until(emptied)


def emptied_on(database: Database, day: date) -> None:
    """The ballot has emptied its box on that day, which the worker's count waits for."""
    with database.transaction("ballot") as session:
        session.execute(text("UPDATE ballot_key SET emptied_on = :day"), {"day": day})


def votes(superuser: Superuser, petition_id: UUID) -> int:
    """How many tokens count, those in the box, too, while the petition has its key."""
    keyed = superuser.execute(
        "SELECT FROM ballot_key WHERE petition_id = %s AND sealed_private IS NOT NULL", [petition_id]
    ).fetchall()
    if keyed:
        empty_box(superuser)
    row = superuser.execute("SELECT count(on_day) FROM ballot_vote WHERE petition_id = %s", [petition_id]).fetchone()
    superuser.rollback()
    assert row
    return int(row[0])


def key_of(superuser: Superuser, petition_id: UUID) -> RSAPublicKey:
    """The petition's public key, once the ballot has made it."""
    found: list[bytes] = []

    def there() -> bool:
        row = superuser.execute("SELECT public_key FROM ballot_key WHERE petition_id = %s", [petition_id]).fetchone()
        superuser.rollback()
        found.extend([row[0]] if row else [])
        return bool(row)

    wait_until(there)
    key = load_der_public_key(found[0])
    assert isinstance(key, RSAPublicKey)
    return key


def new_code() -> str:
    """A recovery code."""
    return "".join(secrets.choice(token.ALPHABET) for _ in range(token.CODE_LETTERS))


@dataclass
class Card:
    """A browser with a ballot card, and what it holds for one petition."""

    petition: UUID
    key: RSAPublicKey
    code: str = field(default_factory=new_code)
    signature: bytes = b""

    def __post_init__(self) -> None:
        self.secret = token.secret(self.code, self.petition, self.key)
        self.blinded, self._inverse = blind.blind(self.key, self.secret.prepared, self.secret.salt, self.secret.factor)

    def ask(self, browser: Browser) -> TestResponse:
        """Ask the portal for the blind signature."""
        form = {"blinded": base64.b64encode(self.blinded).decode()}
        return browser.post_json(f"/petitions/{self.petition}/token", form)

    def take(self, blind_signature: bytes) -> bytes:
        """Take the signature out of its envelope."""
        self.signature = blind.finalize(self.key, self.secret.prepared, blind_signature, self._inverse)
        return self.signature

    def fetch(self, browser: Browser) -> None:
        """Get the token."""
        answer = self.ask(browser)
        assert answer.status_code == 200, answer.text
        self.take(base64.b64decode((answer.json or {})["signature"]))

    def body(self, **changed: object) -> dict[str, object]:
        """What is handed in."""
        prepared, signature = (base64.b64encode(part).decode() for part in (self.secret.prepared, self.signature))
        return {"petition": str(self.petition), "prepared": prepared, "signature": signature} | changed

    def call(self, ballot: BallotProcess, what: str, **changed: object) -> tuple[int, dict[str, Any]]:
        """Talk to the ballot: hand-in, take-back, give-up or counted."""
        answer = requests.post(f"{ballot.url}/v1/{what}", json=self.body(**changed), timeout=30)
        return answer.status_code, answer.json()
