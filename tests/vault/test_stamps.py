"""A superuser who can write any row still opens nothing: tickets are the vault's own make (C05)."""

import base64
import os

import pytest

from portal.core.vault_client import TicketRefused, VaultClient
from tests.vault.arrange import Insider, Superuser, looks_of, start_session, store, typed
from vault.looks import ticket_hash

INSERT = "INSERT INTO vault_ticket (token_hash, employee_id, session_id) VALUES (%s, %s, %s)"


def open_one(client: VaultClient, who: Insider, ticket: str, superuser: Superuser) -> None:
    header = store(superuser, who, typed())
    client.look(ticket, [header.segment], *who.recently, "own_view")


def test_C05_a_session_and_a_ticket_put_into_the_database_open_nothing(
    client: VaultClient, superuser: Superuser, amira: Insider
) -> None:
    made_up = base64.urlsafe_b64encode(os.urandom(32) + amira.person.bytes + os.urandom(32)).decode()
    superuser.execute(INSERT, [ticket_hash(made_up), amira.person, start_session(superuser, amira.person)])
    superuser.commit()
    with pytest.raises(TicketRefused):
        open_one(client, amira, made_up, superuser)
    assert looks_of(superuser, amira.person) == []


def test_C05_a_ticket_made_over_to_another_person_opens_nothing(
    client: VaultClient, superuser: Superuser, amira: Insider, ben: Insider
) -> None:
    moved = "UPDATE vault_ticket SET employee_id = %s, session_id = %s WHERE token_hash = %s"
    superuser.execute(moved, [amira.person, start_session(superuser, amira.person), ticket_hash(ben.ticket)])
    superuser.commit()
    with pytest.raises(TicketRefused):
        open_one(client, amira, ben.ticket, superuser)


@pytest.mark.parametrize("broken", ["", "A", "not base64 at all", "A" * 107, "=" * 8])
def test_C05_what_is_no_ticket_opens_nothing(
    client: VaultClient, superuser: Superuser, amira: Insider, broken: str
) -> None:
    changed = amira.ticket[:-3] + ("A" if amira.ticket[-3] != "A" else "B") + amira.ticket[-2:]
    for ticket in (broken or "?", changed):
        with pytest.raises(TicketRefused):
            open_one(client, amira, ticket, superuser)
