"""Daylight's own store: what of it a choice covers, what a hold keeps of that, and its deletion, a batch at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, any_, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from portal.capture.models import Outcome, Segment, Upload
from portal.deletion.models import Erasure, LegalHold, Tombstone
from portal.deletion.rules import Chosen

BATCH = 2000
PLACE = tuple_(Segment.employee_id, Segment.started_at, Segment.id)


def inside(person: UUID, chosen: Chosen, bounds: tuple[datetime, datetime]) -> list[ColumnElement[bool]]:
    """The person's segments that `chosen` covers, among those that started within `bounds`."""
    found = [Segment.employee_id == person, Segment.started_at >= bounds[0], Segment.started_at < bounds[1]]
    narrowed: list[tuple[Any, frozenset[Any] | None]] = [
        (Segment.kind, chosen.kinds),
        (Segment.context, chosen.contexts),
        (Segment.sensitivity, chosen.sensitivities),
        (Segment.id, chosen.segments),
    ]
    return found + [column.in_(sorted(part)) for column, part in narrowed if part is not None]


def chosen_in(erasure: Erasure) -> Chosen:
    """What the person chose to delete by themselves, as requests say it."""
    one = [erasure.segment_id] if erasure.segment_id else None
    return Chosen(
        erasure.starts_at,
        erasure.ends_at,
        kinds=frozenset(erasure.kinds) if erasure.kinds else None,
        contexts=frozenset(erasure.contexts) if erasure.contexts else None,
        sensitivities=frozenset(erasure.sensitivities or ()) or None,
        segments=frozenset(erasure.segments or one or ()) or None,
    )


def hidden_by(erasure: Erasure) -> list[ColumnElement[bool]]:
    """What an erasure hides now."""
    return [Segment.employee_id == erasure.employee_id, Segment.erasure_id == erasure.id]


def hide(session: Session, conditions: Sequence[ColumnElement[bool]], erasure: UUID | None) -> int:
    """Hide what fits under an erasure, or with None show it again; how many. The rollups follow by trigger."""
    changed = session.execute(
        update(Segment).where(*conditions).values(erasure_id=erasure).execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", changed).rowcount


def held(now: datetime) -> ColumnElement[bool]:
    """Whether a hold in force keeps the segment."""
    return exists(LegalHold.employee_id).where(*keeps(now))


def keeps(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """When a hold is in force and keeps a segment. At the edges of its range it keeps rather more than less."""
    return (
        LegalHold.employee_id == Segment.employee_id,
        LegalHold.released_at.is_(None),
        LegalHold.expires_at > now,
        LegalHold.starts_at <= Segment.ended_at,
        LegalHold.ends_at > Segment.started_at,
        or_(LegalHold.kinds.is_(None), Segment.kind == any_(LegalHold.kinds)),
        or_(LegalHold.contexts.is_(None), Segment.context == any_(LegalHold.contexts)),
        or_(LegalHold.segment_id.is_(None), LegalHold.segment_id == Segment.id),
    )


def under_tombstone() -> ColumnElement[bool]:
    """Whether anything lies under the tombstone still."""
    return exists(Segment.id).where(
        Segment.employee_id == Tombstone.employee_id,
        Segment.started_at >= Tombstone.starts_at,
        Segment.started_at < Tombstone.ends_at,
        or_(Tombstone.kinds.is_(None), Segment.kind == any_(Tombstone.kinds)),
        or_(Tombstone.contexts.is_(None), Segment.context == any_(Tombstone.contexts)),
        or_(Tombstone.sensitivities.is_(None), Segment.sensitivity == any_(Tombstone.sensitivities)),
        or_(Tombstone.segments.is_(None), Segment.id == any_(Tombstone.segments)),
    )


def delete_batch(
    session: Session, conditions: Sequence[ColumnElement[bool]], now: datetime
) -> dict[tuple[UUID, str], int]:
    """Delete up to `BATCH` of the segments that fit and are not held: (person, kind) → how many; one person's together.

    The rollups follow by trigger. Each upload stays as a tombstone without a word of what was captured.
    """
    free = select(Segment.employee_id, Segment.started_at, Segment.id).where(*conditions, ~held(now))
    doomed = free.order_by(Segment.employee_id).limit(BATCH)
    gone = session.execute(
        delete(Segment)
        .where(PLACE.in_(doomed))
        .returning(Segment.device_id, Segment.id, Segment.employee_id, Segment.kind)
        .execution_options(synchronize_session=False)
    ).all()
    counts: dict[tuple[UUID, str], int] = {}
    for _, _, person, kind in gone:
        counts[person, kind] = counts.get((person, kind), 0) + 1
    if gone:
        blank: dict[str, Any] = dict.fromkeys(("kind", "context", "started_at", "ended_at"))
        session.execute(
            update(Upload)
            .where(tuple_(Upload.device_id, Upload.segment_id).in_([row[:2] for row in gone]))
            .values(outcome=Outcome.ERASED, **blank)
            .execution_options(synchronize_session=False)
        )
    return counts


def count(session: Session, conditions: Sequence[ColumnElement[bool]], now: datetime) -> tuple[int, int]:
    """How many segments fit and are free to go, and how many of them a hold keeps."""
    kept = func.count().filter(held(now))
    whole, stays = session.execute(select(func.count(), kept).select_from(Segment).where(*conditions)).one()
    return whole - stays, stays
