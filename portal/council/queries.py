"""Reads of what was released and of who looked; nothing else is open to the council's login."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Text, and_, or_, select, text, type_coerce
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.audit.models import LogHead
from portal.council.kept import Kept
from portal.council.models import ExpertSeat, Reader, RoomDocument, What
from portal.policies.models import PolicyRow
from portal.policies.queries import read
from portal.releases.models import Figure, Release
from portal.releases.panels import Why
from portal.releases.periods import Span
from portal.releases.places import Level, Place

MOST_PLACES: Final = 60
"""As many places are compared on one page; the files have all of them."""
MOST_RELEASES: Final = 120
MOST_HEADS: Final = 12
PAGE_ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class Told:
    """One figure: a value, or why it is hidden and what it would reveal; `step`: how wide a share's step is."""

    value: int | None
    why: Why | None = None
    because: str = ""
    step: int | None = None


Cells = Mapping[Place, Mapping[str, Told]]
RELEASES: Final = Kept[Release](1_000)
FIGURES: Final = Kept[Cells](100_000)
"""Releases, and figures of them: about 300 bytes each, so 30 MB at most."""
_WHY: Final = {None: None} | {why.value: why for why in Why}


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: when, who, as what, at what."""

    at: datetime
    name: str
    role: Reader
    what: What
    about: UUID | None


def looks(session: Session, page: int) -> tuple[list[Seen], bool]:
    """One page of the looks, newest first, and whether there are more."""
    asked = {"most": PAGE_ROWS + 1, "past": (page - 1) * PAGE_ROWS}
    rows = session.execute(text("SELECT * FROM room_looks(:most, :past)"), asked).all()
    found = [Seen(row.at, row.name, Reader(row.role), What(row.what), row.about) for row in rows]
    return found[:PAGE_ROWS], len(found) > PAGE_ROWS


def seats(session: Session) -> Sequence[ExpertSeat]:
    """The newest seats of experts."""
    return session.scalars(select(ExpertSeat).order_by(ExpertSeat.named_at.desc()).limit(PAGE_ROWS)).all()


def open_until(session: Session, now: datetime) -> Sequence[datetime]:
    """Until when each open seat lasts; nobody's name."""
    live = (ExpertSeat.ended_at.is_(None), ExpertSeat.starts_at <= now, ExpertSeat.ends_at > now)
    return session.scalars(select(ExpertSeat.ends_at).where(*live).order_by(ExpertSeat.ends_at)).all()


def papers(session: Session, *, told: bool = False) -> list[RoomDocument]:
    """The newest version of each paper, or of each that everybody was told; the newest day first."""
    newest = select(RoomDocument).ext(distinct_on(RoomDocument.document_id))
    if told:
        newest = newest.where(RoomDocument.told)
    rows = session.scalars(newest.order_by(RoomDocument.document_id, RoomDocument.version.desc())).all()
    return sorted(rows, key=lambda one: (one.on_day, one.written_at), reverse=True)


def versions(session: Session, document: UUID) -> list[RoomDocument]:
    """All versions of a paper, the newest first."""
    mine = select(RoomDocument).where(RoomDocument.document_id == document)
    return list(session.scalars(mine.order_by(RoomDocument.version.desc())))


def titles(session: Session, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """What the papers among these ids are called; of versions the newest title."""
    wanted = select(RoomDocument.document_id, RoomDocument.title).where(
        RoomDocument.document_id.in_([one for one in ids if one is not None])
    )
    return {row.document_id: row.title for row in session.execute(wanted.order_by(RoomDocument.version))}


def seat_possible(session: Session, account: str) -> bool:
    """Whether no employee has this account."""
    return bool(session.execute(text("SELECT seat_possible(:account)"), {"account": account}).scalar_one())


def releases_of(session: Session, ids: Iterable[UUID | None]) -> Sequence[Release]:
    """The releases among these ids."""
    wanted = [one for one in ids if one is not None]
    return session.scalars(select(Release).where(Release.id.in_(wanted))).all() if wanted else []


def releases(session: Session) -> Sequence[Release]:
    """The newest releases, newest first; of two that end together the week first. Read once, and then kept."""
    newest = select(Release.id).order_by(Release.ends_on.desc(), Release.span.desc()).limit(MOST_RELEASES)
    ids = session.scalars(newest).all()
    found = {one: kept for one in ids if (kept := RELEASES.get(one)) is not None}
    if missing := [one for one in ids if one not in found]:
        for row in session.scalars(select(Release).where(Release.id.in_(missing))).all():
            session.expunge(row)
            RELEASES.put(row.id, row, 1)
            found[row.id] = row
    return [found[one] for one in ids]


def release(session: Session, release_id: UUID) -> Release | None:
    """The release of that id."""
    return session.get(Release, release_id)


def at(place: Place) -> ColumnElement[bool]:
    """The condition that a figure is of this place."""
    return and_(
        Figure.level == place.level,
        Figure.country == place.country,
        Figure.site == place.site,
        Figure.department == place.department,
    )


def whole(session: Session, release_id: UUID) -> Cells:
    """Everything of a release."""
    return _cells(session.execute(_select().where(Figure.release_id == release_id)).all())[release_id]


def cells(session: Session, release_ids: Sequence[UUID], place: Place, items: Sequence[str]) -> dict[UUID, Cells]:
    """These items of one place in each of the releases, oldest first; everything of the place in the last two."""
    return _kept(session, dict.fromkeys(release_ids[:-2], items) | dict.fromkeys(release_ids[-2:]), place, at(place))


def inside(
    session: Session,
    release_ids: Sequence[UUID],
    place: Place,
    by: Level | None,
    items: Sequence[str],
    newest: Sequence[str] = (),
) -> dict[UUID, Cells]:
    """These items of the places of level `by` inside `place`, in each release; in the last one `newest`, too."""
    if by is None:
        return {}
    where = [Figure.level == by, *([Figure.site == place.site] if place.level is Level.SITE else [])]
    wanted = dict.fromkeys(release_ids, items) | dict.fromkeys(release_ids[-1:], (*items, *newest))
    return _kept(session, wanted, (place, by), *where)


def _kept(
    session: Session, wanted: Mapping[UUID, Sequence[str] | None], where_of: object, *where: ColumnElement[bool]
) -> dict[UUID, Cells]:
    """The figures of each release for which `where` holds, which `where_of` names: these items, or with None all.

    Only what is not kept is asked for, all of it at once.
    """
    keys = {one: (one, where_of, None if items is None else frozenset(items)) for one, items in wanted.items()}
    found = {one: kept for one, key in keys.items() if (kept := FIGURES.get(key)) is not None}
    missing: dict[Sequence[str] | None, list[UUID]] = {}
    for one in wanted.keys() - found.keys():
        items = wanted[one]
        missing.setdefault(None if items is None else tuple(items), []).append(one)
    if missing:
        asked = or_(*(_of(ids, items) for items, ids in missing.items()))
        read = _cells(session.execute(_select().where(asked, *where)).all())
        for one in (one for ids in missing.values() for one in ids):
            found[one] = read.get(one, {})
            FIGURES.put(keys[one], found[one], 1 + sum(len(told) for told in found[one].values()))
    return found


def _of(release_ids: Sequence[UUID], items: Sequence[str] | None) -> ColumnElement[bool]:
    of_them = Figure.release_id.in_(release_ids)
    return of_them if items is None else and_(of_them, Figure.item.in_(items))


def contexts(session: Session) -> dict[str, str]:
    """Names of apps and sites by their id in policies; the newest name wins."""
    rows = session.scalars(select(PolicyRow).order_by(PolicyRow.version))
    return {context.id: context.name for row in rows for context in read(row).contexts}


def heads(session: Session) -> Sequence[LogHead]:
    """The newest checkpoints of the log."""
    return session.scalars(select(LogHead).order_by(LogHead.number.desc()).limit(MOST_HEADS)).all()


def policies(session: Session) -> Sequence[PolicyRow]:
    """Every policy, newest first."""
    return session.scalars(select(PolicyRow).order_by(PolicyRow.version.desc())).all()


def policies_of(session: Session, ids: Iterable[UUID | None]) -> Sequence[PolicyRow]:
    """The policies among these ids."""
    wanted = [one for one in ids if one is not None]
    return session.scalars(select(PolicyRow).where(PolicyRow.id.in_(wanted))).all() if wanted else []


def newest_of(found: Sequence[Release], span: Span) -> Release | None:
    """The newest release of this length."""
    return next((one for one in found if one.span == span), None)


def _select() -> Select[*tuple[Any, ...]]:
    """Figures as they are stored: thousands of rows a page, so enumerations are looked up here, not row by row."""
    return select(
        Figure.release_id, type_coerce(Figure.level, Text), Figure.country, Figure.site, Figure.department,
        Figure.item, Figure.value, type_coerce(Figure.why, Text), Figure.because_site, Figure.because_department,
        Figure.step,
    )  # fmt: skip


def _cells(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[UUID, Cells]:
    found: dict[UUID, dict[Place, dict[str, Told]]] = {}
    open_cells: dict[tuple[Any, ...], dict[str, Told]] = {}
    for release_id, *where, item, value, why, because_site, because_department, step in rows:
        key = (release_id, *where)
        cell = open_cells.get(key)
        if cell is None:
            place = Place(Level(where[0]), *where[1:])
            cell = open_cells[key] = found.setdefault(release_id, {})[place] = {}
        cell[item] = Told(value, _WHY[why], because_department or because_site or "", step)
    return dict(found)
