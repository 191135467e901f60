"""What the pages of person and works council show of mismatches, as plain values for the templates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core import clock
from portal.reconciliation.settling import queries, words
from portal.reconciliation.settling.models import Standing
from portal.reconciliation.settling.queries import Own
from portal.reconciliation.settling.rules import waited

LEAST: Final = 10
"""Of fewer people no number is kept for the works council; the database holds that, too."""


@dataclass(frozen=True)
class Case:
    """A mismatch as somebody affected reads it. `answers`: cause, words, day; `age`: days that it waits, or none."""

    id: UUID
    number: int
    state: str
    tone: str
    age: int | None
    answers: list[tuple[str, str, date]]
    disputed_on: date | None
    mine: bool
    disputable: bool


@dataclass(frozen=True)
class Stand:
    """A line of the council's table; None: fewer than ten people are concerned. `age`: days that ten people wait."""

    state: str
    cases: int | None
    people: int | None
    age: int | None


def cases(own: Iterable[Own]) -> list[Case]:
    """The mismatches behind a person's rows."""
    return [_case(one) for one in own]


def _case(one: Own) -> Case:
    waits = one.state is not Standing.ANSWERED
    return Case(
        id=one.id,
        number=one.number,
        state=str(words.STANDING[one.state]),
        tone=words.TONE[one.state],
        age=waited(one.found_on, clock.now().date()) if waits else None,
        answers=[(str(words.CAUSE[said.cause]), said.words, said.on) for said in one.answers.values()],
        disputed_on=one.disputed_on,
        mine=one.mine,
        disputable=one.open_to_dispute,
    )


def council(session: Session) -> list[Stand]:
    """How many mismatches stand where; empty before the worker first counted."""
    shares, today = queries.shares(session), clock.now().date()
    return [
        Stand(str(words.STANDING[state]), row.cases, row.people, waited(row.since, today) if row.since else None)
        for state in Standing
        if (row := shares.get(state)) is not None
    ]
