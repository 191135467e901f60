"""Petitions as templates take them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import json, url_for

from portal.petitions import rules, words
from portal.petitions.actions import standing
from portal.petitions.law import TERMS
from portal.petitions.models import Petition, PetitionEvent
from portal.petitions.rules import Answerer, State


@dataclass(frozen=True)
class Line:
    """A petition in a list. `signatures`: what counts; `goal` None: no further threshold, or nobody has counted yet."""

    id: UUID
    title: str
    status: str
    tone: str
    signatures: int
    goal: int | None
    ends_on: date
    signable: bool
    ended_on: date | None
    started: bool
    signed: bool
    since: date | None
    council_due: date | None
    answer_due: date | None


@dataclass(frozen=True)
class Goal:
    """One threshold: what it brings, how many signatures it needs, when it was reached."""

    name: str
    needed: int | None
    reached_on: date | None


def line(petition: Petition, today: date, *, signed: bool = False, started: bool = False) -> Line:
    """The petition as a list shows it."""
    text, tone = words.STATES[petition.state]
    return Line(
        id=petition.id,
        title=petition.title,
        status=str(text),
        tone=tone,
        signatures=rules.signatures(standing(petition)),
        goal=_next_goal(petition),
        ends_on=petition.ends_on,
        signable=rules.signable(petition.state, petition.ends_on, today),
        ended_on=petition.ended_on,
        started=started,
        signed=signed,
        since=min(filter(None, (petition.council_on, petition.employer_on)), default=None),
        council_due=petition.council_due if petition.discussed_on is None else None,
        answer_due=petition.answer_due if petition.answered_on is None else None,
    )


def whole(petition: Petition, today: date) -> dict[str, Any]:
    """The petition as its own page shows it: `line`, and its texts and numbers."""
    return {
        "line": line(petition, today),
        "demand": petition.demand,
        "reasons": petition.reasons,
        "answerer": str(words.ANSWERERS[petition.answerer]),
        "created_at": petition.created_at,
        "named": petition.named,
        "unnamed": petition.unnamed,
        "counted_on": petition.counted_on,
        "employees": petition.employees,
        "small": petition.employees is not None and petition.employees < TERMS.shown_from,
        "goals": goals(petition),
        "looks_for_support": petition.state is State.SUPPORT,
        "discussed_on": petition.discussed_on,
        "minutes": petition.minutes,
        "result": petition.result,
        "answered_on": petition.answered_on,
        "answered_by": petition.answered_by,
        "answer": petition.answer,
        "reason": str(words.REASONS[petition.reason]) if petition.reason else "",
        "reason_words": petition.reason_words,
    }


def goals(petition: Petition) -> list[Goal]:
    """What a petition can reach."""
    council = rules.needed(TERMS.council_percent, petition.employees)
    found = [Goal("council", council, petition.council_on)]
    if petition.answerer is Answerer.EMPLOYER:
        found.append(Goal("employer", rules.needed(TERMS.employer_percent, petition.employees), petition.employer_on))
    return found


def history(events: Sequence[PetitionEvent]) -> list[tuple[date, str]]:
    """Day and words of what happened."""
    return [(event.on_day, str(words.EVENTS[event.kind])) for event in events]


def terms() -> dict[str, Any]:
    """The thresholds, for sentences."""
    return dict(vars(TERMS))


def card(petitions: Sequence[Petition], keys: Mapping[UUID, Any], encode: Any) -> str:
    """What the browser's code needs of the petitions that run, as JSON."""
    return json.dumps(
        [
            {
                "id": str(one.id),
                "key": encode(keys[one.id]),
                "ends": one.ends_on.isoformat(),
                "issue": url_for("petitions.token_submit", petition=one.id),
            }
            for one in petitions
            if one.id in keys
        ]
    )


def _next_goal(petition: Petition) -> int | None:
    """The next number to reach, while one can still sign."""
    if petition.state is State.SUPPORT:
        return TERMS.support_names
    return next((goal.needed for goal in goals(petition) if goal.reached_on is None and goal.needed), None)


def forget_before(today: date) -> date:
    """Names of petitions that ended on this day or before are gone."""
    return rules.months_later(today, -TERMS.names_months)
