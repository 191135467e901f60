"""What has become too old: the policy that an item was captured under says how many days its kind is kept."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.capture.models import Segment
from portal.deletion import store
from portal.deletion.claims import OPEN
from portal.deletion.models import RetentionStep
from portal.policies.models import PolicyRow
from portal.policies.queries import read
from wire.documents import Kind

EVERY: Final = timedelta(hours=1)
"""How often a step is made for each kind; so long an item may outstay its time, and that of the deletion itself."""


def full_hour(now: datetime) -> datetime:
    """The moment of the step that is due now."""
    return now.replace(minute=0, second=0, microsecond=0)


def plan(session: Session, until: datetime) -> None:
    """A step for each kind, for what is too old at `until`; none for a kind that has one, or is still at work."""
    at_work = set(session.scalars(select(RetentionStep.kind).where(RetentionStep.state.in_(OPEN))))
    new = [{"id": uuid4(), "kind": kind, "until": until, "next_try_at": until} for kind in Kind if kind not in at_work]
    if new:
        session.execute(insert(RetentionStep).values(new).on_conflict_do_nothing())


def too_old(session: Session, kind: Kind, until: datetime) -> Iterator[tuple[int, list[ColumnElement[bool]]]]:
    """For each length of time that a policy gives this kind: the days, and which items are older than that."""
    versions: dict[int, list[int]] = {}
    for row in session.scalars(select(PolicyRow)):
        policy = read(row)
        if (rule := policy.rule(kind)) is not None:
            versions.setdefault(rule.retention_days, []).append(policy.version)
    for days, under in sorted(versions.items()):
        yield (
            days,
            [
                Segment.started_at < until - timedelta(days=days),
                Segment.kind == kind,
                Segment.policy_version.in_(sorted(under)),
            ],
        )


def left(
    session: Session, kind: Kind, until: datetime, spared: ColumnElement[bool], now: datetime
) -> tuple[int, int, int]:
    """How many items are too old and kept by nothing, by a hold, and by what is `spared` alone."""
    found = [0, 0, 0]
    for _, conditions in too_old(session, kind, until):
        held = store.held(now)
        kept = (~held & ~spared, held, ~held & spared)
        counts = select(*(func.count().filter(one) for one in kept)).select_from(Segment).where(*conditions)
        found = [sum(pair) for pair in zip(found, session.execute(counts).one(), strict=True)]
    return found[0], found[1], found[2]
