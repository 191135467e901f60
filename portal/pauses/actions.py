"""Ask for a pause, end one. Each change takes the person's next directive number and wakes the gateways."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, and_, select, update
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.core import clock
from portal.core.clock import from_ms, to_ms
from portal.core.db import lock_person
from portal.core.notify import notify
from portal.identity.models import Employee
from portal.pauses import rules
from portal.pauses.models import Pause, PauseSource

MOST_OPEN: Final = 50
"""So many pauses of one person may be open; each is looked at whenever their devices hear of something."""

Scope = tuple[frozenset[str], frozenset[str], int | None, int | None, int | None]
PLAIN: Final[Scope] = (frozenset(), frozenset(), None, None, None)
"""Everything, and not by the week."""


class TooManyOpenError(Exception):
    """MOST_OPEN pauses are open: one has to end before another."""


@dataclass(frozen=True)
class Asked:
    """What the person asked for; see Pause for what None means."""

    starts_at: datetime
    ends_at: datetime | None
    kinds: tuple[str, ...] | None = None
    contexts: tuple[str, ...] | None = None
    weekday: int | None = None
    from_minute: int | None = None
    minutes: int | None = None


def next_number(session: Session, person: UUID) -> int:
    """The person's next directive number; the row lock puts two tabs in order."""
    statement = (
        update(Employee)
        .where(Employee.id == person)
        .values(directive_number=Employee.directive_number + 1)
        .returning(Employee.directive_number)
    )
    return session.execute(statement).scalar_one()


def turn(session: Session, person: UUID) -> datetime:
    """The moment from which a new pause holds: every upload that does not see it is stored by then, and none is later.

    The row, which `next_number` takes, comes first: whoever waits for it holds up no upload.
    """
    _row_first(session, person)
    lock_person(session, person)
    return clock.now()


def _row_first(session: Session, person: UUID) -> None:
    """Lock the person's row before those of pauses, as everybody does: else two acts at once wait for each other."""
    session.execute(select(Employee.id).where(Employee.id == person).with_for_update(key_share=True))


def ask(session: Session, person: UUID, asked: Asked) -> Pause:
    """Append a pause on all of the person's devices, or find the open one that says as much already.

    What is to hold from now on asks for its `turn` before.
    Raises TooManyOpenError, but never for a plain pause of everything: that takes the place of the shorter ones.
    """
    now = asked.starts_at
    held = list(session.scalars(_open(person, now).where(Pause.device_id.is_(None))))
    same = next((row for row in held if _says_as_much(row, asked)), None)
    if same is not None or len(held) < MOST_OPEN:
        return same or _append(session, person, asked)
    if _scope(asked) != PLAIN:
        raise TooManyOpenError
    shorter = [row for row in held if _scope(row) == PLAIN and row.starts_at <= now]
    pause = _append(session, person, asked)
    if shorter:
        _close(session, shorter, person, now)
    return pause


def _append(session: Session, person: UUID, asked: Asked) -> Pause:
    pause = Pause(
        employee_id=person,
        source=PauseSource.PAGE,
        number=next_number(session, person),
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        kinds=list(asked.kinds) if asked.kinds else None,
        contexts=list(asked.contexts) if asked.contexts else None,
        weekday=asked.weekday,
        from_minute=asked.from_minute,
        minutes=asked.minutes,
    )
    session.add(pause)
    session.flush()
    record(session, "pause.asked", actor=person, employee=person, about=pause.id)
    notify(session, "pause", pause.id)
    return pause


def end(session: Session, person: UUID, pause_id: UUID, now: datetime) -> Pause | None:
    """End one pause, or take back one that has not begun. None when there is no such open pause of this person."""
    _row_first(session, person)
    pause = session.scalars(_open(person, now).where(Pause.id == pause_id)).one_or_none()
    if pause is not None:
        _close(session, [pause], person, now)
    return pause


def end_current(session: Session, person: UUID, zone: str, now: datetime) -> list[Pause]:
    """End every pause of everything that holds now: "resume recording". A weekly one comes back the week after.

    A pause of a part goes on: what somebody objected to for good must not come back with the end of a coffee break.
    """
    _row_first(session, person)
    everything = and_(Pause.kinds.is_(None), Pause.contexts.is_(None), Pause.device_id.is_(None))
    begun = list(session.scalars(_open(person, now).where(Pause.starts_at <= now, everything)))
    holding = {span.pause: span.ends for span in rules.active([rules.of_row(row, zone) for row in begun], to_ms(now))}
    pauses = [row for row in begun if row.id in holding]
    if pauses:
        _close(session, pauses, person, now)
    for row in pauses:
        ends = holding[row.id]
        if row.weekday is not None and ends is not None:
            _append(session, person, _again(row, from_ms(ends)))
    return pauses


def end_of_device(session: Session, person: UUID, device: UUID, now: datetime) -> None:
    """End the pauses that were made on one device, which is being removed."""
    _row_first(session, person)
    pauses = list(session.scalars(_open(person, now).where(Pause.device_id == device)))
    if pauses:
        _close(session, pauses, person, now)


def _says_as_much(row: Pause, asked: Asked) -> bool:
    """Whether an open pause holds back all that is asked for, as long at least."""
    lasts = row.ends_at is None or (asked.ends_at is not None and asked.ends_at <= row.ends_at)
    return _scope(row) == _scope(asked) and row.starts_at <= asked.starts_at and lasts


def _scope(one: Pause | Asked) -> Scope:
    kinds, contexts = frozenset(one.kinds or ()), frozenset(one.contexts or ())
    return kinds, contexts, one.weekday, one.from_minute, one.minutes


def _again(row: Pause, starts_at: datetime) -> Asked:
    """The same weekly pause, from the end of this week's stretch on."""
    return Asked(
        starts_at=starts_at,
        ends_at=None,
        kinds=tuple(row.kinds or ()),
        contexts=tuple(row.contexts or ()),
        weekday=row.weekday,
        from_minute=row.from_minute,
        minutes=row.minutes,
    )


def _open(person: UUID, now: datetime) -> Select[Pause]:
    return (
        select(Pause)
        .where(Pause.employee_id == person, Pause.ended_at.is_(None))
        .where((Pause.ends_at.is_(None)) | (Pause.ends_at > now))
        .with_for_update()
    )


def _close(session: Session, pauses: list[Pause], person: UUID, now: datetime) -> None:
    number = next_number(session, person)
    for pause in pauses:
        pause.ended_at, pause.ended_number = now, number
        record(session, "pause.ended", actor=person, employee=person, about=pause.id)
    session.flush()
    notify(session, "pause", pauses[0].id)
