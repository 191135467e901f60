"""Tickets: the right of one live session to have its own person's content opened."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vault.errors import SessionRefusedError
from vault.keys import Keys
from vault.looks import ticket_hash
from vault.stamps import Stamps
from vault.store import Store
from vault.tokens import TokenCheck

_PERSON = """
SELECT e.id FROM login_session s JOIN employee e ON e.id = s.employee_id
 WHERE s.id = %(session)s AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()
   AND e.subject = %(subject)s AND e.issuer IN (%(issuer)s, rtrim(%(issuer)s, '/'))
"""
_INSERT = """
INSERT INTO vault_ticket (token_hash, employee_id, session_id) VALUES (%(hash)s, %(employee)s, %(session)s)
"""


@dataclass(frozen=True)
class Ticket:
    """A new ticket, shown this once, and the person's key."""

    ticket: str
    employee: UUID
    key: UUID
    document: str


class Tickets:
    """Gives tickets for ID tokens."""

    def __init__(self, store: Store, keys: Keys, tokens: TokenCheck, stamps: Stamps) -> None:
        self._store = store
        self._keys = keys
        self._tokens = tokens
        self._stamps = stamps

    def give(self, id_token: str, session: UUID, now: datetime) -> Ticket:
        """A ticket for the live `session` of whom `id_token` proves, and the person's key, made if need be.

        Raises TokenRefusedError, SessionRefusedError, UnavailableError. A refused token is not used up.
        """
        who = self._tokens.identity(id_token, now)
        person = self._store.one(_PERSON, {"session": session, "subject": who.subject, "issuer": who.issuer})
        if person is None:
            raise SessionRefusedError("That is not a live session of the person in the token.")
        key, document = self._keys.ensure(person["id"], now)
        self._tokens.take(id_token, now)
        ticket = self._stamps.ticket(person["id"])
        with self._store.transaction() as connection:
            connection.execute(_INSERT, {"hash": ticket_hash(ticket), "employee": person["id"], "session": session})
        return Ticket(ticket, person["id"], key, document)
