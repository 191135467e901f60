"""Freezing in somebody else's store, and lifting it: rows go into a quarantine beside what the company reads, and back.

What another freeze of the same person still covers stays when one is lifted, and goes with that one (`lift`).
"""

from collections.abc import Collection, Sequence
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
from portal.deletion.work import Work, around, interrupted_first, targets
from portal.sources.connections import Connections
from portal.sources.connectors.base import Connector, Lying, RefusedError, SubjectKind, Target
from portal.sources.connectors.progress import Progress, Tell
from portal.sources.queries import Place, sharers
from portal.sources.rules import FROZEN_FOR_WHOM, LOST, NOT_BACK, NOT_FROZEN, UNDATED

NEVER = (StepState.REFUSED, StepState.CANCELLED)
"""Freezes that froze nothing."""


def work(session: Session, claimed: Claim, place: Place) -> Work:
    """What is to be moved: all of it; when a freeze is lifted, what no other freeze covers. Raises RefusedError.

    Rows were frozen under the addresses of their day, whatever HR has said of one since. A quarantine does not say for
    whom a row lies there: while somebody else's freeze is in force under one of them, only what is surely the person's
    goes back, and the rest is counted.
    """
    person, chosen, bounds = claimed.person, claimed.chosen, claimed.chosen.frozen()
    if claimed.action is StepAction.FREEZE:
        return around(session, person, place, chosen, bounds, [])
    covered = [(other.frozen(), None) for other in _others(session, claimed)]
    others = sharers(session, person) if place.dataset.layout().subject_kind is SubjectKind.EMAIL else ()
    if not any(_in_force(step) for step in _newest(session, others, claimed.dataset)):
        return around(session, person, place, chosen, bounds, covered, ever=True)
    outside = targets(session, person, place, chosen, (chosen.starts_at, chosen.ends_at), ever=True)
    return replace(around(session, person, place, chosen, bounds, covered), outside=outside)


def _others(session: Session, claimed: Claim) -> list[Chosen]:
    """What other requests of the person keep frozen there, of what this one is about."""
    newest = _newest(session, [claimed.person], claimed.dataset)
    found = [Chosen.from_json(step.chosen) for step in newest if _in_force(step) and step.request_id != claimed.request]
    return [other for other in found if claimed.chosen.meets(other)]


def _in_force(step: Step) -> bool:
    return step.action is StepAction.FREEZE and (step.state not in NEVER or step.frozen_at is not None)


def _newest(session: Session, people: Sequence[UUID], dataset: UUID | None) -> Sequence[Step]:
    """The newest round of each request's part in one store."""
    steps = select(Step).where(Step.employee_id.in_(people), Step.dataset_id.is_not_distinct_from(dataset))
    newest = steps.ext(distinct_on(Step.request_id)).order_by(Step.request_id, Step.round.desc())
    return session.scalars(newest).all()


def still_needed(session: Session, datasets: Collection[UUID]) -> set[UUID]:
    """In which of these a step is open, a freeze in force, or not all that was frozen back."""
    steps = select(Step).where(Step.dataset_id.in_(datasets))
    newest = steps.ext(distinct_on(Step.request_id, Step.dataset_id))
    found = session.scalars(newest.order_by(Step.request_id, Step.dataset_id, Step.round.desc()))
    return {step.dataset_id for step in found if step.dataset_id is not None and _unsettled(step)}


def _unsettled(step: Step) -> bool:
    return (
        step.state in claims.OPEN
        or _in_force(step)
        or (step.action is StepAction.THAW and step.state in {StepState.PARTIAL, StepState.REFUSED})
    )


def move(claimed: Claim, found: Work, stores: Connections, tell: Tell) -> Ended:
    """Move, and look with other credentials. Raises what connectors raise."""
    source = found.place.source
    connector = stores.open(source)
    freezes = claimed.action is StepAction.FREEZE
    if freezes:
        connector.seclude(found.place.dataset.layout(), stores.reader(source))
    before = lying(connector, found.targets)
    resume = claimed.resume if len(found.targets) == 1 else replace(claimed.resume, done=0)
    for number, one in interrupted_first(found.targets, resume):
        act = connector.freeze if freezes else connector.thaw
        resume = Progress(0, 0, act(one, uuid5(claimed.step, str(number)), tell, resume))
    points.reached("store_erased")
    ended = Ended(StepState.PARTIAL, deleted=resume.rows, logical_at=clock.now())
    try:
        reader = stores.open_readback(source)
        after = lying(reader, found.targets)
        whole = lying(reader, found.whole) if found.whole else after
        left_out = undated(reader, found) if freezes else 0
        outside = lying(reader, found.outside).apart - whole.apart if found.outside else 0
    except RefusedError as error:
        return replace(ended, reason=f"{error.reason}:{error.detail}")
    points.reached("store_read_back")
    left = after.readable if freezes else after.apart
    held = whole.apart - after.apart + outside
    why = _why(claimed, (before, after), resume.rows, left) or (FROZEN_FOR_WHOM if outside else None)
    why = why or (f"{UNDATED}:{left_out}" if left_out else None)
    return replace(
        ended,
        state=StepState.PARTIAL if why or left or held else StepState.DONE,
        reason=why,
        deleted=surely(claimed, resume.rows, left),
        held=held,
        remaining=left,
        read_back_at=clock.now(),
        apart=stores.read_back_apart(source),
        apart_rows=whole.apart + outside,
    )


def _why(claimed: Claim, counts: tuple[Lying, Lying], said: int, left: int) -> str | None:
    """What is wrong: rows were lost on the way, or are where they were, whatever the store `said` it moved.

    What a killed attempt only copied would count twice before: then only what was moved can be told.
    """
    before, after = counts
    freezes = claimed.action is StepAction.FREEZE
    arrived = after.apart if freezes else after.readable
    begun = bool(claimed.resume.part or claimed.resume.rows)
    there = after.readable + after.apart
    if there < (said if begun else before.readable + before.apart) or (arrived < said and not left):
        return LOST
    return f"{NOT_FROZEN if freezes else NOT_BACK}:{said}" if left else None


def surely(claimed: Claim, said: int, left: int) -> int:
    """How many rows have surely gone: each that is left may have been told of as gone once an attempt."""
    return max(0, said - left * (claimed.tries if claimed.resume.rows else 1))


def lying(connector: Connector, targets: Sequence[Target]) -> Lying:
    """Where the rows of all these targets lie now. Raises what connectors raise."""
    found = [connector.lying(one) for one in targets]
    return Lying(sum(one.readable for one in found), sum(one.apart for one in found))


def undated(reader: Connector, found: Work) -> int:
    """How many rows of the same choice are in no range of time. Raises what connectors raise."""
    asked = dict.fromkeys(one.undated() for one in found.whole or found.targets if one.narrowing.by_time)
    return sum(reader.remaining(one) for one in asked)


def lift(session: Session, person: UUID, request: UUID, now: datetime) -> int:
    """Make the steps that put back what a request froze; how many. Repeating it makes none.

    What another lifted freeze had to leave there for this one goes back now, too.
    """
    mine = select(Step).where(Step.employee_id == person, Step.request_id == request)
    # whoever looks at one now has made the next round before this is past, or finds another fence
    session.scalars(mine.order_by(Step.id).with_for_update()).all()
    rounds: dict[UUID | None, list[Step]] = {}
    for step in session.scalars(mine.order_by(Step.round).execution_options(populate_existing=True)):
        rounds.setdefault(step.dataset_id, []).append(step)
    made = 0
    for steps in rounds.values():
        newest = steps[-1]
        if newest.action is not StepAction.FREEZE:
            continue
        begun, waits = any(_began(step) for step in steps), max(now, newest.claimed_until or now)
        newest.look_at, newest.fence = None, newest.fence + 1
        if newest.state in claims.OPEN:
            newest.state, newest.claimed_until = StepState.CANCELLED, None
        if begun:
            session.add(_next_round(newest, StepAction.THAW, waits))
            made += 1
            for other in _newest(session, [person], newest.dataset_id):
                if other.request_id != request and other.action is StepAction.THAW and _left_some(other):
                    session.add(_next_round(other, StepAction.THAW, waits))
    session.flush()
    return made


def again(step: Step, now: datetime) -> Step:
    """The next round of a freeze in force: what was written after it was carried out."""
    return _next_round(step, StepAction.FREEZE, now)


def _began(step: Step) -> bool:
    return step.state not in NEVER and (step.state not in claims.OPEN or step.tries > 0)


def _left_some(step: Step) -> bool:
    return step.state is StepState.REFUSED or (step.state is StepState.PARTIAL and step.held > 0)


def _next_round(step: Step, action: StepAction, at: datetime) -> Step:
    """The step once more: it freezes what came later, or puts back what was frozen."""
    return Step(
        id=uuid4(),
        employee_id=step.employee_id,
        request_id=step.request_id,
        dataset_id=step.dataset_id,
        store=step.store,
        action=action,
        chosen=step.chosen,
        round=step.round + 1,
        frozen_at=step.frozen_at or step.logical_at,
        created_at=step.created_at,
        next_try_at=at,
    )
