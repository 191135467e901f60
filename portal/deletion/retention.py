"""Delete by itself what is older than the policy it was captured under lets it be kept, as erasures do."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.capture.models import Segment
from portal.deletion import store
from portal.deletion.queries import RETENTION
from portal.policies.models import PolicyRow
from portal.policies.queries import read
from wire.policy import Policy, Rule


def delete_expired(session: Session, now: datetime) -> bool:
    """Delete one batch, honouring holds, and log it for each person; True while there may be more."""
    policies = [read(row) for row in session.scalars(select(PolicyRow))]
    return any(_delete(session, policy, rule, now) for policy in policies for rule in policy.rules)


def _delete(session: Session, policy: Policy, rule: Rule, now: datetime) -> bool:
    expired = [
        Segment.started_at < now - timedelta(days=rule.retention_days),
        Segment.kind == rule.kind,
        Segment.policy_version == policy.version,
    ]
    gone: dict[UUID, int] = {}
    for (person, _), items in store.delete_batch(session, expired, now).items():
        gone[person] = gone.get(person, 0) + items
    for person, items in sorted(gone.items()):
        record(
            session,
            RETENTION,
            actor=None,
            role="worker",
            employee=person,
            kind=rule.kind,
            items=items,
            days=rule.retention_days,
        )
    return bool(gone)
