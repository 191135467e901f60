"""What was sent is counted once, over crashes and restarts, and told once the day is over."""

import asyncio
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector import tallies
from collector.agent import Agent
from collector.ledger import Ledger
from collector.spool import Spool, Waiting
from collector.state import StateDir
from collector.tallies import keep_telling
from collector.transport import Gateway, new_session
from tests.collector.test_transport import serving, until
from tests.collector.world import World
from tests.gateway.process import ROOT
from tests.wire import samples
from wire import documents, dsse, segment
from wire.tally import Tally, ids_hash

DAY_MS = 86_400_000
NOON = 20_000 * DAY_MS + DAY_MS // 2
DEVICE, KEY = uuid4(), Ed25519PrivateKey.generate()
WRITER = """
import sys
from pathlib import Path
from uuid import UUID
from collector.ledger import Ledger
from collector.spool import Spool
from collector.state import StateDir
from tests.collector.test_ledger import NOON, waiting
state = StateDir(Path(sys.argv[1]))
spool, ledger = Spool(state), Ledger(state)
for seq in range(1, 100_000):
    one = waiting(seq, NOON, UUID(int=seq))
    spool.put(seq, one.header, one.body)
    batch = spool.oldest(3, 1 << 20)
    ledger.asking(batch)
    ledger.answered(batch)
    print(seq, flush=True)
    for sent in batch:
        spool.remove(sent.seq)
"""


def waiting(seq: int, end: int, one: UUID | None = None) -> Waiting:
    made = replace(samples.HEADER, segment=one or uuid4(), seq=seq, start=end - 5, end=end)
    return Waiting(seq, segment.header_bytes(made), b"body")


def ids(*batch: Waiting) -> bytes:
    return ids_hash(segment.read_header(one.header).segment for one in batch)


def told(envelope: bytes | None) -> Tally:
    assert envelope is not None
    return documents.open_signed(Tally, envelope, samples.public_keys(KEY))[0]


@pytest.fixture
def state(tmp_path: Path) -> StateDir:
    made = StateDir(tmp_path / "state")
    # The day before the first day was the last one told of.
    made.write("tallied", b"2024-10-03")
    return made


def due(state: StateDir, now: int) -> bytes | None:
    return Ledger(state).due(now, Spool(state), DEVICE, KEY)


def test_a_finished_day_is_told_with_what_was_answered(state: StateDir) -> None:
    ledger, batch = Ledger(state), [waiting(seq, NOON) for seq in (4, 5, 9)]
    ledger.asking(batch)
    ledger.answered(batch)
    assert due(state, NOON + DAY_MS // 2) is None
    tally = told(due(state, NOON + DAY_MS))
    assert (tally.device, tally.day, tally.first, tally.last, tally.n) == (DEVICE, "2024-10-04", 4, 9, 3)
    assert (tally.ids, tally.sent[0].n, tally.unsure) == (ids(*batch), 3, ())


def test_the_same_bytes_until_they_are_taken_and_then_the_next_day(state: StateDir) -> None:
    one, late = waiting(1, NOON), waiting(2, NOON)
    Ledger(state).answered([one])
    first = due(state, NOON + DAY_MS)
    assert first == due(state, NOON + 2 * DAY_MS)
    Ledger(state).answered([late])
    assert due(state, NOON + 2 * DAY_MS) == first
    Ledger(state).taken()
    second = told(due(state, NOON + 2 * DAY_MS))
    assert (second.day, second.n, second.ids) == ("2024-10-05", 1, ids(late))
    Ledger(state).taken()
    assert due(state, NOON + 2 * DAY_MS) is None


def test_a_day_is_not_told_while_something_of_it_waits(state: StateDir) -> None:
    spool, one = Spool(state), waiting(1, NOON)
    spool.put(one.seq, one.header, one.body)
    assert due(state, NOON + DAY_MS) is None
    spool.remove(one.seq)
    assert told(due(state, NOON + DAY_MS)).n == 0


def test_answered_twice_counts_once(state: StateDir) -> None:
    one = waiting(1, NOON)
    Ledger(state).answered([one, one])
    Ledger(state).answered([one])
    assert told(due(state, NOON + DAY_MS)).n == 1


def test_days_follow_the_numbers(state: StateDir) -> None:
    batch = [waiting(1, NOON), waiting(2, NOON + DAY_MS), waiting(3, NOON)]
    Ledger(state).answered(batch)
    assert told(due(state, NOON + 3 * DAY_MS)).ids == ids(batch[0])
    Ledger(state).taken()
    assert told(due(state, NOON + 3 * DAY_MS)).ids == ids(*batch[1:])


def test_sent_but_destroyed_before_an_answer_is_unsure(state: StateDir) -> None:
    spool, lost, refused = Spool(state), waiting(1, NOON), waiting(2, NOON)
    ledger = Ledger(state)
    for one in (lost, refused):
        spool.put(one.seq, one.header, one.body)
    ledger.asking([lost, refused])
    ledger.unread(refused)
    assert spool.wipe() == 2
    tally = told(due(state, NOON + DAY_MS))
    assert (tally.n, ids_hash(tally.unsure)) == (0, ids(lost))
    Ledger(state).taken()
    assert told(due(state, NOON + 2 * DAY_MS)).unsure == ()


def test_a_collector_that_was_off_says_that_there_was_nothing(state: StateDir) -> None:
    days = []
    while (envelope := due(state, NOON + 90 * DAY_MS)) is not None:
        days.append(told(envelope).day)
        Ledger(state).taken()
    assert (len(days), days[0], days[-1]) == (31, "2024-12-02", "2025-01-01")


def test_a_new_collector_has_nothing_to_tell_of_yesterday(tmp_path: Path) -> None:
    state = StateDir(tmp_path)
    assert due(state, NOON) is None
    assert told(due(state, NOON + DAY_MS)).day == "2024-10-04"


@pytest.mark.parametrize("name", ["sent.log", "asked.json", "tally.dsse", "tallied"])
def test_damaged_files_never_stop_the_collector(state: StateDir, name: str) -> None:
    Ledger(state).answered([waiting(1, NOON)])
    due(state, NOON + DAY_MS)
    (state.path / name).write_bytes(b"\xff{torn")
    Ledger(state).answered([waiting(2, NOON)])
    due(state, NOON + DAY_MS)


def test_R01_counts_survive_sigkill_without_loss_or_double(state: StateDir) -> None:
    for _ in range(4):
        command = [sys.executable, "-c", WRITER, str(state.path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            for _ in range(40):
                last = int(process.stdout.readline())
            process.send_signal(signal.SIGKILL)
    spool, ledger = Spool(state), Ledger(state)
    ledger.answered(spool.oldest(1000, 1 << 30))
    spool.wipe()
    tally = told(due(state, NOON + DAY_MS))
    assert tally.n >= last
    assert tally.ids == ids_hash(UUID(int=seq) for seq in range(1, tally.n + 1))
    assert (tally.first, tally.last) == (1, tally.n)


@pytest.mark.parametrize(("status", "times"), [(503, 3), (200, 1), (409, 1), (400, 1)])
def test_it_is_sent_until_the_gateway_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, times: int
) -> None:
    world, bodies = World(), []

    async def answer(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        again = status == 503 and len(bodies) == times
        return web.json_response({}, status=200 if again else status)

    async def telling() -> None:
        async with serving(answer) as url, new_session() as http:
            state = world.state(tmp_path, url)
            agent = Agent(state, world.identity(url), world.clock)
            agent.receive(world.message())
            agent.ledger.due(world.now(), agent.spool, world.device, world.device_key)
            world.clock.pass_time(DAY_MS)
            task = asyncio.create_task(keep_telling(Gateway(agent, http)))
            await until(lambda: len(bodies) == times and not (state.path / "tally.dsse").exists())
            task.cancel()

    monkeypatch.setattr(tallies, "EVERY_S", 0.01)
    asyncio.run(telling())
    assert len(set(bodies)) == 1
    public = dsse.raw_public(world.device_key)
    assert documents.open_signed(Tally, bodies[0], {dsse.key_id(public): public})[0].device == world.device
