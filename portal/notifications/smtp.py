"""Hand one mail to the mail server, encrypted unless that server is on this machine."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

TIMEOUT_SECONDS: Final = 20
PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
PERMANENT: Final = 500


class RefusedForGoodError(Exception):
    """The server will never take this mail; trying again is of no use."""


class NotNowError(Exception):
    """The server could not be reached, or said to come back later."""


def send(url: str, message: EmailMessage) -> None:
    """Hand over `message` to the server of PORTAL_SMTP_URL. Raises RefusedForGoodError or NotNowError."""
    try:
        with _connected(urlsplit(url)) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise (RefusedForGoodError if min(codes) >= PERMANENT else NotNowError) from error
    except smtplib.SMTPDataError as error:
        raise (RefusedForGoodError if error.smtp_code >= PERMANENT else NotNowError) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotNowError from error


@contextmanager
def _connected(url: SplitResult) -> Iterator[smtplib.SMTP]:
    host, port = url.hostname or "", url.port or PORTS[url.scheme]
    tls = ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=tls)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    with server:
        if url.scheme == "smtp+starttls":
            server.starttls(context=tls)
        if url.username and url.password:
            server.login(unquote(url.username), unquote(url.password))
        yield server
