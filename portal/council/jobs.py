"""What the worker does for the evidence room."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.council.models import ExpertSeat

KEPT: Final = timedelta(days=2 * 365)


def forget_seats(session: Session, now: datetime) -> None:
    """Delete names and accounts of experts two years after their seat's end."""
    session.execute(delete(ExpertSeat).where(ExpertSeat.ends_at < now - KEPT))
