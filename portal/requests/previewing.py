"""What a request would concern, counted before it is sent: per store, kind and sensitivity, and what must stay."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, delete, func, insert, select
from sqlalchemy.orm import Session

from portal.capture.models import Segment
from portal.deletion.models import LegalHold
from portal.deletion.store import held
from portal.requests.models import Request, RequestCount
from portal.requests.rules import About
from portal.sources import queries as places
from portal.sources.connectors.base import Narrowing, RefusedError, Target
from portal.sources.models import DatasetCount, DatasetState
from portal.sources.queries import Place
from portal.sources.rules import OWN_STORE, told

HOLD = "hold"


@dataclass(frozen=True)
class Counted:
    """How many items of one kind and sensitivity lie in a store, and how many of them a hold keeps."""

    items: int
    kind: str | None = None
    sensitivity: int | None = None
    stays: int = 0


@dataclass(frozen=True)
class Store:
    """One store. `dataset` None: Daylight's own. `counted_at` None: never counted yet, so nobody knows.

    `at_most`: only the whole of it was counted, of which a part is meant. `refused`: why it cannot do what is asked,
    `slug:detail`, or that it did not answer (`queries.UNREACHABLE`). `away_since`: since when it does not answer.
    """

    name: str
    dataset: UUID | None
    counts: tuple[Counted, ...] = ()
    counted_at: datetime | None = None
    at_most: bool = False
    refused: str = ""
    away_since: datetime | None = None

    @property
    def sure(self) -> bool:
        """Whether its counts are of just what is meant."""
        return self.counted_at is not None and not self.at_most and not self.refused

    @property
    def items(self) -> int:
        """All of them."""
        return sum(count.items for count in self.counts)

    @property
    def stays(self) -> int:
        """Those that a hold keeps."""
        return sum(count.stays for count in self.counts)


@dataclass(frozen=True)
class Preview:
    """Every store, Daylight's own first, and the holds that keep something of it.

    `apart`: how many stores elsewhere it does not reach, since nobody can find single items there.
    """

    stores: tuple[Store, ...]
    holds: tuple[LegalHold, ...] = field(default=())
    apart: int = 0

    @property
    def items(self) -> int:
        """In all stores of which it is known."""
        return sum(store.items for store in self._known)

    @property
    def open(self) -> int:
        """How many stores have still to be counted."""
        return sum(not store.sure and not store.refused for store in self.stores)

    @property
    def _known(self) -> list[Store]:
        return [store for store in self.stores if store.sure]

    @property
    def stays(self) -> int:
        """In all stores."""
        return sum(store.stays for store in self.stores)

    @property
    def kindless(self) -> int:
        """Those of which the store does not say the kind."""
        return sum(count.items for store in self._known for count in store.counts if not count.kind)

    @property
    def levelless(self) -> int:
        """Those of which the store does not say the sensitivity."""
        return sum(count.items for store in self._known for count in store.counts if not count.sensitivity)

    def kinds(self) -> list[tuple[str, int]]:
        """Kind → items, the most first."""
        return _summed((count.kind, count.items) for store in self._known for count in store.counts if count.kind)

    def levels(self) -> list[tuple[int, int]]:
        """Sensitivity → items, the most sensitive first."""
        found = Counter[int]()
        for store in self._known:
            for count in store.counts:
                found[count.sensitivity or 0] += count.items
        return sorted(((level, items) for level, items in found.items() if level), reverse=True)


def preview(session: Session, person: UUID, about: About, now: datetime, others: About | None = None) -> Preview:
    """Count what `about` says; four statements, whatever it says. Stores elsewhere are not asked now.

    `others`: what is taken of those, where that is something else.
    """
    forced = holds_in_force(session, person, now)
    holds = [hold for hold in forced if touches(hold, about)]
    counts = own_counts(session, person, about, now)
    if not holds and any(count.stays for count in counts):
        holds = list(forced)  # of what began within and reaches into a hold's time
    away = () if about.segments else elsewhere(session, person, others or about)
    apart = len(places.places(session, DatasetState.USABLE)) if about.segments else 0
    kept = any(count.stays for count in counts) or (away and any(hold.segment_id is None for hold in holds))
    return Preview((Store(OWN_STORE, None, tuple(counts), now), *away), tuple(holds) if kept else (), apart)


def elsewhere(session: Session, person: UUID, about: About) -> tuple[Store, ...]:
    """External stores, with what was counted there last."""
    known = places.known_counts(session, person)
    return tuple(
        _elsewhere(place, known.get(place.dataset.id), about) for place in places.places(session, DatasetState.USABLE)
    )


def _elsewhere(place: Place, known: DatasetCount | None, about: About) -> Store:
    name, dataset, away = place.dataset.name, place.dataset.id, place.source.unreachable_since
    if refused := refusal(place, about):
        return Store(name, dataset, refused=refused, away_since=away)
    if known is None:
        return Store(name, dataset, away_since=away)
    by_kind = sorted(told(known.by_kind, place.dataset.kinds).items())
    counts = [Counted(rows, kind or None) for kind, rows in by_kind if not about.kinds or kind in about.kinds]
    if not known.by_kind:
        counts = [Counted(known.rows)]
    at_most = not replace(about, kinds=()).everything()
    return Store(name, dataset, tuple(counts), known.counted_at, at_most, away_since=away)


def refusal(place: Place, about: About) -> str:
    """Why a dataset cannot tell apart what is asked, as `slug:detail`; '' when it can."""
    narrowing = Narrowing(
        about.starts_at,
        about.ends_at,
        frozenset(about.kinds) or None,
        frozenset(about.contexts) or None,
        frozenset(about.sensitivities) or None,
    )
    try:
        Target(place.dataset.layout(), ("anybody",), narrowing)
    except RefusedError as error:
        return f"{error.reason}:{error.detail}"
    return ""


def own_counts(session: Session, person: UUID, about: About, now: datetime) -> list[Counted]:
    """What lies in Daylight's own store, by kind and sensitivity; what stays is what the deletion leaves."""
    statement = (
        select(Segment.kind, Segment.sensitivity, func.count(), func.sum(case((held(now), 1), else_=0)))
        .where(*inside(person, about))
        .group_by(Segment.kind, Segment.sensitivity)
        .order_by(Segment.kind, Segment.sensitivity)
    )
    return [
        Counted(items=items, kind=kind, sensitivity=level, stays=int(stays))
        for kind, level, items, stays in session.execute(statement)
    ]


def inside(person: UUID, about: About) -> list[ColumnElement[bool]]:
    """Which of the person's items `about` means; what is being erased already is not among them."""
    wanted: list[ColumnElement[bool]] = [Segment.employee_id == person, Segment.erasure_id.is_(None)]
    if about.starts_at and about.ends_at:
        wanted += [Segment.started_at >= about.starts_at, Segment.started_at < about.ends_at]
    if about.kinds:
        wanted.append(Segment.kind.in_(about.kinds))
    if about.contexts:
        wanted.append(Segment.context.in_(about.contexts))
    if about.sensitivities:
        wanted.append(Segment.sensitivity.in_(about.sensitivities))
    if about.segments:
        wanted.append(Segment.id.in_(about.segments))
    return wanted


def holds_in_force(session: Session, person: UUID, now: datetime) -> Sequence[LegalHold]:
    """What must not be deleted yet."""
    statement = select(LegalHold).where(
        LegalHold.employee_id == person, LegalHold.released_at.is_(None), LegalHold.expires_at > now
    )
    return session.scalars(statement.order_by(LegalHold.starts_at, LegalHold.id)).all()


def touches(hold: LegalHold, about: About) -> bool:
    """Whether a hold can keep anything of `about`, by what both say."""
    if about.starts_at and about.ends_at and not (hold.starts_at < about.ends_at and about.starts_at < hold.ends_at):
        return False
    if about.segments and hold.segment_id and hold.segment_id not in about.segments:
        return False
    return _share(hold.kinds, about.kinds) and _share(hold.contexts, about.contexts)


def remember(session: Session, request: Request, counted: Preview, now: datetime) -> None:
    """Write the counts of Daylight's own store down for HR, who sees these and never an item.

    What lies elsewhere the worker counts (`counting`).
    """
    put(session, request, [store for store in counted.stores if store.dataset is None], now)


def put(session: Session, request: Request, stores: Sequence[Store], now: datetime) -> None:
    """Write down what these stores hold of a request, in place of what was known of them."""
    for store in stores:
        session.execute(
            delete(RequestCount).where(
                RequestCount.employee_id == request.employee_id,
                RequestCount.request_id == request.id,
                RequestCount.dataset_id.is_not_distinct_from(store.dataset),
            )
        )
    rows = [
        {
            "employee_id": request.employee_id,
            "request_id": request.id,
            "dataset_id": store.dataset,
            "store": store.name,
            "kind": count.kind,
            "sensitivity": count.sensitivity,
            "items": count.items,
            "stays": count.stays,
            "why": store.refused or (HOLD if count.stays else None),
            "counted_at": store.counted_at or now,
        }
        for store in stores
        for count in store.counts or (Counted(0),)
    ]
    if rows:
        session.execute(insert(RequestCount), rows)


def _share(one: Iterable[str] | None, other: Iterable[str]) -> bool:
    """Whether two narrowings have something in common; an empty one narrows nothing."""
    first, second = set(one or ()), set(other)
    return not first or not second or bool(first & second)


def _summed(pairs: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    found = Counter[str]()
    for key, items in pairs:
        found[key] += items
    return found.most_common()
