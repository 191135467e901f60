"""Tell the gateways that a row changed: after commit, with nothing but the row's random id."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def notify(session: Session, channel: str, row: UUID) -> None:
    """NOTIFY `channel` when this transaction commits; listeners re-read the row under their own grants."""
    session.execute(select(func.pg_notify(channel, str(row))))
