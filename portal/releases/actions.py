"""Making a release: whose panel, which values, what is hidden, then everything at once."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple, cast
from uuid import UUID, uuid4

from sqlalchemy import Table as SqlTable
from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.core.columns import Base
from portal.releases import items, measuring, queries
from portal.releases.contributions import step
from portal.releases.models import Figure, PanelCell, PanelMember, PanelPerson, Release
from portal.releases.panels import Hidden, Snapshot, Why, pattern
from portal.releases.periods import Period, Span
from portal.releases.places import Place, members
from portal.releases.shares import Shares, Step, of_weeks
from portal.releases.tables import Table, Value, protect

AT_ONCE = 2000


class Told(NamedTuple):
    """A value, or why it is hidden. `step`: of a share, how wide the step is that `value` begins, in percent."""

    value: int | None
    hidden: Hidden | None = None
    step: int | None = None


Figures = dict[Value, Told]


def open_quarter(session: Session, quarter: date, k: int, today: date) -> dict[Place, PanelCell]:
    """The quarter's cells; the first time, who belongs to them today is written down and what may be shown is decided.

    Quarters have to be opened in their order: each is compared with those before.
    """
    found = queries.cells(session, quarter)
    if found:
        return found
    snapshot = _write_panel(session, quarter)
    hidden = pattern(queries.earlier(session, quarter), snapshot, k)
    for cell, atoms in members(set(snapshot.values())).items():
        why = hidden.get(cell)
        because = why.because if why else None
        found[cell] = PanelCell(
            quarter=quarter,
            **cell._asdict(),
            people=sum(atom in atoms for atom in snapshot.values()),
            k=k,
            counted_on=today,
            why=why.why if why else None,
            because_site=because.site if because else None,
            because_department=because.department if because else None,
        )
    session.add_all(found.values())
    session.flush()
    return found


def _write_panel(session: Session, quarter: date) -> Snapshot:
    known = queries.numbers(session)
    people = queries.employed(session)
    fresh = {person: uuid4() for person, _ in people if person not in known}
    _write(session, PanelPerson, [{"employee_id": person, "member": member} for person, member in fresh.items()])
    snapshot = {(known | fresh)[person]: atom for person, atom in people}
    _write(
        session, PanelMember, [{"quarter": quarter, "member": one} | atom._asdict() for one, atom in snapshot.items()]
    )
    return snapshot


def release(session: Session, period: Period, k: int, now: datetime) -> UUID:
    """Publish the period's statistics with an entry in the log. Once a period: the database refuses a second one.

    `k` decides about a quarter that begins; one that has begun keeps its own.
    """
    cells = open_quarter(session, period.quarter, k, now.date())
    k = next((panel.k for panel in cells.values()), k)
    figures = _figures(session, period, cells)
    made = Release(
        id=uuid4(), span=period.span, starts_on=period.starts_on, ends_on=period.ends_on, quarter=period.quarter,
        k=k, released_at=now, hash=digest(period, figures),
        counted_on=next((panel.counted_on for panel in cells.values()), None),
    )  # fmt: skip
    session.add(made)
    session.flush()
    _write(session, Figure, [_row(made.id, value, told) for value, told in figures.items()])
    told = {"span": period.span.value, "starts_on": str(period.starts_on), "hash": made.hash}
    record(session, "release.published", actor=None, employee=None, role="worker", about=made.id, **told)
    return made.id


def _figures(session: Session, period: Period, cells: Mapping[Place, PanelCell]) -> Figures:
    """Everything that is told of the period, cell by cell."""
    figures: Figures = {}
    for cell, panel in cells.items():
        told = Told(panel.people) if panel.why is None else Told(None, _why(panel))
        figures[Value(cell, items.PEOPLE)] = told
    table = _table(session, period, cells)
    figures |= _sums(table)
    if period.span is Span.MONTH:
        for value, total in queries.of_weeks(session, period, items.WEEKLY).items():
            figures[value] = Told(total, None if total is not None else Hidden(Why.PART))
        steps = queries.steps_of_weeks(session, period)
        shares = {value: of_weeks(told, value.item) for value, told in steps.items()}
    else:
        people = Counter(queries.snapshot(session, period.quarter).values())
        shares = Shares(measuring.shares(session, period), people, table, table.k).told()
    return dict(sorted((figures | _shares(period, cells, shares)).items()))


def _why(panel: PanelCell) -> Hidden:
    because = None
    if panel.because_site is not None and panel.because_department:
        because = Place(type(panel.level).DEPARTMENT, site=panel.because_site, department=panel.because_department)
    elif panel.because_site:
        because = Place(type(panel.level).SITE, site=panel.because_site)
    return Hidden(panel.why or Why.SMALL, because)


def _shares(period: Period, cells: Mapping[Place, PanelCell], steps: Mapping[Value, Step | None]) -> Figures:
    """What is told of each share: a place with people enough for one hides it for the same reason as any value."""
    found: Figures = {}
    for cell in (cell for cell, panel in cells.items() if panel.why is None):
        few = step(cells[cell].people, cells[cell].k) is None
        why = Why.SHARE if few else Why.PART if period.span is Span.MONTH else Why.FEW
        for value in (Value(cell, item) for item in items.SHARES):
            told = steps.get(value)
            found[value] = Told(None, Hidden(why)) if told is None else Told(told.low, step=told.width)
    return found


def _table(session: Session, period: Period, cells: Mapping[Place, PanelCell]) -> Table:
    everywhere = dict.fromkeys(queries.snapshot(session, period.quarter).values())
    splits = items.splits(queries.contexts(session, period), items.totals(period.span))
    made = measuring.counts(session, period, splits)
    atoms = {atom: made.get(atom, {}) for atom in everywhere}
    closed = frozenset(cell for cell, panel in cells.items() if panel.why is not None)
    k = next((panel.k for panel in cells.values()), 0)
    return protect(atoms, splits, closed, k, queries.hidden_last(session, period))


def _sums(table: Table) -> Figures:
    """What is told of each sum."""
    return {
        value: Told(None, Hidden(table.hidden[value].told)) if value in table.hidden else Told(made.total)
        for value, made in table.values.items()
        if isinstance(value.cell, Place) and value.cell not in table.closed
    }


def digest(period: Period, figures: Mapping[Value, Told]) -> str:
    """SHA-256 of the release in its one form: its period, then each value in order, hidden ones as null."""
    lines = [
        [*map(str, value.cell), value.item, told.value, told.step, str(told.hidden.why) if told.hidden else None]
        for value, told in figures.items()
    ]
    head = [period.span, str(period.starts_on), str(period.ends_on)]
    content = json.dumps([head, sorted(lines, key=lambda line: line[:5])], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def _row(release_id: UUID, value: Value, told: Told) -> dict[str, object]:
    because = told.hidden.because if told.hidden else None
    cell = value.cell
    return {
        "release_id": release_id,
        "level": cell[0] if isinstance(cell, Place) else None,
        **dict(zip(("country", "site", "department"), cell[-3:], strict=True)),
        "item": value.item,
        "value": told.value,
        "step": told.step,
        "why": told.hidden.why if told.hidden else None,
        "because_site": because.site if because else None,
        "because_department": because.department if because else None,
    }


def _write(session: Session, table: type[Base], rows: list[dict[str, object]]) -> None:
    """Many rows at once: as a plain table, since nobody reads them back as objects."""
    for at in range(0, len(rows), AT_ONCE):
        session.execute(insert(cast(SqlTable, table.__table__)), rows[at : at + AT_ONCE])
