"""The day's items among ten million: the page's own query under row-level security, and as a superuser without it."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session

from benchmarks.installation import Installation, Superuser, crowd, installation
from benchmarks.measure import Figure, median, milliseconds, step
from portal.capture import queries
from portal.capture.queries import Filter
from portal.core import clock
from portal.core.db import Database

PEOPLE, DAYS, PER_DAY = 1000, 100, 100
QUICK_DAYS = 10
PAIRS, QUICK_PAIRS = 400, 100
MORE_S = 0.00015
"""The check of who asks costs each statement the same, however many rows there are: docs/decisions/0069."""
MONTHS = 2

# In the order of the key, as VACUUM FULL would leave it: fewest pages a query, so that the policy's part weighs most.
_FILL = """
INSERT INTO segment (employee_id, started_at, id, ended_at, local_day, device_id, seq, kind, context, counts,
                     sensitivity, categories, policy, policy_version, lease_id, key_id, size, header, body)
SELECT d.employee_id, t, gen_random_uuid(), t + interval '40 seconds', day::date, d.id, n, at.kind,
       'vscode', '{"keys": 90}',
       1 + n %% 4, '{user.content}', %(policy)s, 1, d.id, d.id, 900, '\\x00', '\\x00'
  FROM device d, generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day,
       generate_series(1, %(items)s) AS n,
       LATERAL (SELECT day + interval '8 hours' + n * interval '6 minutes' AS t,
                       (ARRAY['key', 'pointer', 'click', 'window', 'screenshot'])[1 + n %% 5] AS kind) AS at
 ORDER BY d.employee_id, t
"""


@dataclass(frozen=True)
class Timed:
    """Seconds of the same query by the person under row-level security, and by the superuser."""

    own: list[float]
    without: list[float]

    def ratio(self) -> float:
        """Of the medians."""
        return median(self.own) / median(self.without)

    def more(self) -> float:
        """Seconds between the medians."""
        return median(self.own) - median(self.without)


def run(*, quick: bool) -> Iterator[Figure]:
    """Both queries that read items for a day's page; fails if a plan leaves the key or reads other months."""
    days, pairs = (QUICK_DAYS, QUICK_PAIRS) if quick else (DAYS, PAIRS)
    with installation() as installed:
        people = [member.employee for member in crowd(installed, PEOPLE)]
        with installed.superuser() as connection:
            last = clock.now().date() - timedelta(days=1)
            rows = _fill(connection, last, days)
        draw = random.Random(1)  # noqa: S311 - a choice of days
        chosen = [(draw.choice(people), last - timedelta(days=draw.randrange(days))) for _ in range(pairs)]
        for name, statement in (("items", _items), ("lanes", _lanes)):
            found = _compare(installed, chosen, statement)
            yield Figure(
                f"a day's {name} among {rows:,} rows, {pairs} pairs",
                f"under row-level security {milliseconds(median(found.own))}",
                f"superuser without {milliseconds(median(found.without))}",
                f"{found.ratio():.2f}x; {milliseconds(found.more())} more",
                f"≤ {milliseconds(MORE_S)} more",
                found.more() <= MORE_S,
            )


def _fill(connection: Superuser, last: date, days: int) -> int:
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET synchronous_commit = off")
    connection.execute("SET work_mem = '256MB'")
    policy = "5d" * 32
    with step(f"{PEOPLE * days * PER_DAY:,} rows"):
        first = last - timedelta(days=days - 1)
        month = first
        while month <= last:
            end = min(last, (month.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1))
            bounds = {"first": month, "last": end, "items": PER_DAY, "policy": policy}
            connection.execute(_FILL.encode(), bounds)
            connection.commit()
            month = end + timedelta(days=1)
    connection.autocommit = True
    with step("vacuum"):
        connection.execute("VACUUM ANALYZE segment")
    row = connection.execute("SELECT count(*) FROM segment").fetchone()
    return int(row[0]) if row else 0


def _items(session: Session, person: UUID, day: date) -> int:
    return len(queries.items(session, person, day, Filter())[0])


def _lanes(session: Session, person: UUID, day: date) -> int:
    return len(queries.stretches(session, person, day))


Read = Callable[[Session, UUID, date], int]


class Clocked:
    """Seconds in the database of each statement on an engine, until its rows are here; remembers the last one."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.seconds = engine, 0.0
        self.statement: tuple[str, Any] = ("", None)
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", self._end)

    def _begin(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        self.statement, self.seconds = (statement, parameters), time.perf_counter()

    def _end(self, *_: Any) -> None:
        self.seconds = time.perf_counter() - self.seconds


def _compare(installed: Installation, chosen: list[tuple[UUID, date]], read: Read) -> Timed:
    database = Database(installed.settings)
    superuser = create_engine("postgresql+psycopg://", creator=installed.superuser)
    own, without = Clocked(database.engine("web_employee")), Clocked(superuser)
    found = Timed([], [])

    def as_person(person: UUID, day: date) -> None:
        with database.transaction("web_employee", person) as session:
            if read(session, person, day) == 0:
                raise ValueError("a person does not see the own rows")
            found.own.append(own.seconds)

    def as_superuser(person: UUID, day: date) -> None:
        with Session(superuser) as session, session.begin():
            session.execute(text("SELECT set_config('portal.actor', '', true)"))
            read(session, person, day)
            found.without.append(without.seconds)

    for number, (person, day) in enumerate(chosen):
        for side in (as_person, as_superuser) if number % 2 else (as_superuser, as_person):
            side(person, day)
    _check_plan(database, own, chosen[0], read)
    database.dispose()
    superuser.dispose()
    return found


def _check_plan(database: Database, own: Clocked, where: tuple[UUID, date], read: Read) -> None:
    """Raise unless only the primary keys of at most two months are read."""
    person, day = where
    with database.transaction("web_employee", person) as session:
        read(session, person, day)
        statement, parameters = own.statement
        told = session.connection().exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    scans = list(_scans(told[0]["Plan"]))
    print(f"    plan: {', '.join(sorted(f'{kind} {name}' for kind, name in scans))}")
    if not 0 < len(scans) <= MONTHS or not all(name.endswith("_pkey") for _, name in scans):
        raise ValueError(f"the plan does not stay on the key of few months: {scans}")


def _scans(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(kind of scan, index or table) of everything the plan reads."""
    kind = plan["Node Type"]
    if "Index Name" in plan or (kind.endswith("Scan") and "Relation Name" in plan and "Bitmap" not in kind):
        yield kind, plan.get("Index Name") or plan["Relation Name"]
    for below in plan.get("Plans", []):
        yield from _scans(below)
