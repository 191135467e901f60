"""P03: the end of a stop is judged by the trust document of its day; a later one takes back no end, and brings none."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from gateway import stops
from portal.core.clock import to_ms
from tests.cast import Organisation
from tests.councils import Councils
from wire import documents
from wire.documents import Stop
from wire.stopping import resume_of

DAY = timedelta(days=1)
BEGUN = datetime(2026, 11, 1, tzinfo=UTC)
NEW = Councils()
OLD = Organisation(NEW.officer, NEW.council, NEW.lease, NEW.vault, NEW.issued)
TRUSTS = [(BEGUN, OLD.trust_envelope().decode()), (BEGUN + 10 * DAY, NEW.trust_envelope().decode())]


class Tables:
    """A connection that knows one stop, and both trust documents."""

    def __init__(self, stop: tuple[Any, ...]) -> None:
        self.stop = stop
        self.found: list[Any] = []

    async def execute(self, statement: str) -> "Tables":
        self.found = TRUSTS if "trust_document" in statement else [self.stop]
        return self

    async def fetchall(self) -> list[Any]:
        return self.found


def loaded(asked: datetime, ended: datetime, *keys: Any) -> stops.Orders:
    """What the gateway makes of a stop of Berlin whose end bears these signatures."""
    stop = Stop(uuid4(), 1, to_ms(asked), ("Berlin",))
    end = documents.sign(resume_of(stop), keys).decode()
    tables: Any = Tables((stop.id, 1, asked, ["Berlin"], None, None, True, end, ended))
    return asyncio.run(stops.load(tables, NEW.lease))


@pytest.mark.parametrize("days", [1, 9])
def test_P03_an_end_of_before_stays_one(days: int) -> None:
    """Berlin had no council of its own then, and one key was enough."""
    orders = loaded(BEGUN, BEGUN + days * DAY, NEW.officer, NEW.council)
    assert not orders.open
    assert len(orders.ended) == 1


def test_P03_what_the_old_document_asked_for_ends_no_stop_any_more() -> None:
    asked, ended = BEGUN + 11 * DAY, BEGUN + 12 * DAY
    for keys in ((NEW.council,), NEW.central, NEW.munich, NEW.berlin[:1]):
        assert loaded(asked, ended, NEW.officer, *keys).open
    assert loaded(asked, ended, NEW.officer, *NEW.berlin).ended
