"""Begin a rollout, let it go on, halt it, take it back. Never commits.

Steps with their figures, lines of the log and the percentage reached are written by the table itself.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.core.notify import notify
from portal.policies.drafts import actions as drafting
from portal.policies.models import PolicyRow, Rollout, RolloutState
from portal.policies.queries import every_policy, read
from portal.policies.rollouts import queries
from portal.policies.rollouts.rules import (
    HeldError,
    Hold,
    Reason,
    gate_holds,
    overtakes,
    reached,
    restored,
    unhealthy,
)
from portal.policies.rules import USUAL_GATE, Gate
from wire.policy import Policy
from wire.precedence import change


def begin(session: Session, policy_id: UUID, rings: Sequence[int], gate: Gate = USUAL_GATE) -> None:
    """Give the policy to the first ring alone."""
    numbers = {"most_failed": gate.most_failed, "least_applied": gate.least_applied}
    session.execute(insert(Rollout).inline().values(policy_id=policy_id, rings=list(rings), **numbers))


def overtake(session: Session, published: Sequence[Policy], new: Policy) -> None:
    """End each rollout for the same people where `new` settles what everybody has."""
    for row, policy in queries.lasting(session):
        out = read(policy)
        if out.version < new.version and overtakes([one for one in published if one.version < out.version], out, new):
            _set(session, row, RolloutState.ENDED, Reason.OVERTAKEN)


def advance(session: Session, row: Rollout, policy: PolicyRow, now: datetime) -> None:
    """Give the policy to the next ring; with the last one the rollout ends. Raises HeldError."""
    hold = may_advance(session, row, policy, now)
    if hold is not None:
        raise HeldError(hold)
    row.ring += 1
    if row.ring == len(row.rings) - 1:
        row.state = RolloutState.ENDED
    session.flush()
    notify(session, "policy", policy.id)


def may_advance(session: Session, row: Rollout, policy: PolicyRow, now: datetime) -> Hold | None:
    """Why it cannot go on now; None when it can."""
    if row.state is RolloutState.ENDED:
        return Hold.OVER
    if row.state is RolloutState.HALTED:
        return Hold.HALTED
    if now < policy.not_before:
        return Hold.NOT_BEGUN
    return gate_holds(reached(queries.figures(session, policy.id), row.ring), gate_of(row))


def halt(session: Session, row: Rollout) -> None:
    """Nobody else gets the policy; who has it keeps it. Raises HeldError."""
    if row.state is RolloutState.ENDED:
        raise HeldError(Hold.OVER)
    if row.state is RolloutState.RUNNING:
        _set(session, row, RolloutState.HALTED, Reason.NONE)


def go_on(session: Session, row: Rollout) -> None:
    """It may go to the next ring again, once the gate is open. Raises HeldError."""
    if row.state is not RolloutState.HALTED:
        raise HeldError(Hold.OVER if row.state is RolloutState.ENDED else Hold.NOT_HALTED)
    _set(session, row, RolloutState.RUNNING, Reason.NONE)


def take_back(session: Session, by: UUID, row: Rollout, policy: PolicyRow, title: str) -> UUID:
    """Halt, and begin a draft that says again what held before; its id. Raises HeldError."""
    step = change(every_policy(session), read(policy))
    if step.old is None:
        raise HeldError(Hold.NOTHING_BEFORE)
    if row.state is RolloutState.RUNNING:
        _set(session, row, RolloutState.HALTED, Reason.TAKEN_BACK)
    return drafting.create(session, by, title, restored(step.old, step.new, step.beside))


def halt_unhealthy(session: Session, _now: datetime) -> None:
    """The worker's: halt what too many devices refuse."""
    for row, policy in queries.running(session):
        if unhealthy(reached(queries.figures(session, policy.id), row.ring), gate_of(row)):
            _set(session, row, RolloutState.HALTED, Reason.FAILURES)


def gate_of(row: Rollout) -> Gate:
    """The gate that this rollout has."""
    return Gate(row.most_failed, row.least_applied)


def _set(session: Session, row: Rollout, state: RolloutState, reason: Reason) -> None:
    row.state, row.reason = state, reason
    session.flush()
