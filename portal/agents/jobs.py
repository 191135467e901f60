"""Forget one-time codes a day after their end."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.agents.models import EnrolmentCode

KEPT = timedelta(days=1)


def forget_codes(session: Session, now: datetime) -> None:
    """Delete codes that ended more than a day ago, used or not."""
    session.execute(delete(EnrolmentCode).where(EnrolmentCode.expires_at < now - KEPT))
