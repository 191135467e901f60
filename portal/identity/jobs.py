"""Forget what is over: sign-ins under way, ended sessions, used tokens and codes."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from portal.identity.models import LoginSession, SigninAttempt, UsedLogoutToken, VaultTicket

KEPT = timedelta(days=1)


def forget_ended(session: Session, now: datetime) -> None:
    """Delete sign-in attempts, sessions with their tickets, and logout tokens a day after their end."""
    over = now - KEPT
    ended = or_(LoginSession.ended_at < over, LoginSession.expires_at < over)
    for forgotten in (
        delete(VaultTicket).where(VaultTicket.session_id.in_(select(LoginSession.id).where(ended))),
        delete(LoginSession).where(ended),
        delete(SigninAttempt).where(SigninAttempt.created_at < over),
        delete(UsedLogoutToken).where(UsedLogoutToken.seen_at < over),
    ):
        # else SQLAlchemy asks for the keys of what it deletes, and those the worker may not read
        session.execute(forgotten, execution_options={"synchronize_session": False})
