"""Mail a checkpoint of the log to whoever keeps it: out of the database's reach, and not by way of the outbox in it."""

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

from portal.core.config import Settings
from portal.notifications import smtp


def head_mailer(settings: Settings) -> Callable[[str, str], None] | None:
    """`send(address, note)`, which raises OSError when the mail server does not take it; None where there is none."""
    url = settings.smtp_url
    if not url:
        return None

    def send(address: str, note: str) -> None:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = settings.mail_from, address
        message["Subject"] = "Daylight log checkpoint"
        message.set_content(note)
        try:
            smtp.send(url, message)
        except (smtp.NotNowError, smtp.RefusedForGoodError) as error:
            raise OSError(0, "the mail server did not take it") from error

    return send
