"""Delegates: somebody of the company who acts for a person, on requests only, of some types, until a day.

The database decides who may: the delegate's transaction runs as login `web_delegate` and becomes one of the person's
only by `act_for`, which checks that the delegation lives (decision 0022).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.capture.day import local_midnights
from portal.core import clock
from portal.core.db import Database, lock
from portal.requests import actions, deadlines, queries
from portal.requests.drafting import REQUEST_TURN, TwinError
from portal.requests.forms import Asked
from portal.requests.models import Delegation, Request
from portal.requests.rules import Actor, RequestType

LOGIN = "web_delegate"
MOST = 10
LONGEST = timedelta(days=366)


class NotDelegatedError(Exception):
    """There is no live delegation of this id to the person who asks."""


class SharedError(Exception):
    """Of an address that several people have or had nobody can say who is meant."""


@dataclass(frozen=True)
class Principal:
    """The person a delegate acts for, as far as a delegate may know them."""

    delegation: UUID
    id: UUID
    name: str
    timezone: str
    country: str | None
    types: tuple[RequestType, ...]
    expires_at: datetime


@contextmanager
def behalf(database: Database, delegate: UUID, delegation: UUID) -> Iterator[tuple[Session, Principal]]:
    """A transaction that is the person's own as far as the delegation goes; it commits at the end of the block.

    Raises NotDelegatedError unless the database finds the delegation live.
    """
    with database.transaction(LOGIN, delegate) as session:
        try:
            found = session.execute(text("SELECT * FROM act_for(:delegation)"), {"delegation": delegation}).one()
        except ProgrammingError as error:
            raise NotDelegatedError from error
        types = tuple(kind for kind in RequestType if kind in found.types)
        yield (
            session,
            Principal(
                delegation, found.employee_id, found.name, found.timezone, found.country, types, found.expires_at
            ),
        )


def named(session: Session, person: UUID, now: datetime) -> Sequence[Delegation]:
    """Whom the person has named, and whose time is not over."""
    statement = select(Delegation).where(
        Delegation.employee_id == person, Delegation.ended_at.is_(None), Delegation.expires_at > now
    )
    return session.scalars(statement.order_by(Delegation.delegate_name, Delegation.id)).all()


def to_me(session: Session) -> Sequence[Row[UUID, str, list[str], datetime]]:
    """(delegation, name, types, end) of everybody for whom the signed-in person may act."""
    rows = func.delegations_to_me().table_valued("id", "name", "types", "expires_at")
    return session.execute(select(rows)).all()


def read_until(typed: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The end of the day that was typed, as it is in `zone`; None for none from today on until `LONGEST` ahead."""
    try:
        until = local_midnights(clock.read_day(typed), zone)[1]
    except ValueError:
        return None
    return until if now < until <= now + LONGEST else None


def find(session: Session, email: str) -> tuple[UUID, str] | None:
    """(id, name) of the colleague with exactly this address; None for nobody, or for somebody who has left.

    Raises SharedError where several people have or had it, and HR has not said whose it is now.
    """
    found = session.execute(select(func.colleague(email).table_valued("id", "name", "sure"))).all()
    sure = next((one for one in found if one.sure), None)
    if found and sure is None:
        raise SharedError
    return (sure.id, sure.name) if sure else None


def name(
    session: Session,
    person: UUID,
    colleague: tuple[UUID, str],
    types: Sequence[RequestType],
    until: datetime,
    now: datetime,
) -> Delegation:
    """Let a colleague act for the person on requests of `types` until `until`."""
    made = Delegation(
        id=uuid4(),
        employee_id=person,
        delegate_id=colleague[0],
        delegate_name=colleague[1],
        types=[kind.value for kind in types],
        created_at=now,
        expires_at=until,
    )
    session.add(made)
    session.flush()
    record(session, "delegation.named", actor=person, employee=person, about=made.id)
    return made


def end(session: Session, person: UUID, delegation: UUID, now: datetime) -> bool:
    """End it at once; False when there is no such live one of this person."""
    ending = (
        update(Delegation)
        .where(Delegation.employee_id == person, Delegation.id == delegation, Delegation.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Delegation.id)
    )
    if session.execute(ending).one_or_none() is None:
        return False
    record(session, "delegation.ended", actor=person, employee=person, about=delegation)
    return True


def ask(session: Session, whom: Principal, asked: Asked, by: Actor, now: datetime) -> Request:
    """Send a request for the person. Raises TwinError when exactly this is asked for already."""
    lock(session, REQUEST_TURN)
    law, due_at = deadlines.begun(whom.country, asked.kind, now, whom.timezone)
    sent = actions.file(
        session, whom.id, asked.kind, asked.about, by, now, law=law, due_at=due_at, words=asked.words
    )  # fmt: skip
    twins = queries.twins(session, sent)
    if twins:
        raise TwinError(twins[0])
    return sent
