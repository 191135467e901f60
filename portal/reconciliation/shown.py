"""What the pages show, gathered into plain values for the templates."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.agents.queries import device_names
from portal.capture.pages import day_url, item_url
from portal.policies.queries import policies
from portal.reconciliation import queries, rules, words
from portal.reconciliation.models import Finding, Share, State
from portal.reconciliation.rules import GONE, Mismatch, Slot, What
from portal.reconciliation.settling import queries as settling
from portal.reconciliation.settling import shown as settled

LINKS = 20
"""How many items of one finding are linked; the number says how many there are."""
STATES = (*map(str, (State.GREEN, State.AMBER)), GONE, str(State.RED))
"""How a day can come out, each a column of the council's table."""
SENT, HELD = ("sent", "stored", "refused", "erased"), ("stored", "permitted", "shown")


@dataclass(frozen=True)
class Found:
    """One finding in words. `links`: the items, as far as the page shows them. `cases`: numbers of mismatches."""

    what: str
    kind: str
    context: str
    device: str
    items: int
    links: list[tuple[str, str]]
    more: int
    cases: list[int]


@dataclass(frozen=True)
class Row:
    """One line: kind, app or site, the list of such items ('' for none), and one number a column."""

    kind: str
    context: str
    url: str
    numbers: list[int]


def hidden(session: Session, person: UUID, day: date) -> list[Mismatch]:
    """What the rollup counts and the page's own query does not list, asked as the person, twice if it differs."""
    first = _hidden(session, person, day)
    again = _hidden(session, person, day) if first else []
    # While the person deletes, the two counts are of different moments; what is hidden stays so.
    return again if again == first else []


def _hidden(session: Session, person: UUID, day: date) -> list[Mismatch]:
    counted = queries.rollup(session, person, day)
    listed: Counter[Slot] = queries.listed(session, person, day)
    return rules.unlisted(counted, listed)


def page(session: Session, person: UUID, day: date, figures: Mapping[str, Any] | None) -> dict[str, Any]:
    """The tables of the page: what does not agree, what was sent, what lies here."""
    labels = policies(session, person).labels()
    names = device_names(session, person)
    found = queries.findings(session, person, day)
    cases, of = settling.own(session, person, [row.id for row in found])
    told: Mapping[str, Any] = figures or {}
    return {
        "found": [_found(row, labels, names, of.get(row.id, [])) for row in found],
        "cases": settled.cases(cases.values()),
        "sent": _rows(day, told.get("sent", ()), SENT, labels),
        "held": _rows(day, told.get("held", ()), HELD, labels),
        "missing": [names.get(UUID(one), "") for one in told.get("missing", ())],
        "gone": [names.get(UUID(one), "") for one in told.get("gone", ())],
    }


def _found(row: Finding, labels: Mapping[str, str], names: Mapping[UUID, str], cases: list[int]) -> Found:
    ids = row.segment_ids[:LINKS] if row.what != What.LOST else []
    return Found(
        words.what(row.what),
        row.kind,
        row.place or labels.get(row.context, row.context),
        names.get(row.device_id, "") if row.device_id else "",
        row.items,
        [(item_url(row.day, one), str(number)) for number, one in enumerate(ids, 1)],
        max(0, len(row.segment_ids) - LINKS),
        cases,
    )


def _rows(day: date, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], labels: Mapping[str, str]) -> list[Row]:
    return [
        Row(
            str(row["kind"]),
            labels.get(str(row["context"]), str(row["context"])),
            day_url(day, kind=row["kind"], context=row["context"]) if row["kind"] else "",
            [int(row.get(column, 0)) for column in columns],
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Line:
    """One line of the council's day: words, and a number; None: too few people."""

    what: str
    count: int | None


def council(shares: Sequence[Share]) -> list[tuple[date, int, list[Line], list[Line]]]:
    """By day, newest first, with its k: how people's days came out, and what did not agree for k people at least."""
    days = []
    for day, group in groupby(shares, key=lambda one: one.day):
        rows = list(group)
        by = {row.measure: row.people for row in rows}
        states = [Line(words.measure(one), by.get(one)) for one in STATES]
        found = [Line(words.what(row.measure), row.people) for row in rows if row.measure not in STATES and row.people]
        days.append((day, rows[0].k, states, found))
    return days
