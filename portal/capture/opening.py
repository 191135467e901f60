"""Have the vault open the person's own items: the web process passes the ticket on and keeps nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from flask import request
from flask_babel import gettext
from sqlalchemy import Row

from portal.core.vault_client import Item, ItemState, TicketRefused, VaultClient, VaultUnavailable
from portal.core.web.vault import vault_client

TICKET_COOKIE = "__Host-daylight-ticket"
OWN_VIEW = "own_view"
MOMENT = timedelta(milliseconds=1)
T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Opened:
    """What came of it; `problem` in words, '' if it worked."""

    item: Item | None
    problem: str


@dataclass(frozen=True, repr=False)
class Searched:
    """Items that hold the words, `matching` altogether; `unread`: not searched; `problem` in words, '' if it worked."""

    ids: tuple[UUID, ...] = ()
    matching: int = 0
    unread: int = 0
    problem: str = ""


def open_item(segment_id: UUID, started_at: datetime) -> Opened:
    """Open one of the person's items. The look is committed before anything is opened, even if that then fails."""
    starts, until = started_at, started_at + MOMENT
    looked, problem = _ask(lambda vault, ticket: vault.look(ticket, [segment_id], starts, until, OWN_VIEW)[1][0])
    if looked is None:
        return Opened(None, problem)
    problems = {
        ItemState.OPENED: "",
        ItemState.MISMATCH: gettext("The label of this item and its content do not agree. It has been noted."),
        ItemState.MISSING: gettext("This item is not there any more."),
    }
    return Opened(looked, str(problems.get(looked.state, gettext("This item cannot be read. It has been noted."))))


def search(wanted: Sequence[Row[UUID, datetime]], text: str) -> Searched:
    """Have the vault look for `text` in these items, (id, start) each, newest first."""
    if not wanted:
        return Searched()
    starts, until = wanted[-1][1], wanted[0][1] + MOMENT
    ids = [row[0] for row in wanted]
    found, problem = _ask(lambda vault, ticket: vault.search(ticket, ids, starts, until, text))
    if found is None:
        return Searched(problem=problem)
    return Searched(tuple(found.results), found.matching, found.unread)


def _ask(question: Callable[[VaultClient, str], T]) -> tuple[T | None, str]:
    again = str(gettext("Your content can be opened only after a fresh sign-in. Sign out, then in again."))
    ticket = request.cookies.get(TICKET_COOKIE)
    if not ticket:
        return None, again
    try:
        return question(vault_client(), ticket), ""
    except TicketRefused:
        return None, again
    except VaultUnavailable:
        return None, str(gettext("The vault does not answer. Nothing was opened. Try again in a minute."))
