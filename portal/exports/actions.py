"""Order an export, and end one. The order itself is the vault's: it alone can vouch for it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.core.vault_client import VaultClient
from portal.exports.models import ExportOrder, OrderState
from portal.exports.rules import Chosen

ENDED = (OrderState.FAILED, OrderState.CANCELLED, OrderState.EXPIRED)


@dataclass(frozen=True)
class Ordered:
    """The order, and whether it is a new one: while one is being made, that one is answered."""

    id: UUID
    made: bool


def order(vault: VaultClient, ticket: str, chosen: Chosen, *, language: str, timezone: str) -> Ordered:
    """Order an export for whose ticket it is; it is committed when this returns, and logged by the vault.

    Raises VaultUnavailable, TicketRefused.
    """
    made, new = vault.order_export(
        ticket,
        chosen.starts_at,
        chosen.ends_at,
        list(chosen.kinds) or None,
        stores=chosen.stores,
        language=language,
        timezone=timezone,
        request=chosen.request_id,
    )
    return Ordered(made, new)


def cancel(session: Session, person: UUID, export_id: UUID, now: datetime) -> bool:
    """End an export; the archive cannot be opened any more, and is deleted. False when it is not theirs, or over."""
    ended = session.execute(
        update(ExportOrder)
        .where(ExportOrder.employee_id == person, ExportOrder.id == export_id)
        .where(ExportOrder.cancelled_at.is_(None), ExportOrder.state.not_in(ENDED))
        .values(cancelled_at=now)
        .returning(ExportOrder.id)
    ).one_or_none()
    if ended is None:
        return False
    record(session, "export.cancelled", actor=person, employee=person, about=export_id)
    return True
