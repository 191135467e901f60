"""Reads of the worker: who was counted where, what was shown before."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity.models import Employee
from portal.policies.models import PolicyRow, TrustDocument
from portal.policies.queries import read
from portal.releases.items import PEOPLE, SHARES
from portal.releases.models import Figure, PanelCell, PanelMember, PanelPerson, Release, SmallestGroupRow
from portal.releases.panels import Quarter, Snapshot
from portal.releases.periods import Period
from portal.releases.places import Atom, Place
from portal.releases.shares import Step
from portal.releases.tables import Value
from wire import documents
from wire.grouping import SmallestGroup, open_agreed

KEY = (Figure.level, Figure.country, Figure.site, Figure.department)


def released(session: Session, period: Period) -> UUID | None:
    """The release of this period."""
    found = select(Release.id).where(Release.span == period.span, Release.starts_on == period.starts_on)
    return session.scalar(found)


def unreleased(session: Session, wanted: Iterable[Period]) -> Period | None:
    """The first of these periods without a release."""
    made = {(span, starts) for span, starts in session.execute(select(Release.span, Release.starts_on))}
    return next((period for period in wanted if (period.span, period.starts_on) not in made), None)


def employed(session: Session) -> list[tuple[UUID, Atom]]:
    """Who works here at this moment, and where.

    Whoever the directory alone speaks of counts with the first device (`employee_counts`): a row that somebody makes up
    in a department of one would make a group of it.
    """
    place = (func.coalesce(column, "") for column in (Employee.country, Employee.site, Employee.department))
    counts = (Employee.left_at.is_(None), func.employee_counts(Employee.id))
    rows = session.execute(select(Employee.id, *place).where(*counts))
    return [(person, Atom(*where)) for person, *where in rows]


def numbers(session: Session) -> dict[UUID, UUID]:
    """Person → the number under which they are counted."""
    rows = session.execute(select(PanelPerson.employee_id, PanelPerson.member))
    return {row.employee_id: row.member for row in rows}


def groupings(session: Session) -> list[SmallestGroup]:
    """Every k that the council has signed. Each signature is checked anew; a row that only says so stops the caller.

    Raises SignatureError or DocumentError.
    """
    rows = session.execute(
        select(SmallestGroupRow.envelope, TrustDocument.envelope)
        .join(TrustDocument, TrustDocument.version == SmallestGroupRow.trust_version)
        .where(SmallestGroupRow.signed_at.is_not(None))
    )
    return [grouping(str(envelope).encode(), trust.encode()) for envelope, trust in rows]


def grouping(envelope: bytes, trust: bytes) -> SmallestGroup:
    """What the council signed, by the trust document of that time. Raises SignatureError or DocumentError."""
    return open_agreed(envelope, documents.open_trust(trust, documents.fingerprint(trust)))


def snapshot(session: Session, quarter: date) -> Snapshot:
    """Who was where on the quarter's first day."""
    columns = (PanelMember.member, PanelMember.country, PanelMember.site, PanelMember.department)
    rows = session.execute(select(*columns).where(PanelMember.quarter == quarter))
    return {member: Atom(country, site, department) for member, country, site, department in rows}


def contexts(session: Session, period: Period) -> set[str]:
    """Apps and sites that policies name which reach into the period, whoever used them."""
    rows = session.scalars(select(PolicyRow).where(PolicyRow.expires_at > period.days[0]))
    return {context.id for row in rows for context in read(row).contexts}


def cells(session: Session, quarter: date) -> dict[Place, PanelCell]:
    """The quarter's cells as they were decided; empty before its first release."""
    rows = session.scalars(select(PanelCell).where(PanelCell.quarter == quarter))
    return {Place(one.level, one.country, one.site, one.department): one for one in rows}


def opened(session: Session) -> date | None:
    """The newest quarter of which is known who belongs where."""
    return session.scalar(select(func.max(PanelCell.quarter)))


def earlier(session: Session, quarter: date) -> list[Quarter]:
    """All quarters before, oldest first."""
    before = select(PanelCell.quarter).where(PanelCell.quarter < quarter).distinct().order_by(PanelCell.quarter)
    return [
        Quarter(
            snapshot(session, quarter_before),
            frozenset(cell for cell, one in decided.items() if one.why is None),
            min(one.k for one in decided.values()),
        )
        for quarter_before in session.scalars(before)
        for decided in [cells(session, quarter_before)]
    ]


def hidden_last(session: Session, period: Period) -> frozenset[Value]:
    """What the newest release of the same length has hidden."""
    last = (
        select(Release.id)
        .where(Release.span == period.span, Release.ends_on < period.ends_on)
        .order_by(Release.ends_on.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(select(*KEY, Figure.item).where(Figure.release_id == last, Figure.why.is_not(None)))
    return frozenset(
        Value(Place(level, country, site, department), item)
        for level, country, site, department, item in rows
        if item != PEOPLE
    )


def steps_of_weeks(session: Session, period: Period) -> dict[Value, list[Step | None]]:
    """Share by share what the weeks of a month have told, oldest first; None where a week tells none."""
    rows = session.execute(
        select(*KEY, Figure.item, Figure.value, Figure.step)
        .join(Release, Release.id == Figure.release_id)
        .where(Release.span == "week", Release.starts_on >= period.starts_on, Release.ends_on <= period.ends_on)
        .where(Figure.item.in_(SHARES))
        .order_by(Release.starts_on)
    )
    found: dict[Value, list[Step | None]] = {}
    for level, country, site, department, item, low, width in rows:
        told = None if low is None or width is None else Step(low, width)
        found.setdefault(Value(Place(level, country, site, department), item), []).append(told)
    return found


def of_weeks(session: Session, period: Period, totals: Iterable[str]) -> dict[Value, int | None]:
    """Value by value the sum of what the weeks of a month have shown; None where a week hides it, or has it not."""
    weeks = select(Release.id).where(
        Release.span == "week", Release.starts_on >= period.starts_on, Release.ends_on <= period.ends_on
    )
    wanted = tuple(totals)
    count = session.scalar(select(func.count()).select_from(weeks.subquery())) or 0
    rows = session.execute(
        select(*KEY, Figure.item, func.sum(Figure.value), func.count(Figure.value))
        .where(Figure.release_id.in_(weeks), func.split_part(Figure.item, ".", 1).in_(wanted))
        .group_by(*KEY, Figure.item)
    )
    return {
        Value(Place(level, country, site, department), item): int(total or 0) if told == count else None
        for level, country, site, department, item, total, told in rows
    }
