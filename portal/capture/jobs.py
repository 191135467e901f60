"""Delete by itself what is older than the policy it was captured under lets it be kept."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.capture.models import Outcome, Segment, Upload
from portal.policies.models import PolicyRow
from portal.policies.queries import read
from wire.policy import Policy, Rule

BATCH = 2000


def delete_expired(session: Session, now: datetime) -> bool:
    """Delete one batch and leave tombstones; True while there may be more. One query a kind and policy."""
    policies = [read(row) for row in session.scalars(select(PolicyRow))]
    return any(_delete(session, policy, rule, now) for policy in policies for rule in policy.rules)


def _delete(session: Session, policy: Policy, rule: Rule, now: datetime) -> bool:
    expired = (
        select(Segment.employee_id, Segment.started_at, Segment.id)
        .where(Segment.started_at < now - timedelta(days=rule.retention_days))
        .where(Segment.kind == rule.kind, Segment.policy_version == policy.version)
        .limit(BATCH)
    )
    key = tuple_(Segment.employee_id, Segment.started_at, Segment.id)
    gone = session.execute(delete(Segment).where(key.in_(expired)).returning(Segment.device_id, Segment.id)).all()
    if gone:
        place = tuple_(Upload.device_id, Upload.segment_id)
        session.execute(update(Upload).where(place.in_(gone)).values(outcome=Outcome.ERASED))
        record(session, "retention.deleted", actor=None, employee=None, role="worker", kind=rule.kind, items=len(gone))
    return bool(gone)
