"""Reads of signed policies. What is read here was signed by officer and council; agents check that themselves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.policies.models import PolicyRow, TrustDocument
from wire import documents, dsse
from wire.policy import Audience, Policy


@dataclass(frozen=True)
class Workplace:
    """What of a person decides which policy is for them."""

    site: str | None
    department: str | None
    country: str | None


def in_force(session: Session, workplace: Workplace, now: datetime) -> Policy | None:
    """The newest policy in force whose audience holds this person; the most specific audience wins."""
    rows = session.scalars(
        select(PolicyRow)
        .where(PolicyRow.not_before <= now, PolicyRow.expires_at > now)
        .order_by(PolicyRow.version.desc())
    )
    policies = [read(row) for row in rows]
    matching = [policy for policy in policies if is_for(policy.audience, workplace)]
    return max(matching, key=lambda policy: (_specific(policy.audience), policy.version), default=None)


def read(row: PolicyRow) -> Policy:
    """The policy in a row, without checking its signatures."""
    return documents.read(Policy, dsse.payload_of(row.envelope.encode()))


def is_for(audience: Audience, workplace: Workplace) -> bool:
    """Whether the audience holds a person with this workplace."""
    axes = (
        (audience.sites, workplace.site),
        (audience.departments, workplace.department),
        (audience.countries, workplace.country),
    )
    return all(allowed is None or value in allowed for allowed, value in axes)


def _specific(audience: Audience) -> int:
    return sum(axis is not None for axis in (audience.sites, audience.departments, audience.countries))


def trust(session: Session) -> TrustDocument | None:
    """The newest trust document."""
    return session.scalars(select(TrustDocument).order_by(TrustDocument.version.desc()).limit(1)).one_or_none()
