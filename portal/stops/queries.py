"""Reads about stops for all: what desks see, which is counts, and what a person sees of those that hold for them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, and_, any_, bindparam, cast, func, or_, select, text
from sqlalchemy.orm import Session

from portal.core.clock import from_ms
from portal.identity.models import Employee
from portal.pauses import rules as pauses
from portal.pauses.models import Pause
from portal.policies.drafts.queries import places as audience_places
from portal.policies.models import PolicyRow
from portal.policies.queries import read
from portal.stops.models import StopAnswer, StopRow
from portal.stops.rules import Effect, Halt
from wire.policy import Audience

MOST = 100
_EFFECT = text("SELECT * FROM stop_effect(:stop)")
_UNREACHED = text("SELECT * FROM stop_unreached(:stop, :most)")


def stops(session: Session) -> list[StopRow]:
    """All stops, the newest first."""
    return list(session.scalars(select(StopRow).order_by(StopRow.number.desc()).limit(MOST)))


def stop(session: Session, stop_id: UUID, *, change: bool = False) -> StopRow | None:
    """One stop; `change`: nobody else changes it before this transaction ends."""
    statement = select(StopRow).where(StopRow.id == stop_id)
    return session.scalars(statement.with_for_update() if change else statement).one_or_none()


def open_stops(session: Session) -> list[StopRow]:
    """Those in force."""
    return list(session.scalars(select(StopRow).where(StopRow.resumed_at.is_(None)).order_by(StopRow.number)))


def effect(session: Session, stop_id: UUID) -> Effect:
    """How far the stop has got: exact for the officer, without small numbers for everybody else."""
    row = session.execute(_EFFECT, {"stop": stop_id}).mappings().one()
    return Effect(**(dict(row) | {"steps": tuple(row["steps"] or ())}))


def unreached(session: Session, stop_id: UUID) -> list[tuple[str, str | None, datetime | None, datetime]]:
    """Devices without an answer: name, site, last seen, end of the lease. For the officer's login alone."""
    rows = session.execute(_UNREACHED, {"stop": stop_id, "most": MOST + 1})
    return [(row.name, row.site, row.last_seen_at, row.lease_until) for row in rows]


def places(session: Session) -> dict[str, list[str]]:
    """Axis of an audience → places of ten people and more, and those that a policy names."""
    found = {axis: set(names) for axis, names in audience_places(session).items()}
    for row in session.scalars(select(PolicyRow)):
        for axis, named in vars(read(row).audience).items():
            found[axis] |= set(named or ())
    return {axis: sorted(named) for axis, named in found.items()}


def _ms(column: Any) -> ColumnElement[int]:
    return cast(func.extract("epoch", column) * 1000, BigInteger)


def _halts() -> Any:
    answered = (
        select(func.jsonb_agg(StopAnswer.device_id))
        .where(StopAnswer.stop_id == StopRow.id, StopAnswer.employee_id == Employee.id)
        .correlate(StopRow, Employee)
        .scalar_subquery()
    )
    told = func.jsonb_build_object(
        "number", StopRow.number, "by", StopRow.by_role, "reason", StopRow.reason,
        "places", func.jsonb_build_array(StopRow.sites, StopRow.departments, StopRow.countries),
        "since", _ms(StopRow.asked_at), "answered", answered,
    )  # fmt: skip
    axes = (
        (StopRow.sites, Employee.site),
        (StopRow.departments, Employee.department),
        (StopRow.countries, Employee.country),
    )
    concerns = and_(*(or_(places.is_(None), place == any_(places)) for places, place in axes))
    return (
        select(func.jsonb_agg(told))
        .where(StopRow.resumed_at.is_(None), concerns)
        .correlate(Employee)
        .scalar_subquery()
        .label("halts")
    )


def _mine() -> Select[Any]:
    over = func.least(Pause.ends_at, Pause.ended_at)
    lasting = and_(Pause.employee_id == Employee.id, or_(over.is_(None), bindparam("since") < over))
    statement = select(Pause, _halts()).select_from(Employee).outerjoin(Pause, lasting)
    return statement.where(Employee.id == bindparam("person")).order_by(Pause.number)


_MINE = _mine()


def pauses_and_halts(
    session: Session, person: UUID, zone: str, since: datetime
) -> tuple[list[pauses.Pause], list[Halt]]:
    """The person's pauses that were not over before `since`, and the stops in force for them: one query."""
    rows = session.execute(_MINE, {"person": person, "since": since}).all()
    told = rows[0].halts if rows else None
    return [pauses.of_row(row[0], zone) for row in rows if row[0] is not None], [_halt(one) for one in told or ()]


def _halt(told: dict[str, Any]) -> Halt:
    return Halt(
        number=told["number"],
        by=told["by"],
        reason=told["reason"],
        whom=Audience(*told["places"]).named,
        since=from_ms(told["since"]),
        answered=frozenset(UUID(device) for device in told["answered"] or ()),
    )
