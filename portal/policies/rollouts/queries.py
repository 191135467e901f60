"""Reads of rollouts. Counts come from a function of the database: no desk sees a device or a person here."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.policies.models import PolicyRow, Rollout, RolloutState, RolloutStep
from portal.policies.rollouts.rules import COUNTS, Figures, Row

LISTED = 50
STEPS = 100
_FIGURES = text("SELECT * FROM rollout_figures(:policy)")


def rollouts(session: Session) -> list[tuple[Rollout, PolicyRow]]:
    """The newest rollouts with their policies."""
    found = select(Rollout, PolicyRow).join(PolicyRow, PolicyRow.id == Rollout.policy_id)
    return [(row[0], row[1]) for row in session.execute(found.order_by(PolicyRow.version.desc()).limit(LISTED))]


def rollout(session: Session, version: int, *, change: bool = False) -> tuple[Rollout, PolicyRow] | None:
    """The rollout of this version; `change`: nobody else changes it before this transaction ends."""
    found = select(Rollout, PolicyRow).join(PolicyRow, PolicyRow.id == Rollout.policy_id)
    found = found.where(PolicyRow.version == version)
    row = session.execute(found.with_for_update(of=Rollout) if change else found).one_or_none()
    return None if row is None else (row[0], row[1])


def running(session: Session) -> Sequence[tuple[Rollout, PolicyRow]]:
    """Those that go on, to be looked at by the worker; what somebody else changes now is left to them."""
    found = select(Rollout, PolicyRow).join(PolicyRow, PolicyRow.id == Rollout.policy_id)
    found = found.where(Rollout.state == RolloutState.RUNNING).order_by(PolicyRow.version)
    return [(row[0], row[1]) for row in session.execute(found.with_for_update(of=Rollout, skip_locked=True))]


def lasting(session: Session) -> Sequence[tuple[Rollout, PolicyRow]]:
    """Those that are not over; nobody else changes them before this transaction ends."""
    found = select(Rollout, PolicyRow).join(PolicyRow, PolicyRow.id == Rollout.policy_id)
    found = found.where(Rollout.state != RolloutState.ENDED).order_by(PolicyRow.version)
    return [(row[0], row[1]) for row in session.execute(found.with_for_update(of=Rollout))]


def steps(session: Session, policy_id: UUID) -> Sequence[RolloutStep]:
    """What was done, the newest first."""
    found = select(RolloutStep).where(RolloutStep.policy_id == policy_id)
    return session.scalars(found.order_by(RolloutStep.id.desc()).limit(STEPS)).all()


def figures(session: Session, policy_id: UUID) -> list[Row]:
    """By ring, then by site: exact for officer and worker, without small numbers for the council."""
    found = session.execute(_FIGURES, {"policy": policy_id}).mappings()
    return [Row(one["ring"], one["site"], Figures(*(one[name] for name in COUNTS))) for one in found]
