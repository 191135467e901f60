"""Reads. Everybody reads texts and numbers; names only one petition at a time, by a function of the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.orm import Session

from portal.petitions import rules
from portal.petitions.models import BallotCode, BallotKey, Petition, PetitionDraft, PetitionEvent
from portal.petitions.rules import ENDED, State

PEOPLE_SHOWN = 100
PAGE_ROWS = 200
MOST_TOKENS = 200
"""With so many petitions a page's script gets tokens, whether one signs or not."""
MOST_SIMILAR = 5
DICTIONARY = "simple"
"""German and English stand in one list: no dictionary knows both, so words are cut to their beginnings instead."""

_PEOPLE = text("SELECT name, author, mine FROM petition_people(:petition, :after)")
_MINE = text(
    "SELECT petition_id, 'signed' FROM petition_signature UNION ALL SELECT petition_id, 'author' FROM petition_author"
)


@dataclass(frozen=True)
class People:
    """Who stands on a petition's page: its author, signers with their names, and whether there are more."""

    author: str
    names: tuple[str, ...]
    more: bool


@dataclass(frozen=True)
class Mine:
    """The petitions that the reader signed with the name, and those the reader started."""

    signed: frozenset[UUID]
    started: frozenset[UUID]


@dataclass(frozen=True)
class Key:
    """A petition's public key (DER), and since when its hash is in the log."""

    public: bytes
    published_at: datetime | None


def petition(session: Session, petition_id: UUID) -> Petition | None:
    """One petition."""
    return session.get(Petition, petition_id)


def listed(session: Session, page: int, *which: ColumnElement[bool]) -> tuple[list[Petition], bool]:
    """One page of all petitions, or of `which`: what runs, the newest first, then what ended; whether there are more.

    What waits for somebody is not to be looked for here: `waiting` has all of that.
    """
    order = (Petition.ended_on.desc().nulls_first(), Petition.created_at.desc(), Petition.id)
    found = select(Petition).where(*which).order_by(*order).limit(PAGE_ROWS + 1).offset((page - 1) * PAGE_ROWS)
    rows = list(session.scalars(found))
    return rows[:PAGE_ROWS], len(rows) > PAGE_ROWS


def waiting(session: Session) -> Sequence[Petition]:
    """Petitions that the works council or the employer owes something, longest first."""
    owed = or_(
        Petition.council_on.is_not(None) & Petition.discussed_on.is_(None),
        Petition.employer_on.is_not(None) & Petition.answered_on.is_(None),
    )
    since = func.least(Petition.council_on, Petition.employer_on)
    return session.scalars(select(Petition).where(Petition.ended_on.is_(None), owed).order_by(since, Petition.id)).all()


def keys(session: Session, petitions: Sequence[UUID]) -> dict[UUID, Key]:
    """Petition → its key, of those that have one."""
    columns = (BallotKey.petition_id, BallotKey.public_key, BallotKey.published_at)
    rows = session.execute(select(*columns).where(BallotKey.petition_id.in_(petitions))).all()
    return {row.petition_id: Key(row.public_key, row.published_at) for row in rows}


def people(session: Session, petition_id: UUID, after: int) -> People:
    """Names on the page that begins behind `after` of them; needs the signed-in person in the transaction."""
    rows: Sequence[Any] = session.execute(_PEOPLE, {"petition": petition_id, "after": after}).all()
    names = [row.name for row in rows[:PEOPLE_SHOWN] if not row.author]
    author = next((row.name for row in rows if row.author), "")
    return People(author, tuple(names), len(rows) > PEOPLE_SHOWN)


def mine(session: Session) -> Mine:
    """What the reader signed and started; the database shows nobody else's rows."""
    rows = session.execute(_MINE).all()
    return Mine(
        frozenset(row[0] for row in rows if row[1] == "signed"), frozenset(row[0] for row in rows if row[1] == "author")
    )


def events(session: Session, petition_id: UUID) -> Sequence[PetitionEvent]:
    """What happened, oldest first."""
    statement = select(PetitionEvent).where(PetitionEvent.petition_id == petition_id).order_by(PetitionEvent.id)
    return session.scalars(statement).all()


def similar(session: Session, words: str) -> Sequence[Petition]:
    """Petitions about the same, best first; rejected and withdrawn ones do not stand in anybody's way."""
    asked = [f"{word}:*" for word in rules.words(words)]
    if not asked:
        return []
    query = func.to_tsquery(DICTIONARY, " | ".join(asked))
    about = func.to_tsvector(DICTIONARY, Petition.title + " " + Petition.demand)
    rank = func.ts_rank(about, query)
    statement = select(Petition).where(Petition.state.not_in([State.REJECTED, State.WITHDRAWN]), about.op("@@")(query))
    return session.scalars(statement.order_by(rank.desc(), Petition.id).limit(MOST_SIMILAR)).all()


def drafts(session: Session, person: UUID) -> Sequence[PetitionDraft]:
    """The person's own drafts, newest first."""
    statement = select(PetitionDraft).where(PetitionDraft.employee_id == person)
    return session.scalars(statement.order_by(PetitionDraft.changed_at.desc())).all()


def draft(session: Session, person: UUID, draft_id: UUID) -> PetitionDraft | None:
    """One of the person's own drafts."""
    statement = select(PetitionDraft).where(PetitionDraft.employee_id == person, PetitionDraft.id == draft_id)
    return session.scalars(statement).one_or_none()


def running_of(session: Session, person: UUID) -> int:
    """How many petitions the person started that have not ended."""
    started = text(
        "SELECT count(*) FROM petition_author a JOIN petition p ON p.id = a.petition_id "
        "WHERE a.employee_id = :person AND p.ended_on IS NULL"
    )
    return int(session.execute(started, {"person": person}).scalar_one())


def published(session: Session) -> dict[str, BallotCode]:
    """Hash → version of the browser's code that the log knows."""
    return {row.sha256: row for row in session.scalars(select(BallotCode))}


def signable(session: Session, today: date, current: UUID | None = None) -> Sequence[Petition]:
    """Those that can be signed today: `current` first, those before everybody, those that end soonest; not too many."""
    order = (Petition.id != current, Petition.state == State.SUPPORT, Petition.ends_on, Petition.id)
    found = select(Petition).where(Petition.state.not_in(ENDED), Petition.ends_on >= today).order_by(*order)
    return session.scalars(found.limit(MOST_TOKENS)).all()
