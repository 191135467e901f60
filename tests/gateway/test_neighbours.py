"""One person's odd data never fails others': whoever cannot be served fails alone, and permits nothing (P06, R06)."""

import asyncio
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID, uuid4

import psycopg
import pytest
from structlog.testing import capture_logs

from gateway import database, permits, store, uploads
from gateway import hub as hubs
from gateway.admission import Result
from gateway.batches import Batcher
from gateway.database import DatabaseDownError, Link
from gateway.devices import Device
from gateway.hub import PER_BATCH, Hub
from gateway.lanes import Lane
from gateway.people import Person
from gateway.permits import Facts, Key, Published
from gateway.uploads import Uploads
from portal.capture.models import Outcome
from portal.policies.rules import Workplace
from tests.cast import Organisation
from tests.gateway.agent import Agent, now
from tests.gateway.process import Rows
from wire import codec, segment

YEAR_9999 = 253_402_300_799_999
ODD = UUID(int=7)


class Idle:
    """A link without a database behind it."""

    async def run(self, work: Callable[[None], Any], **_: object) -> Any:
        return await work(None)

    read = statement = run


def link() -> Link:
    return cast("Link", Idle())


@pytest.fixture
def leased(agent: Agent, rows: Rows) -> Agent:
    """A device east of UTC, where calendars end first."""
    rows.do("UPDATE employee SET timezone = 'Pacific/Kiritimati' WHERE id = %s", agent.employee)
    agent.await_lease()
    return agent


@pytest.mark.parametrize("at", [YEAR_9999, codec.MAX_TIME + 1, codec.MAX_TIME, 0])
@pytest.mark.parametrize("lie", [{}, {"employee": ODD}, {"device": ODD}], ids=str)
def test_R06_no_time_that_a_header_may_name_fails_others(
    leased: Agent, rows: Rows, at: int, lie: dict[str, UUID]
) -> None:
    odd = leased.segment(b"", start=at, end=at, **lie)
    outcomes = leased.outcome(leased.segment(), odd, leased.segment())
    assert (outcomes[0], outcomes[2]) == ("stored", "stored")
    if at > codec.MAX_TIME:
        assert outcomes[1] == "bad_header"
    days = {day for (day,) in rows.all("SELECT local_day FROM upload WHERE employee_id = %s", leased.employee)}
    assert len(days) == 1, "what is not believed stands on the day on which it came"


def test_R06_what_cannot_be_done_fails_alone() -> None:
    calls: list[list[int]] = []

    async def work(items: list[int]) -> list[int]:
        calls.append(items)
        if 2 in items:
            raise OverflowError
        return items

    async def play() -> list[int | BaseException]:
        batcher: Batcher[int, int] = Batcher("test", work, limit=4)
        found = await asyncio.gather(*(batcher.submit(number) for number in range(4)), return_exceptions=True)
        await batcher.close()
        return found

    found = asyncio.run(play())
    assert [type(one) for one in found] == [int, int, OverflowError, int]
    assert calls == [[0, 1, 2, 3], [0], [1], [2], [3]]


def test_R05_a_database_that_is_down_is_not_asked_for_each() -> None:
    calls: list[int] = []

    async def work(items: list[int]) -> list[int]:
        calls.append(len(items))
        raise (ValueError if len(calls) == 1 else DatabaseDownError)

    async def play() -> list[int | BaseException]:
        batcher: Batcher[int, int] = Batcher("test", work, limit=4)
        found = await asyncio.gather(*(batcher.submit(number) for number in range(4)), return_exceptions=True)
        await batcher.close()
        return found

    assert {type(one) for one in asyncio.run(play())} == {DatabaseDownError}
    assert calls == [4, 1]


def test_R06_an_upload_that_breaks_the_server_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def admit(_connection: object, items: list[Any], *_: object) -> list[Any]:
        if any(one.employee == ODD for one in items):
            raise OverflowError(str(ODD))
        return [Result(one.id, Outcome.STORED) for one in items]

    monkeypatch.setattr(uploads, "admit", admit)
    body = segment.pack([(b"{}", b"x")])

    async def play() -> list[Any]:
        service = Uploads((link(),), 60)
        people = [uuid4(), ODD, uuid4()]
        served = (service.serve(Device(uuid4(), one, b"", live=True), segment.CONTENT_TYPE, body) for one in people)
        found = await asyncio.gather(*served, return_exceptions=True)
        await service.close()
        return found

    with capture_logs() as lines:
        found = asyncio.run(play())
    assert [getattr(one, "status", type(one)) for one in found] == [200, OverflowError, 200]
    assert [line["event"] for line in lines] == ["batch_split"]
    assert str(ODD) not in str(lines)


def test_R06_a_value_too_large_for_the_database_is_no_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(_conninfo: str, _name: str) -> None:
        return

    async def work(_: object) -> None:
        raise psycopg.errors.lookup("54000")

    monkeypatch.setattr(database, "connect", connect)
    with pytest.raises(psycopg.errors.ProgramLimitExceeded):
        asyncio.run(Link("", "test").read(work))


class Silent:
    """A connection that notes what it is pushed."""

    def __init__(self, device: UUID) -> None:
        self.device, self.pushed = device, 0

    def push(self, _person: Person) -> None:
        self.pushed += 1


def facts_of(employee: UUID) -> Facts:
    return Facts(
        employee, Workplace(None, None, None), False, (), 1, key=Key(employee, b"{}"), collectors=frozenset({employee})
    )


@pytest.mark.parametrize("broken", ["load_facts", "permits", "directive", "due"])
def test_P06_one_who_cannot_be_refreshed_leaves_all_others_their_leases(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    people = [UUID(int=number) for number in range(PER_BATCH[Lane.USUAL])]
    organisation = Organisation(issued=now())
    whole: Any = getattr(permits, broken, None)

    def odd(facts: Facts, *arguments: Any, **more: Any) -> Any:
        if facts.employee == ODD:
            raise OverflowError
        return whole(facts, *arguments, **more)

    async def load(_connection: object, employees: list[UUID], _now: int) -> dict[UUID, Facts]:
        if broken == "load_facts" and ODD in employees:
            raise psycopg.DataError
        return {employee: facts_of(employee) for employee in employees}

    async def written(_connection: object, found: Any) -> None:
        assert ODD not in {permit.employee for permit in found} or broken == "due"

    if whole is not None:
        monkeypatch.setattr(permits, broken, odd)
    monkeypatch.setattr(store, "load_facts", load)
    monkeypatch.setattr(store, "write_permits", written)
    lines = {employee: Silent(employee) for employee in people}

    async def play() -> tuple[dict[UUID, Person], list[Any]]:
        hub = Hub(dict.fromkeys(Lane, link()), organisation.lease)
        hub.organisation = store.Organisation(None, (Published(organisation.policy(), "ab" * 32, b"{}"),))
        joined = (hub.join(employee, cast("Any", lines[employee])) for employee in people)
        found = await asyncio.gather(*joined, return_exceptions=True)
        known = dict(hub._people)
        await hub.close()
        return known, found

    with capture_logs() as logged:
        known, found = asyncio.run(play())
    assert [one for one in people if not known[one].envelopes] == [ODD]
    assert [one for one in people if not lines[one].pushed] == [ODD]
    assert [people[place] for place, one in enumerate(found) if isinstance(one, Exception)] == [ODD]
    assert [line["people"] for line in logged if line["event"] == "refresh_failed"] == [1]
    assert known[ODD].due > hubs.RETRY_MS
    assert not known[ODD].held
