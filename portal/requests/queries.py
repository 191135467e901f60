"""Reads of requests. People's pages name the person; HR's and the worker's logins are bound by row-level security."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from portal.deletion.models import Erasure, Step, StepAction, StepState
from portal.exports.models import ExportOrder, OrderState
from portal.requests.models import Decision, Request, RequestCount, RequestEvent
from portal.requests.rules import FREEZING, IN_FORCE, LIVE, UNDECIDED, EventKind, RequestState, RequestType
from portal.requests.senders import StartedBy
from portal.sources.models import Dataset, DatasetCount, DatasetState
from portal.sources.queries import Place, known_counts, places

PAGE_ROWS = 30
UNREACHABLE = "unreachable"
"""A count's `why` for a store that did not answer."""
OVER = (StepState.DONE, StepState.PARTIAL, StepState.REFUSED, StepState.CANCELLED)


def one(session: Session, request_id: UUID, person: UUID | None = None) -> Request | None:
    """A request that the login may see; with `person` only one of this person's."""
    statement = select(Request).where(Request.id == request_id)
    if person is not None:
        statement = statement.where(Request.employee_id == person)
    return session.scalars(statement).one_or_none()


def locked(session: Session, request_id: UUID) -> Request | None:
    """The request as it stands now, held until the transaction ends: whoever else acts on it waits."""
    statement = select(Request).where(Request.id == request_id).with_for_update()
    return session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


def own(
    session: Session, person: UUID, *, live: bool | None = None, kind: RequestType | None = None, page: int = 1
) -> tuple[Sequence[Request], bool]:
    """One page of what the person sent, newest first, and whether there is more; drafts stand apart."""
    wanted: list[ColumnElement[bool]] = [Request.employee_id == person, Request.state != RequestState.DRAFT]
    if live is not None:
        wanted.append(Request.state.in_(LIVE) if live else Request.state.not_in(LIVE))
    if kind is not None:
        wanted.append(Request.type == kind)
    statement = select(Request).where(*wanted).order_by(Request.received_at.desc(), Request.id)
    found = session.scalars(statement.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)).all()
    return found[:PAGE_ROWS], len(found) > PAGE_ROWS


def newest(session: Session, person: UUID, rows: int = 3) -> tuple[list[Request], list[Erasure]]:
    """What the person asked of HR and deleted by themselves last, first what has not ended; one statement for both."""
    live_first = Request.state.not_in(LIVE)
    sent = select(Request).where(Request.employee_id == person, Request.state != RequestState.DRAFT)
    deleted = select(Erasure).where(Erasure.employee_id == person)
    asked = aliased(Request, sent.order_by(live_first, Request.received_at.desc(), Request.id).limit(rows).subquery())
    erased = aliased(Erasure, deleted.order_by(Erasure.asked_at.desc(), Erasure.id).limit(rows).subquery())
    side = func.generate_series(0, 1).table_valued("number").render_derived()
    both = select(asked, erased).select_from(side)
    found = session.execute(
        both.join(asked, side.c.number == 0, isouter=True)
        .join(erased, side.c.number == 1, isouter=True)
        .order_by(asked.state.not_in(LIVE), asked.received_at.desc(), erased.asked_at.desc(), asked.id, erased.id)
    ).all()
    return [row[0] for row in found if row[0]], [row[1] for row in found if row[1]]


def drafts(session: Session, person: UUID) -> Sequence[Request]:
    """What the person began and did not send, newest first."""
    statement = select(Request).where(Request.employee_id == person, Request.state == RequestState.DRAFT)
    return session.scalars(statement.order_by(Request.changed_at.desc(), Request.id).limit(PAGE_ROWS)).all()


def events(session: Session, request: Request) -> Sequence[RequestEvent]:
    """What happened to the request, oldest first."""
    statement = select(RequestEvent).where(
        RequestEvent.employee_id == request.employee_id, RequestEvent.request_id == request.id
    )
    return session.scalars(statement.order_by(RequestEvent.id)).all()


def counts(session: Session, request: Request) -> Sequence[RequestCount]:
    """How much of it lies where, Daylight's own store first."""
    statement = select(RequestCount).where(
        RequestCount.employee_id == request.employee_id, RequestCount.request_id == request.id
    )
    own_first = RequestCount.dataset_id.is_not(None)
    return session.scalars(statement.order_by(own_first, RequestCount.store, RequestCount.kind, RequestCount.id)).all()


def approved(session: Session, kinds: Iterable[RequestType]) -> Request | None:
    """The oldest approved request of these types, held until the transaction ends (for the worker)."""
    waiting = select(Request).where(Request.state == RequestState.APPROVED, Request.type.in_(list(kinds)))
    oldest = waiting.order_by(Request.due_at, Request.number).limit(1)
    return session.scalars(oldest.with_for_update(skip_locked=True)).one_or_none()


def not_reached(session: Session) -> Request | None:
    """A freeze in force, with usable datasets in which it has no step, held until the transaction ends (worker)."""
    step = select(Step.id).where(
        Step.employee_id == Request.employee_id, Step.request_id == Request.id, Step.dataset_id == Dataset.id
    )
    missing = select(Dataset.id).where(Dataset.state == DatasetState.USABLE, ~step.correlate(Request, Dataset).exists())
    frozen = select(Request).where(Request.type == RequestType.RESTRICT, Request.state.in_(FREEZING))
    waiting = frozen.where(Request.segments.is_(None), missing.exists()).order_by(Request.number).limit(1)
    return session.scalars(waiting.with_for_update(skip_locked=True)).one_or_none()


def lifted(session: Session) -> Request | None:
    """A freeze that was taken back, or ended by HR, and not lifted everywhere yet, held (for the worker)."""
    later = aliased(Step)
    thawed = select(later.id).where(
        later.employee_id == Step.employee_id,
        later.request_id == Step.request_id,
        later.dataset_id.is_not_distinct_from(Step.dataset_id),
        later.action == StepAction.THAW,
    )
    frozen = select(Step.id).where(
        Step.employee_id == Request.employee_id,
        Step.request_id == Request.id,
        Step.action == StepAction.FREEZE,
        Step.state.not_in((StepState.REFUSED, StepState.CANCELLED)),
        ~thawed.exists(),
    )
    over = Request.state.in_((RequestState.WITHDRAWN, RequestState.LIFTED))
    waiting = (
        select(Request)
        .where(over, Request.type == RequestType.RESTRICT)
        .where(frozen.exists())
        .order_by(Request.number)
        .limit(1)
    )
    return session.scalars(waiting.with_for_update(skip_locked=True)).one_or_none()


def due_to_lift(session: Session, announced_before: datetime) -> Request | None:
    """A freeze in force that HR announced to lift so long ago, held until the transaction ends (for the worker).

    It waits while the person's request to delete, or to have a decision looked at, is open: what is to go should not
    be used before, and what is disputed neither.
    """
    later, live = aliased(RequestEvent), aliased(Request)
    over = select(later.id).where(
        later.employee_id == RequestEvent.employee_id,
        later.request_id == RequestEvent.request_id,
        later.id > RequestEvent.id,
        later.kind == EventKind.LIFT_CALLED_OFF,
    )
    told = select(RequestEvent.id).where(
        RequestEvent.employee_id == Request.employee_id,
        RequestEvent.request_id == Request.id,
        RequestEvent.kind == EventKind.LIFT_ANNOUNCED,
        RequestEvent.at <= announced_before,
        ~over.exists(),
    )
    disputed = select(live.id).where(
        live.employee_id == Request.employee_id,
        live.type.in_((RequestType.ERASE, RequestType.REVIEW)),
        live.state.in_(LIVE),
    )
    frozen = select(Request).where(Request.type == RequestType.RESTRICT, Request.state.in_(IN_FORCE))
    waiting = frozen.where(told.exists(), ~disputed.exists()).order_by(Request.number).limit(1)
    return session.scalars(waiting.with_for_update(skip_locked=True, of=Request)).one_or_none()


def exported(session: Session) -> Request | None:
    """An approved request for a copy with an archive that can be fetched, held until the transaction ends."""
    ready = select(ExportOrder.id).where(
        ExportOrder.employee_id == Request.employee_id,
        ExportOrder.request_id == Request.id,
        ExportOrder.state == OrderState.READY,
    )
    copies = (RequestType.ACCESS, RequestType.PORT)
    waiting = select(Request).where(Request.state == RequestState.APPROVED, Request.type.in_(copies), ready.exists())
    return session.scalars(waiting.limit(1).with_for_update(skip_locked=True)).one_or_none()


def decision(session: Session, request: Request) -> Decision | None:
    """The decision that stands: proposed, or confirmed where `confirmed_at` says so."""
    statement = select(Decision).where(
        Decision.employee_id == request.employee_id,
        Decision.request_id == request.id,
        Decision.rejected_at.is_(None),
    )
    return session.scalars(statement).one_or_none()


def retried(session: Session) -> Step | None:
    """The newest round of a store that refused, which HR has tried again; the one asked for longest (worker)."""
    later, event = aliased(Step), RequestEvent
    same_store = (later.request_id == Step.request_id, later.dataset_id == Step.dataset_id)
    after = select(later.id).where(*same_store, later.round > Step.round).exists()
    asked = select(Step).join(event, event.params["step"].astext == cast(Step.id, Text))
    mine = (event.kind == "retried", event.employee_id == Step.employee_id, event.request_id == Step.request_id)
    return session.scalars(asked.where(*mine, ~after).order_by(event.id).limit(1)).one_or_none()


def not_claimed_by(person: UUID) -> ColumnElement[bool]:
    """Who claims an item of somebody else learns nothing of whose it is; web_hr's row-level security says the same."""
    return or_(Request.started_by != StartedBy.BYSTANDER, Request.started_by_id != person)


def decided_before(session: Session, requests: Sequence[Request]) -> dict[UUID, frozenset[UUID]]:
    """Request → everybody who proposed or confirmed what is appealed with it; of HR's login only, one statement."""
    appeals = [request.id for request in requests if request.appeals is not None]
    if not appeals:
        return {}
    found: dict[UUID, frozenset[UUID]] = dict.fromkeys(appeals, frozenset())
    hands = select(Request.id, func.decided_before(Request.employee_id, Request.id)).where(Request.id.in_(appeals))
    for request, hand in session.execute(hands):
        found[request] |= {hand}
    return found


def twins(session: Session, request: Request) -> Sequence[Request]:
    """Live requests of the same person and type about exactly the same: what HR may merge, what asks twice."""
    same = (
        Request.starts_at.is_not_distinct_from(request.starts_at),
        Request.ends_at.is_not_distinct_from(request.ends_at),
        Request.kinds.is_not_distinct_from(request.kinds),
        Request.contexts.is_not_distinct_from(request.contexts),
        Request.sensitivities.is_not_distinct_from(request.sensitivities),
        Request.segments.is_not_distinct_from(request.segments),
        Request.appeals.is_not_distinct_from(request.appeals),
    )
    statement = select(Request).where(
        Request.employee_id == request.employee_id,
        Request.type == request.type,
        Request.state.in_(LIVE),
        Request.id != request.id,
        *same,
    )
    return session.scalars(statement.order_by(Request.received_at, Request.id)).all()


def step_counts(session: Session, person: UUID, requests: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Request → (stores that are through, all stores), by the newest round of each store."""
    rounds = select(Step.request_id, Step.state).where(Step.employee_id == person, Step.request_id.in_(requests))
    rounds = rounds.ext(distinct_on(Step.request_id, Step.dataset_id))
    newest = rounds.order_by(Step.request_id, Step.dataset_id, Step.round.desc()).subquery()
    ended = func.count().filter(newest.c.state.in_(OVER))
    found = session.execute(select(newest.c.request_id, ended, func.count()).group_by(newest.c.request_id)).all()
    return {request: (over, every) for request, over, every in found}


def uncounted(session: Session) -> Request | None:
    """The oldest undecided request whose own items were not counted, held until the transaction ends (worker)."""
    counted = select(RequestCount.id).where(
        RequestCount.employee_id == Request.employee_id,
        RequestCount.request_id == Request.id,
        RequestCount.dataset_id.is_(None),
    )
    statement = select(Request).where(Request.state.in_(UNDECIDED), ~counted.exists())
    oldest = statement.order_by(Request.due_at, Request.number).limit(1)
    return session.scalars(oldest.with_for_update(skip_locked=True)).one_or_none()


def not_asked(session: Session, before: datetime) -> tuple[Request, list[Place]] | None:
    """The oldest undecided request with the datasets that were not asked about it; not in reach: not since `before`.

    Single items lie in Daylight's own store only.
    """
    answered = select(RequestCount.dataset_id).where(
        RequestCount.employee_id == Request.employee_id,
        RequestCount.request_id == Request.id,
        or_(RequestCount.why.is_distinct_from(UNREACHABLE), RequestCount.counted_at > before),
    )
    usable = Dataset.state == DatasetState.USABLE
    here = answered.where(RequestCount.dataset_id == Dataset.id).correlate(Request, Dataset)
    missing = select(Dataset.id).where(usable, ~here.exists())
    waiting = select(Request).where(Request.state.in_(UNDECIDED), Request.segments.is_(None), missing.exists())
    request = session.scalars(waiting.order_by(Request.due_at, Request.number).limit(1)).one_or_none()
    if request is None:
        return None
    known = set(session.scalars(answered.where(Request.id == request.id)))
    return request, [one for one in places(session, DatasetState.USABLE) if one.dataset.id not in known]


def not_counted(session: Session, before: datetime, but: Iterable[UUID]) -> tuple[UUID, list[Place]] | None:
    """Somebody with a draft, other than `but`, and the datasets that were not counted for them since `before`."""
    fresh = select(DatasetCount.dataset_id).where(
        DatasetCount.employee_id == Request.employee_id, DatasetCount.counted_at > before
    )
    usable = Dataset.state == DatasetState.USABLE
    here = fresh.where(DatasetCount.dataset_id == Dataset.id).correlate(Request, Dataset)
    missing = select(Dataset.id).where(usable, ~here.exists())
    drafted = select(Request.employee_id).where(Request.state == RequestState.DRAFT, missing.exists())
    newest = drafted.where(Request.employee_id.not_in(list(but))).order_by(Request.changed_at.desc()).limit(1)
    person = session.scalars(newest).one_or_none()
    if person is None:
        return None
    known = {it for it, row in known_counts(session, person).items() if row.counted_at > before}
    return person, [one for one in places(session, DatasetState.USABLE) if one.dataset.id not in known]
