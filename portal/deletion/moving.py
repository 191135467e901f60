"""Freezing in somebody else's store, and lifting it: rows go into a quarantine beside what the company reads, and back.

What another freeze of the same person still covers stays when one is lifted, and goes with that one (`lift`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.core import clock, points
from portal.deletion import claims
from portal.deletion.claims import Claim
from portal.deletion.models import Step, StepAction, StepState
from portal.deletion.receipting import Ended
from portal.deletion.rules import Chosen
from portal.deletion.work import Work, around, interrupted_first
from portal.sources.connections import Connections
from portal.sources.connectors.base import Connector, Lying, RefusedError, Target
from portal.sources.connectors.progress import Progress, Tell
from portal.sources.queries import Place
from portal.sources.rules import LOST

NEVER = (StepState.REFUSED, StepState.CANCELLED)
"""Freezes that froze nothing."""


def work(session: Session, claimed: Claim, place: Place) -> Work:
    """What is to be moved: all of it; when a freeze is lifted, what no other freeze covers. Raises RefusedError."""
    chosen = claimed.chosen
    others = _others(session, claimed) if claimed.action is StepAction.THAW else []
    covered = [other.bounds(asked_at) for other, asked_at in others]
    return around(session, claimed.person, place, chosen, claimed.asked_at, covered)


def _others(session: Session, claimed: Claim) -> list[tuple[Chosen, datetime]]:
    """What other requests of the person keep frozen there, of what this one is about; each with when it was asked."""
    newest = _newest(session, claimed.person, claimed.dataset)
    found = []
    for step in newest:
        other = Chosen.from_json(step.chosen)
        frozen = step.action is StepAction.FREEZE and step.state not in NEVER
        if frozen and step.request_id != claimed.request and claimed.chosen.meets(other):
            found.append((other, step.created_at))
    return found


def _newest(session: Session, person: UUID, dataset: UUID | None) -> Sequence[Step]:
    """The newest round of each request's part in one store."""
    steps = select(Step).where(Step.employee_id == person, Step.dataset_id.is_not_distinct_from(dataset))
    newest = steps.ext(distinct_on(Step.request_id)).order_by(Step.request_id, Step.round.desc())
    return session.scalars(newest).all()


def move(claimed: Claim, found: Work, stores: Connections, tell: Tell) -> Ended:
    """Move, and look with other credentials. Raises what connectors raise."""
    source = found.place.source
    connector = stores.open(source)
    freezes = claimed.action is StepAction.FREEZE
    if freezes:
        connector.seclude(found.place.dataset.layout(), stores.reader(source))
    before = _lying(connector, found.targets)
    resume = claimed.resume if len(found.targets) == 1 else replace(claimed.resume, done=0)
    for number, one in interrupted_first(found.targets, resume):
        act = connector.freeze if freezes else connector.thaw
        resume = Progress(0, 0, act(one, uuid5(claimed.step, str(number)), tell, resume))
    points.reached("store_erased")
    ended = Ended(StepState.PARTIAL, deleted=resume.rows, logical_at=clock.now())
    try:
        reader = stores.open_readback(source)
        after = _lying(reader, found.targets)
        whole = _lying(reader, found.whole) if found.whole else after
    except RefusedError as error:
        return replace(ended, reason=f"{error.reason}:{error.detail}")
    points.reached("store_read_back")
    left = after.readable if freezes else after.apart
    held = whole.apart - after.apart
    kept = _kept(claimed, (before, after), ended.deleted)
    return replace(
        ended,
        state=StepState.DONE if kept and not left and not held else StepState.PARTIAL,
        reason=None if kept else LOST,
        held=held,
        remaining=left,
        read_back_at=clock.now(),
        apart=stores.read_back_apart(source),
        apart_rows=whole.apart,
    )


def _kept(claimed: Claim, counts: tuple[Lying, Lying], moved: int) -> bool:
    """Whether no row was lost on the way: as many are there as were moved and, all in all, as many as before.

    What a killed attempt only copied would count twice before: then only what was moved can be told.
    """
    before, after = counts
    arrived = after.apart if claimed.action is StepAction.FREEZE else after.readable
    begun = bool(claimed.resume.part or claimed.resume.rows)
    return arrived >= moved and (begun or after.readable + after.apart >= before.readable + before.apart)


def _lying(connector: Connector, targets: Sequence[Target]) -> Lying:
    found = [connector.lying(one) for one in targets]
    return Lying(sum(one.readable for one in found), sum(one.apart for one in found))


def lift(session: Session, person: UUID, request: UUID, now: datetime) -> int:
    """Make the steps that put back what a request froze; how many. Repeating it makes none.

    What another lifted freeze had to leave there for this one goes back now, too.
    """
    steps = select(Step).where(Step.employee_id == person, Step.request_id == request)
    newest = steps.ext(distinct_on(Step.dataset_id)).order_by(Step.dataset_id, Step.round.desc())
    made = 0
    for step in session.scalars(newest).all():
        if step.action is not StepAction.FREEZE:
            continue
        begun = step.state not in NEVER and (step.state not in claims.OPEN or step.tries > 0)
        waits = step.claimed_until or now
        if step.state in claims.OPEN:
            step.state, step.fence, step.claimed_until = StepState.CANCELLED, step.fence + 1, None
        if begun:
            session.add(_thaw(step, max(now, waits)))
            made += 1
            for other in _newest(session, person, step.dataset_id):
                if other.request_id != request and other.action is StepAction.THAW and _left_some(other):
                    session.add(_thaw(other, max(now, waits)))
    session.flush()
    return made


def _left_some(step: Step) -> bool:
    return step.state is StepState.REFUSED or (step.state is StepState.PARTIAL and step.held > 0)


def _thaw(step: Step, at: datetime) -> Step:
    """The next round of a step: it puts back what that froze."""
    return Step(
        id=uuid4(),
        employee_id=step.employee_id,
        request_id=step.request_id,
        dataset_id=step.dataset_id,
        store=step.store,
        action=StepAction.THAW,
        chosen=step.chosen,
        round=step.round + 1,
        frozen_at=step.frozen_at or step.logical_at,
        created_at=step.created_at,
        next_try_at=at,
    )
