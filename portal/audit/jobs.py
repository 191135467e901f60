"""The log's bells: sequence what waits, and hand each new checkpoint to the witness."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import requests
import structlog
from sqlalchemy.orm import Session

from portal.audit import queries, sequencing
from portal.audit.keys import log_key
from portal.core.config import Settings
from portal.core.witness import FILE, MAIL, addresses, append

POST_SECONDS = 5
MAIL_EVERY = timedelta(hours=1)
"""A mailbox that gets a mail for each of thousands of checkpoints a day is read by nobody."""
Send = Callable[[str, str], None]
Note = Callable[[Session, int, datetime], None]
"""Takes how many witnesses do not take the newest checkpoint."""

log = structlog.get_logger()


def sequencer(settings: Settings) -> Callable[[Session, datetime], bool]:
    """The job that appends to the log. Raises ConfigError when there is no key to sign with."""
    key = log_key(settings)

    def sequence_next(session: Session, now: datetime) -> bool:
        """One batch; a log that was tampered with is not continued, and every bell says so."""
        try:
            return sequencing.sequence(session, key, now)
        except sequencing.BrokenLogError as error:
            log.error("log.broken", reason=str(error))
            return False

    return sequence_next


def witness(
    settings: Settings, send: Send | None = None, note: Note | None = None
) -> Callable[[Session, datetime], None]:
    """The job that hands the newest checkpoint to each witness, after its commit; at a start, once more.

    A witness that cannot be reached gets the newest one later; the others do not wait for it. A mailbox gets
    a mail an hour at most, by `send(address, note)`, which raises OSError; without it none.
    """
    handed = dict.fromkeys(addresses(settings.log_witness), 0)
    rests: dict[str, datetime] = {}
    failing: set[str] = set()

    def hand_out_head(session: Session, now: datetime) -> None:
        head = queries.newest_head(session) if handed else None
        for address, number in handed.items():
            if head is None or head.number == number or rests.get(address, now) > now:
                continue
            if _hand(address, head.note, send):
                handed[address] = head.number
                failing.discard(address)
                if address.startswith(MAIL):
                    rests[address] = now + MAIL_EVERY
            else:
                failing.add(address)
        if note is not None:
            note(session, len(failing), now)

    return hand_out_head


def _hand(address: str, note: str, send: Send | None) -> bool:
    """Whether the witness has it: on disk, or answered with success."""
    try:
        if address.startswith(FILE):
            append(Path(address.removeprefix(FILE)), note)
        elif address.startswith(MAIL):
            _mail(address.removeprefix(MAIL), note, send)
        else:
            _post(address, note)
    except (OSError, requests.RequestException) as error:
        log.warning("log.witness_unreachable", error=type(error).__name__)
        return False
    return True


def _mail(address: str, note: str, send: Send | None) -> None:
    if send is None:
        raise OSError(0, "no mail server is set")
    send(address, note)


def _post(address: str, note: str) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(
            address,
            data=note.encode(),
            headers={"Content-Type": "text/plain; charset=utf-8"},
            timeout=POST_SECONDS,
            allow_redirects=False,
        )
    answer.raise_for_status()
    if answer.is_redirect:
        raise requests.HTTPError("a redirect")
