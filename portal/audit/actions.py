"""Append to the audit log, in the transaction that does what is logged."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit.models import AuditEntry


def record(
    session: Session,
    action: str,
    *,
    actor: UUID | None,
    employee: UUID | None,
    role: str = "employee",
    about: UUID | None = None,
    **detail: Any,
) -> None:
    """Log that `actor`, acting as `role`, did `action` to the object `about`, which concerns `employee`."""
    entry = {"actor_id": actor, "actor_role": role, "action": action, "object_id": about, "employee_id": employee}
    # inline: no RETURNING, for most logins may append here and not read
    session.execute(insert(AuditEntry).inline().values(entry | {"detail": detail}))


def record_numbered(
    session: Session,
    action: str,
    *,
    actor: UUID | None,
    employee: UUID | None,
    role: str,
    about: UUID | None = None,
    **detail: Any,
) -> int:
    """As `record`, for the worker, which may read: the entry's number."""
    entry = {"actor_id": actor, "actor_role": role, "action": action, "object_id": about, "employee_id": employee}
    statement = insert(AuditEntry).values(entry | {"detail": detail}).returning(AuditEntry.id)
    return session.execute(statement).scalar_one()
