"""What the demo's people have asked of HR, made by the acts that the pages use, so that the desk is not empty."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.capture.models import EmployeeDay
from portal.core import clock
from portal.core.config import Settings
from portal.hr import actions as desk
from portal.hr.actions import Seen
from portal.hr.queries import Case, case
from portal.operations.demo_people import PEOPLE
from portal.operations.demo_plan import Employed
from portal.operations.publish import as_owner
from portal.requests import actions, deadlines
from portal.requests.deciding import Proposal
from portal.requests.models import Request, RequestCount
from portal.requests.rules import About, Actor, Outcome, RequestType, Role

DAY: Final = timedelta(days=1)
Step = Callable[[Session, Case, Seen], object]


@dataclass(frozen=True)
class Asked:
    """A request `ago` about the `days` before it (0: everything); `then`: by whom, how many days later, what."""

    kind: RequestType
    ago: int
    days: int
    words: str
    kinds: tuple[str, ...] = ()
    then: tuple[tuple[str, int, Step], ...] = ()


def _say(words: str) -> Step:
    return partial(_with_words, desk.say, words)


def _extend(words: str) -> Step:
    return partial(_with_words, desk.extend, words)


def _with_words(
    act: Callable[[Session, Case, Seen, str], object], words: str, session: Session, of: Case, seen: Seen
) -> object:
    return act(session, of, seen, words)


def _ask_back(session: Session, of: Case, seen: Seen) -> object:
    return desk.ask_back(session, of, seen, "Please show us your staff card on a call: the address is new.", "identity")


def _refuse(session: Session, of: Case, seen: Seen) -> object:
    words = "The entries of 3 to 5 show when the incident was noticed. They are evidence until the case ends."
    return desk.propose(session, of, seen, Proposal(Outcome.REFUSE, words, "legal_claims"))


def _approve(session: Session, of: Case, seen: Seen) -> object:
    return desk.propose(session, of, seen, Proposal(Outcome.APPROVE, "You are right; your note stands beside it now."))


def _close(session: Session, of: Case, seen: Seen) -> object:
    return desk.close(session, of, seen, "The note was added.")


REQUESTS: Final = (
    Asked(RequestType.ERASE, 2, 7, "My private chat with a friend is in there."),
    Asked(RequestType.ERASE, 1, 5, "Same as before, in case the first one was lost.", ("key",)),
    Asked(RequestType.ACCESS, 12, 0, "I would like to see everything.", then=(("hana", 2, _ask_back),)),
    Asked(RequestType.ERASE, 28, 20, "Please delete these weeks.", then=(("helge", 20, _refuse),)),
    Asked(RequestType.OBJECT, 40, 0, "I object to training on my screenshots.", ("screenshot",)),
    Asked(
        RequestType.PORT, 21, 30, "", then=(("hana", 14, _extend("Nine stores have to be asked, two answer slowly.")),)
    ),
    Asked(
        RequestType.RECTIFY, 30, 3, "That was a test account, not me.",
        then=(("hana", 2, _approve), ("hana", 4, _close)),
    ),
    Asked(RequestType.RESTRICT, 6, 10, "Until we have talked.", then=(("helge", 1, _say("Is Thursday fine?")),)),
)  # fmt: skip
STAR: Final = Asked(RequestType.ACCESS, 3, 0, "A copy of everything, please.")


def ask(settings: Settings, employed: Sequence[Employed]) -> None:
    """Add the requests of some colleagues and of Amira. Nothing happens a second time."""
    users = {person.user for person in PEOPLE}
    others = [one for one in employed if one.who.subject not in users]
    stars = [one for one in employed if one.who.subject == PEOPLE[0].user]
    offices = {one.who.subject: one for one in employed if one.who.subject in users}
    if not {"hana", "helge"} <= offices.keys() or len(others) < len(REQUESTS) - 1:
        return
    with as_owner(settings) as session:
        if session.scalar(select(func.count()).select_from(Request)):
            return
        whose = [others[0], *others[: len(REQUESTS) - 1]]  # the second repeats what the first asked
        for one, asked in [*zip(whose, REQUESTS, strict=True), *((star, STAR) for star in stars)]:
            _ask(session, one, asked, offices, clock.now())


def _ask(session: Session, one: Employed, asked: Asked, offices: dict[str, Employed], now: datetime) -> None:
    when = now - asked.ago * DAY
    about = About(when - asked.days * DAY, when, asked.kinds) if asked.days else About(kinds=asked.kinds)
    law, due = deadlines.begun(one.who.site.country, asked.kind, when, one.who.site.timezone)
    by = Actor(one.id, Role.EMPLOYEE, one.who.name)
    request = actions.file(session, one.id, asked.kind, about, by, when, law=law, due_at=due, words=asked.words)
    _count(session, request, about)
    session.refresh(request, ["number"])
    for user, later, act in asked.then:
        found = case(session, request.number)
        hr = offices[user]
        if found is not None:
            act(session, found, Seen(Actor(hr.id, Role.HR, hr.who.name), when + later * DAY))


def _count(session: Session, request: Request, about: About) -> None:
    """What lies in Daylight's own store of what is asked, by kind and sensitivity."""
    kept = [EmployeeDay.employee_id == request.employee_id]
    if about.starts_at and about.ends_at:
        kept += [EmployeeDay.local_day >= about.starts_at.date(), EmployeeDay.local_day < about.ends_at.date()]
    if about.kinds:
        kept.append(EmployeeDay.kind.in_(about.kinds))
    columns = (EmployeeDay.kind, EmployeeDay.sensitivity)
    statement = select(*columns, func.sum(EmployeeDay.items)).where(*kept).group_by(*columns)
    for kind, sensitivity, items in session.execute(statement.order_by(*columns)):
        session.add(
            RequestCount(
                employee_id=request.employee_id, request_id=request.id, store="daylight", kind=kind,
                sensitivity=sensitivity, items=int(items),
            )
        )  # fmt: skip
