"""The queue: filters from the address, one page of rows by keyset, and the four numbers above it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from portal.deletion.models import LegalHold
from portal.hr.queries import Colleague, colleagues_json, colleagues_of, finished, in_force
from portal.hr.rules import Tone
from portal.identity.models import Employee
from portal.laws.book import LAWS
from portal.requests.models import Decision, Request
from portal.requests.rules import LIVE, RequestState, RequestType

PAGE_ROWS = 25
ONE_DAY = timedelta(days=1)
ME, NOBODY, ALL, FINISHED = "me", "nobody", "all", "finished"
URGENT = {str(Tone.OVER), str(Tone.RISK)}


@dataclass(frozen=True)
class Filters:
    """What of the queue is shown. Empty: not filtered. `state` '' means live, `finished` done in the last 90 days;
    `waits`: only what a colleague proposed to decide, and the reader may confirm.
    """

    state: str = ""
    type: str = ""
    assigned: str = ""
    law: str = ""
    urgent: str = ""
    held: bool = False
    waits: bool = False
    after: str = ""

    def over(self) -> bool:
        """Whether it lists what has ended: newest first, by when it ended."""
        return self.state == FINISHED or (bool(self.state) and RequestState(self.state) not in LIVE)

    def query(self, **changed: Any) -> dict[str, str]:
        """As the query of an address, without what is empty."""
        values = vars(replace(self, **({"after": ""} | changed)))
        return {name: "1" if value is True else str(value) for name, value in values.items() if value}


@dataclass(frozen=True)
class Numbers:
    """The cards: `risk_waits`: of those at risk, how many wait for the person; `over_runs`: overdue, being done;
    `proposed`: how many decisions of colleagues wait for a second person.
    """

    live: int
    oldest: datetime | None
    risk: int
    risk_waits: int
    over: int
    over_runs: int
    median_days: float | None
    proposed: int
    colleagues: tuple[Colleague, ...]


def read(given: Mapping[str, str]) -> Filters:
    """The filters in a query; what makes no sense counts as not given."""

    def one_of(name: str, known: set[str]) -> str:
        return given.get(name, "") if given.get(name, "") in known else ""

    states = {str(state) for state in RequestState} - {"draft"} | {FINISHED}
    return Filters(
        state=one_of("state", states),
        type=one_of("type", {str(kind) for kind in RequestType}),
        assigned=given.get("assigned", "") if _is_assignee(given.get("assigned", "")) else "",
        law=one_of("law", set(LAWS)),
        urgent=one_of("urgent", URGENT),
        held=given.get("held") == "1",
        waits=given.get("waits") == "1",
        after=given.get("after", ""),
    )


def page(
    session: Session, filters: Filters, reader: UUID, now: datetime, until: datetime
) -> tuple[Sequence[tuple[Request, str, str, bool, bool]], str]:
    """One page of (request, name, zone of the person, held, whether a proposed decision waits), and the cursor of the
    next one, '' at the end.
    """
    statement = (
        select(Request, Employee.name, Employee.timezone, _held(now), _proposed())
        .join(Employee, Employee.id == Request.employee_id)
        .where(*_wanted(filters, reader, now, until))
    )
    if filters.over():
        statement = statement.order_by(Request.closed_at.desc(), Request.number.desc())
    else:
        statement = statement.order_by(Request.due_at, Request.number)
    found = session.execute(statement.limit(PAGE_ROWS + 1))
    rows = [(request, name, zone, held, waits) for request, name, zone, held, waits in found]
    shown = rows[:PAGE_ROWS]
    return shown, _cursor(shown[-1][0], filters) if len(rows) > PAGE_ROWS else ""


def numbers(session: Session, reader: UUID, now: datetime, until: datetime) -> Numbers:
    """The numbers on the cards, and everybody of HR, in one statement."""
    runs = Request.stands_since.is_(None)
    over = and_(runs, Request.due_at <= now)
    risk = and_(runs, Request.due_at > now, Request.due_at <= until)
    took = Request.closed_at - Request.received_at
    median = select(func.percentile_cont(0.5).within_group(took)).where(*finished(now)).scalar_subquery()
    statement = select(
        func.count(),
        func.min(Request.received_at),
        func.count().filter(risk),
        func.count().filter(risk, Request.state == RequestState.ASKED_BACK),
        func.count().filter(over),
        func.count().filter(over, Request.state == RequestState.RUNNING),
        median,
        func.count().filter(_proposed(Decision.proposed_by != reader)),
        colleagues_json(),
    ).where(Request.state.in_(LIVE))
    live, oldest, at_risk, waits, overdue, run, took_median, proposed, people = session.execute(statement).one()
    days = None if took_median is None else took_median / ONE_DAY
    return Numbers(live, oldest, at_risk, waits, overdue, run, days, proposed, colleagues_of(people))


def _wanted(filters: Filters, reader: UUID, now: datetime, until: datetime) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.state == FINISHED:
        wanted += finished(now)
    else:
        wanted.append(Request.state == filters.state if filters.state else Request.state.in_(LIVE))
    if filters.type:
        wanted.append(Request.type == filters.type)
    if filters.law:
        wanted.append(Request.law == filters.law)
    if filters.assigned:
        wanted.append(_assigned(filters.assigned, reader))
    if filters.urgent:
        wanted += [Request.stands_since.is_(None), Request.due_at <= (now if filters.urgent == Tone.OVER else until)]
    if filters.urgent == Tone.RISK:
        wanted.append(Request.due_at > now)
    if filters.held:
        wanted.append(_held(now))
    if filters.waits:
        wanted.append(_proposed(Decision.proposed_by != reader))
    return wanted + _after(filters)


def _assigned(to: str, reader: UUID) -> ColumnElement[bool]:
    if to == NOBODY:
        return Request.assigned_to.is_(None)
    return Request.assigned_to == (reader if to == ME else UUID(to))


def _is_assignee(text: str) -> bool:
    if text in {ME, NOBODY}:
        return True
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _held(now: datetime) -> ColumnElement[bool]:
    """Whether a hold in force keeps something of the time that the request is about."""
    touching = or_(
        Request.starts_at.is_(None),
        and_(LegalHold.starts_at < Request.ends_at, LegalHold.ends_at > Request.starts_at),
    )
    return exists().where(LegalHold.employee_id == Request.employee_id, in_force(now), touching)


def _proposed(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a decision about the request was proposed and waits for a second person."""
    waiting = Decision.confirmed_at.is_(None), Decision.rejected_at.is_(None)
    return exists().where(Decision.request_id == Request.id, *waiting, *more)


def _cursor(request: Request, filters: Filters) -> str:
    moment = request.closed_at if filters.over() else request.due_at
    return f"{moment.isoformat()}~{request.number}" if moment else ""


def _after(filters: Filters) -> list[ColumnElement[bool]]:
    """Where the page before ended; a cursor that nobody of us wrote begins at the top."""
    moment, _, number = filters.after.partition("~")
    try:
        at, last = datetime.fromisoformat(moment), int(number)
    except ValueError:
        return []
    if at.tzinfo is None or not 0 < last < 1 << 63:
        return []
    if filters.over():
        return [tuple_(Request.closed_at, Request.number) < (at, last)]
    return [tuple_(Request.due_at, Request.number) > (at, last)]
