"""What HR's desk shows in the crawl: requests in every state, made by the real acts."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from portal.core import clock
from portal.core.db import Database
from portal.deletion.holding import NewHold
from portal.hr import actions as desk_acts
from portal.hr import queries as desk_reads
from portal.hr.actions import Seen
from portal.requests import actions, deadlines
from portal.requests.deciding import Proposal
from portal.requests.models import Request, RequestCount
from portal.requests.rules import About, Actor, EventKind, Outcome, RequestState, RequestType, Role
from tests.browser.installation import Installation
from tests.cast import make_person

DAY = timedelta(days=1)


def desk(installed: Installation, person: UUID, hr: tuple[UUID, UUID]) -> tuple[dict[str, int], UUID]:
    """Name → number of a request of one person, and a hold; Hana has seen some, Helge proposes."""
    database = Database(installed.settings)
    make_person(installed.superuser, "Lea Gone", left_at=clock.now() - 3 * DAY, department="Sales")
    try:
        return _made(database, person, hr)
    finally:
        database.dispose()


def _made(database: Database, person: UUID, hr: tuple[UUID, UUID]) -> tuple[dict[str, int], UUID]:
    now = clock.now()
    week = About(now - 12 * DAY, now - 5 * DAY)
    asked = {
        "open": _ask(database, person, RequestType.ERASE, week, 26 * DAY),
        "twin": _ask(database, person, RequestType.ERASE, About(now - 10 * DAY, now - 6 * DAY, ("key",)), 2 * DAY),
        "proposed": _ask(database, person, RequestType.OBJECT, About(kinds=("screenshot",)), 40 * DAY),
        "running": _ask(database, person, RequestType.ERASE, About(contexts=("outlook",)), 9 * DAY),
        "asked_back": _ask(database, person, RequestType.ACCESS, About(), 3 * DAY),
        "frozen": _ask(database, person, RequestType.RESTRICT, About(kinds=("pointer",)), 15 * DAY),
        "refused": _ask(database, person, RequestType.RECTIFY, week, 20 * DAY),
    }
    refusal = Proposal(Outcome.REFUSE, "We checked the record and found it right.", "accurate")
    reasons = Proposal(Outcome.REFUSE, "The training run ended before you objected.", "compelling")
    _act(database, hr[1], asked["proposed"], lambda s, case, by: desk_acts.propose(s, case, by, reasons))
    _act(database, hr[1], asked["refused"], lambda s, case, by: desk_acts.propose(s, case, by, refusal))
    _act(database, hr[0], asked["refused"], desk_acts.confirm)
    _act(
        database,
        hr[0],
        asked["asked_back"],
        lambda s, case, by: desk_acts.ask_back(s, case, by, "Is it you?", "identity"),
    )
    _act(
        database,
        hr[0],
        asked["running"],
        lambda s, case, by: desk_acts.extend(s, case, by, "Forty stores answer slowly."),
    )
    _act(database, hr[0], asked["running"], lambda s, case, by: desk_acts.assign(s, case, by, hr[0]))
    _act(
        database, hr[0], asked["running"], lambda s, case, by: desk_acts.propose(s, case, by, Proposal(Outcome.APPROVE))
    )
    _steps(database, person, asked["running"])
    task = {"sort": "owner", "store": "Hive / train_snap_04", "owner": "Data platform", "words": "Please by hand."}
    _act(database, hr[0], asked["running"], lambda s, case, by: desk_acts.give_task(s, case, by, task))
    _freeze(database, hr, asked["frozen"])
    hold = NewHold(now - 8 * DAY, now - 7 * DAY, "legal_claims", "Case 7, labour court", now + 90 * DAY)
    found: list[UUID] = []
    _act(database, hr[0], asked["open"], lambda s, case, by: found.append(desk_acts.hold(s, case, by, hold).id))
    return asked, found[0]


def _freeze(database: Database, hr: tuple[UUID, UUID], number: int) -> None:
    """A freeze in force that one of HR proposes to lift."""
    _act(database, hr[0], number, lambda s, case, by: desk_acts.propose(s, case, by, Proposal(Outcome.APPROVE)))
    with database.transaction("worker") as session:
        request = session.scalars(select(Request.id).where(Request.number == number)).one()
        actions.start(session, request, clock.now())
        actions.close(session, request, RequestState.DONE, clock.now())
    _act(
        database, hr[1], number, lambda s, case, by: desk_acts.lift(s, case, by, EventKind.LIFT_PROPOSED, "It is over.")
    )


def _ask(database: Database, person: UUID, kind: RequestType, about: About, ago: timedelta) -> int:
    when = clock.now() - ago
    law, due = deadlines.begun("DE", kind, when, "Europe/Berlin")
    by = Actor(person, Role.EMPLOYEE, "Dora Nachtigall-Weber")
    with database.transaction("web_employee", person) as session:
        request = actions.file(
            session, person, kind, about, by, when, law=law, due_at=due, words="Bitte, and thank you."
        )
        session.refresh(request)
        for slug, level, items in (("key", 2, 4120), ("screenshot", 3, 118), ("prompt", 4, 9)):
            counted = {"store": "daylight", "kind": slug, "sensitivity": level, "items": items}
            session.add(RequestCount(employee_id=person, request_id=request.id, **counted))
        session.add(
            RequestCount(
                employee_id=person, request_id=request.id, dataset_id=uuid4(), store="Hive / mci_events", items=61
            )
        )
        return request.number


def _act(database: Database, who: UUID, number: int, act: object) -> None:
    with database.transaction("web_hr", who) as session:
        case = desk_reads.case(session, number)
        assert case
        name = next(one.name for one in case.colleagues if one.id == who)
        assert callable(act)
        act(session, case, Seen(Actor(who, Role.HR, name), clock.now()))


def _steps(database: Database, person: UUID, number: int) -> None:
    """A store that is through, one that is away, one that kept something."""
    with database.transaction("worker") as session:
        connection = session.connection()
        for at, (store, state) in enumerate(
            (
                ("daylight", "done"),
                ("Hive / mci_events", "done"),
                ("Hive / train_snap_04", "pending"),
                ("lake", "partial"),
            )
        ):
            connection.exec_driver_sql(
                "INSERT INTO request_step (id, employee_id, request_id, dataset_id, store, chosen, state, tries, "
                "pending_since, deleted, held, read_back_at, physical_on) SELECT %s, employee_id, id, %s, %s, '{}', "
                "%s, 14, %s, 4120, %s, %s, %s FROM request WHERE number = %s",
                (
                    uuid4(),
                    uuid4() if at else None,
                    store,
                    state,
                    clock.now() - DAY if state == "pending" else None,
                    2 if state == "partial" else 0,
                    clock.now() if state == "done" else None,
                    (clock.now() + 30 * DAY).date() if state == "done" else None,
                    number,
                ),
            )
