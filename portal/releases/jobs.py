"""The worker makes each release when it is due, one at a time and oldest first: what may be shown depends on it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity.models import Installation
from portal.releases import queries
from portal.releases.actions import open_quarter, release
from portal.releases.contributions import SMALLEST_GROUP
from portal.releases.grouping import people_in
from portal.releases.periods import periods, quarter, quarters

TURN: Final = 0x5261_746573
"""The advisory lock of whoever makes releases."""


def smallest_group(otherwise: int) -> Callable[[Session, date], int]:
    """Says how many people a number of that day stands for at least; `otherwise`: until the council signs another k.

    Raises ValueError and SignatureError as `queries.groupings` does.
    """
    return lambda session, day: people_in(quarter(day), queries.groupings(session), otherwise)


def releaser(k: int = SMALLEST_GROUP, since: date | None = None) -> Callable[[Session, datetime], bool]:
    """The job; `since`: the first day that counts, by default the installation's. `k`: until the council signs another.

    A row that claims a signature and has none stops it: then no release is made, which the privacy office sees.
    """

    def release_next(session: Session, now: datetime) -> bool:
        """Make the oldest release that is due; whether there was one. In one transaction: all of it, or nothing.

        A quarter that has begun is opened at once: who belongs where is that of its first day.
        """
        if not session.scalar(select(func.pg_try_advisory_xact_lock(TURN))):
            return False  # another worker is at it
        first = since or session.scalars(select(Installation.created_at)).one().date()
        opened = queries.opened(session)
        for begun in quarters(first, now.date()):
            if opened is None or begun > opened:
                open_quarter(session, begun, people_in(begun, queries.groupings(session), k), now.date())
        period = queries.unreleased(session, periods(first, now))
        if period is None:
            return False
        release(session, period, people_in(period.quarter, queries.groupings(session), k), now)
        return True

    return release_next
