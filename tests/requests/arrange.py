"""Requests as tests need them: sent, asked back, decided; by the acts that the portal uses."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from portal.core import clock
from portal.core.db import Database
from portal.requests import actions, deciding
from portal.requests.deciding import Proposal
from portal.requests.models import Request
from portal.requests.rules import WORKER, About, Actor, Outcome, RequestState, RequestType, Role

HANA = Actor(uuid4(), Role.HR, "Hana Lindqvist")
HENRY = Actor(uuid4(), Role.HR, "Henry Osei")
MONTH = timedelta(days=30)
NO = Proposal(Outcome.REFUSE, "We need it for a case.", "legal_claims")
YES = Proposal(Outcome.APPROVE)


def sent(
    database: Database,
    person: UUID,
    kind: RequestType = RequestType.ERASE,
    about: About | None = None,
    words: str = "",
    now: datetime | None = None,
) -> Request:
    """A request of `person`, sent at `now`."""
    moment = now or clock.now()
    by = Actor(person, Role.EMPLOYEE, "Amira Kaya")
    with database.transaction("web_employee", person) as session:
        return actions.file(
            session, person, kind, about or About(), by, moment, law="gdpr", due_at=moment + MONTH, words=words
        )


def asked_back(database: Database, request: UUID, words: str = "Which weeks do you mean?") -> None:
    """HR asks something."""
    with database.transaction("web_hr", HANA.id) as session:
        actions.ask_back(session, request, HANA, clock.now(), words, reason="scope")


def decided(database: Database, request: UUID, proposal: Proposal = YES) -> None:
    """Proposed by Hana, confirmed by Henry."""
    with database.transaction("web_hr", HANA.id) as session:
        deciding.propose(session, request, HANA, clock.now(), proposal, four_eyes=True)
    with database.transaction("web_hr", HENRY.id) as session:
        deciding.confirm(session, request, HENRY, clock.now())


def ended(database: Database, request: UUID, state: RequestState = RequestState.DONE) -> None:
    """Carried out by the worker."""
    with database.transaction("worker") as session:
        actions.start(session, request, clock.now())
        actions.close(session, request, state, clock.now(), WORKER)


def state(database: Database, person: UUID, request: UUID) -> str:
    """Where it stands, as the person's login reads it."""
    with database.transaction("web_employee", person) as session:
        found = session.get_one(Request, request)
        return found.state.value
