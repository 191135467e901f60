"""What the demo's people demand together, in each state a petition can be in."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.config import Settings
from portal.operations.demo_arrange import require_demo
from portal.operations.demo_calendar import name_id
from portal.operations.demo_plan import Employed
from portal.operations.publish import as_owner
from portal.petitions.law import TERMS
from portal.petitions.models import BallotVote, Petition, PetitionAuthor, PetitionEvent, PetitionSignature
from portal.petitions.rules import Answerer, EventKind, Reason, State, months_later

DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Demand:
    """A petition that was started `ago` days ago by the `author`-th person; `happened`: what, how many days ago."""

    title: str
    demand: str
    reasons: str
    state: State
    ago: int
    author: int
    names: int
    unnamed: int
    happened: tuple[tuple[EventKind, int], ...] = ()
    answerer: Answerer = Answerer.EMPLOYER
    more: Mapping[str, Any] = field(default_factory=dict)


DEMANDS: Final = (
    Demand(
        "No screenshots in the design tools",
        "No more screenshots of design applications, from next month on.",
        "They hold unpublished work of our clients, and nobody has said what they are needed for.",
        State.AWAITING, 40, 3, 9, 31,
        ((EventKind.OPENED, 36), (EventKind.THRESHOLD, 20), (EventKind.EMPLOYER, 6)),
    ),
    Demand(
        "Meetings on Friday afternoon without any recording",
        "On Fridays from two o'clock on nothing is captured, for everybody and without asking.",
        "One afternoon a week to talk freely would do us good. Pausing alone makes one stand out.",
        State.THRESHOLD, 30, 8, 5, 12,
        ((EventKind.OPENED, 26), (EventKind.THRESHOLD, 9)), Answerer.COUNCIL,
    ),
    Demand(
        "Show us which models were trained on our prompts",
        "A list of all models and training runs that our prompts went into, kept up to date on the portal.",
        "We see what was captured, but not what was made of it.",
        State.OPEN, 12, 11, 3, 0, ((EventKind.OPENED, 10),),
    ),
    Demand(
        "A day a month without a collector for people on call",
        "Who was on call gets a full day without capture in the week after.",
        "Nights on call are written down twice: in the ticket, and by the collector.",
        State.SUPPORT, 2, 14, 1, 0,
    ),
    Demand(
        "Say in advance which sites are added to the list",
        "Two weeks before an app or a site is added to the list, everybody is told.",
        "In spring we found three new ones by chance.",
        State.ANSWERED, 90, 5, 12, 27,
        ((EventKind.OPENED, 84), (EventKind.THRESHOLD, 70), (EventKind.EMPLOYER, 60), (EventKind.DISCUSSED, 50),
         (EventKind.ANSWERED, 48)),
        more={
            "minutes": "Item 4 of the meeting. Two members report from the departments. Agreed without a vote against.",
            "result": "We ask for an announcement two weeks ahead, and consent to no list without one.",
            "answered_by": "Rosa Brandt, managing director",
            "answer": "Agreed. From January on, additions are announced on this portal two weeks ahead.",
        },
    ),
    Demand(
        "No screenshots of drawing programs",
        "Stop taking pictures of drawing programs.",
        "They show our clients' work.",
        State.REJECTED, 33, 20, 1, 0, ((EventKind.REJECTED, 31),),
        more={"reason": Reason.DUPLICATE, "reason_words": "“No screenshots in the design tools” demands the same."},
    ),
)  # fmt: skip


def demand(settings: Settings, employed: Sequence[Employed]) -> None:
    """Add the petitions. Nothing happens a second time. Raises OperationsError for a database that is not a demo."""
    with as_owner(settings) as session:
        require_demo(session)
        if session.scalar(select(func.count()).select_from(Petition)):
            return
        people = [one.id for one in employed]
        for one in DEMANDS if len(people) > max(each.author for each in DEMANDS) else ():
            _add(session, one, people, clock.now())


def _add(session: Session, one: Demand, people: Sequence[UUID], now: datetime) -> None:
    new, days = name_id("petition", one.title), {kind: (now - ago * DAY).date() for kind, ago in one.happened}
    session.add(Petition(**_columns(one, days, now) | {"id": new, "employees": len(people)}))
    session.flush()
    session.add(PetitionAuthor(employee_id=people[one.author], petition_id=new))
    if one.state is not State.REJECTED:  # a signature counts itself, as long as its petition runs
        signers = [person for at, person in enumerate(people) if at != one.author][: one.names]
        rows = [{"employee_id": person, "petition_id": new, "signed_on": (now - DAY).date()} for person in signers]
        session.execute(insert(PetitionSignature), rows)
    signed = {"petition_id": new, "on_day": (now - DAY).date()}
    votes = [signed | {"nullifier": os.urandom(32)} for _ in range(one.unnamed)]
    if votes:
        session.execute(insert(BallotVote), votes)
    for kind, day in days.items():
        session.add(PetitionEvent(petition_id=new, kind=kind, on_day=day, told_at=now))


def _columns(one: Demand, days: Mapping[EventKind, date], now: datetime) -> dict[str, Any]:
    """Everything that is known of it."""
    council, employer = days.get(EventKind.THRESHOLD), days.get(EventKind.EMPLOYER)
    opened = days.get(EventKind.OPENED)
    started = now - one.ago * DAY
    longest = TERMS.open_days if opened else TERMS.support_days
    return {
        "title": one.title,
        "demand": one.demand,
        "reasons": one.reasons,
        "answerer": one.answerer,
        "state": one.state,
        "created_at": started,
        "ends_on": (opened or started.date()) + longest * DAY,
        "opened_on": opened,
        "unnamed": one.unnamed if one.unnamed >= TERMS.shown_from else None,
        "counted_on": (now - DAY).date(),
        "council_on": council,
        "council_due": months_later(council, TERMS.council_months) if council else None,
        "discussed_on": days.get(EventKind.DISCUSSED),
        "employer_on": employer,
        "answer_due": employer + TERMS.employer_days * DAY if employer else None,
        "answered_on": days.get(EventKind.ANSWERED),
        "ended_on": days.get(EventKind.REJECTED),
    } | dict(one.more)
