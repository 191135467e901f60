"""Tell the gateways that a row changed: after commit, by its random id alone; nobody else hears it."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def notify(session: Session, channel: str, row: UUID) -> None:
    """Tell of a row of this kind when this transaction commits; gateways re-read it under their own grants."""
    session.execute(select(func.wake_gateways(channel, row)))
