"""Send what waits in the outbox. A mail is claimed in one transaction and sent in the next.

A crash before the mail server took it: the claim runs out, and it is sent. A crash after: it is sent once more under
the same Message-ID, which is as near to exactly once as SMTP comes.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from portal.core.config import Settings
from portal.identity.models import Employee
from portal.notifications import mails, smtp
from portal.notifications.models import Mail

AT_ONCE: Final = 20
CLAIM: Final = timedelta(minutes=10)
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
MOST_TRIES: Final = 14
"""With pauses that double up to six hours: given up after about two days."""
KEPT: Final = timedelta(days=30)

log = structlog.get_logger()
Job = Callable[[Session, datetime], bool]


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many failed tries."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(tries - 1, 16)
    return min(doubled, LONGEST_PAUSE)


def mailer(settings: Settings) -> Job:
    """The job that claims and sends; True while there is more. Needs PORTAL_SMTP_URL and PORTAL_BASE_URL."""
    url, base_url = settings.require("smtp_url"), settings.require("base_url")
    claimed: list[tuple[UUID, datetime]] = []

    def send_mail(session: Session, now: datetime) -> bool:
        if not claimed:
            claimed.extend(_claim(session, now))
            return bool(claimed)
        number, until = claimed.pop()
        if until > now:
            _send(session, number, until, now, (url, settings.mail_from, base_url))
        return True

    return send_mail


def forget_mails(session: Session, now: datetime) -> int:
    """Delete what was sent or given up, or could not even be tried, 30 days later; how many."""
    over = func.coalesce(Mail.sent_at, Mail.given_up_at, Mail.created_at) < now - KEPT
    gone = session.execute(delete(Mail).where(over).returning(Mail.id)).all()
    return len(gone)


def _claim(session: Session, now: datetime) -> list[tuple[UUID, datetime]]:
    waiting = (Mail.sent_at.is_(None), Mail.given_up_at.is_(None), Mail.next_try_at <= now)
    free = Mail.claimed_until.is_(None) | (Mail.claimed_until <= now)
    due = select(Mail.id).where(*waiting, free).order_by(Mail.next_try_at).limit(AT_ONCE)
    numbers = session.scalars(due.with_for_update(skip_locked=True)).all()
    until = now + CLAIM
    if numbers:
        session.execute(
            update(Mail).where(Mail.id.in_(numbers)).values(claimed_until=until, tries=Mail.tries + 1),
            execution_options={"synchronize_session": False},
        )
    return [(number, until) for number in numbers]


def _send(session: Session, number: UUID, until: datetime, now: datetime, server: tuple[str, str, str]) -> None:
    """Send one claimed mail; who claimed it in the meantime because this took too long goes first."""
    statement = (
        select(Mail, Employee.name, Employee.email, Employee.locale)
        .outerjoin(Employee, Employee.id == Mail.employee_id)
        .where(Mail.id == number, Mail.claimed_until == until, Mail.sent_at.is_(None))
    )
    found = session.execute(statement.with_for_update(of=Mail, skip_locked=True)).one_or_none()
    if found is None:
        return
    mail, name, address, locale = found
    name, address = (name, address) if mail.employee_id else (mail.address or "", mail.address or "")
    mail.claimed_until = None
    try:
        if not address:
            raise smtp.RefusedForGoodError
        url, sender, base_url = server
        smtp.send(url, mails.compose((mail.id, mail.kind, mail.params), (name, address, locale), sender, base_url))
        mail.sent_at = now
    except (smtp.RefusedForGoodError, KeyError, ValueError) as error:
        mail.given_up_at = now
        log.warning("mail.given_up", mail=str(number), kind=mail.kind, error=type(error).__name__)
    except smtp.NotNowError:
        _later(mail, now)


def _later(mail: Mail, now: datetime) -> None:
    mail.next_try_at = now + pause_after(mail.tries)
    if mail.tries >= MOST_TRIES:
        mail.given_up_at = now
        log.warning("mail.given_up", mail=str(mail.id), kind=mail.kind, error="tries")
