"""Delete by itself what is older than the policy it was captured under lets it be kept, as erasures do.

Who asks says what is spared: a freeze is a request, of which this feature knows nothing.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.capture.models import Segment
from portal.deletion import store
from portal.deletion.queries import RETENTION
from portal.policies.models import PolicyRow
from portal.policies.queries import read
from wire.policy import Policy, Rule


def delete_old(session: Session, now: datetime, spared: ColumnElement[bool]) -> bool:
    """Delete one batch, but for what holds keep and what is `spared`; log it for each person. True: maybe more."""
    policies = [read(row) for row in session.scalars(select(PolicyRow))]
    return any(_delete(session, policy, rule, now, spared) for policy in policies for rule in policy.rules)


def _delete(session: Session, policy: Policy, rule: Rule, now: datetime, spared: ColumnElement[bool]) -> bool:
    expired = [
        Segment.started_at < now - timedelta(days=rule.retention_days),
        Segment.kind == rule.kind,
        Segment.policy_version == policy.version,
        ~spared,
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
