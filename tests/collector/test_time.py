"""The server's time: nothing signed before turns it back, and no clock that was wrong locks a device out (P05, P09)."""

import asyncio
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector import status
from collector.agent import Agent
from collector.permission import Reason
from collector.timekeeping import ANSWER_MS, LATE_MS
from tests.collector.test_transport import TURNS, serving, stored, upload_until
from tests.collector.world import World, reports
from wire import documents, dsse, opamp
from wire.documents import DeviceRequest, ReportKind
from wire.servertime import ServerTime

HOUR = 3_600_000
WINDOW_MS = 30_000


@dataclass
class Wrong(World):
    """`ahead`: by how much the server's clock is wrong now; `jumped`: by how much the device's boot clock was."""

    ahead: int = 0
    jumped: int = 0

    def now(self) -> int:
        return super().now() + self.ahead - self.jumped

    def jump(self, ms: int) -> None:
        """The boot clock moves, and no time passes."""
        self.clock.boot += ms
        self.jumped += ms


@pytest.fixture
def world() -> Wrong:
    return Wrong()


@pytest.fixture
def agent(world: Wrong, tmp_path: Path) -> Agent:
    """A device that records."""
    started = world.agent(tmp_path)
    renew(world, started)
    assert started.tick().reason is Reason.RECORDING
    return started


def asked(agent: Agent) -> list[bytes]:
    """The nonces of the questions in the outbox, which is empty then."""
    found = [message.custom_message for message in agent.outbox if message.HasField("custom_message")]
    agent.outbox.clear()
    return [one.data for one in found if one.type == opamp.TIME]


def answer(world: Wrong, nonce: bytes, **changed: Any) -> bytes:
    """What the gateway signs."""
    key = changed.pop("key", world.organisation.lease)
    told: dict[str, Any] = {"device": world.device, "nonce": nonce, "at": world.now()} | changed
    return documents.sign(ServerTime(**told), [key])


def tell(agent: Agent, envelope: bytes) -> None:
    message = opamp.ServerToAgent()
    message.custom_message.CopyFrom(opamp.custom(opamp.TIME, envelope))
    agent.receive(message)


def renew(world: Wrong, agent: Agent, **changed: bytes | None) -> None:
    """A push of the gateway, and its answer to what is asked then."""
    agent.receive(world.message(**changed))
    for nonce in asked(agent):
        tell(agent, answer(world, nonce))


def records_soon(world: Wrong, agent: Agent) -> bool:
    """Whether there is a permission after the next renewal."""
    world.clock.pass_time(40_000)
    renew(world, agent)
    return bool(agent.tick().permitted)


def same(_world: Wrong, agent: Agent) -> Agent:
    return agent


def restarted(world: Wrong, agent: Agent) -> Agent:
    return world.agent(agent.state.path)


def rebooted(world: Wrong, agent: Agent) -> Agent:
    world.clock.name = "another boot"
    world.jump(-world.clock.boot + 7_000)
    return world.agent(agent.state.path)


@pytest.mark.parametrize("after", [same, restarted, rebooted])
@pytest.mark.parametrize("ahead", [2 * WINDOW_MS, HOUR, 400 * 24 * HOUR])
def test_P05_a_lease_of_a_wrong_server_clock_locks_nobody_out(
    world: Wrong, agent: Agent, ahead: int, after: Callable[[Wrong, Agent], Agent]
) -> None:
    world.ahead = ahead
    renew(world, agent)
    world.ahead = 0
    agent = after(world, agent)
    world.clock.pass_time(40_000)
    renew(world, agent)
    assert agent.permission.server_now() == world.now()
    assert records_soon(world, agent)


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 2 * WINDOW_MS])
def test_P05_a_boot_clock_that_jumped_locks_nobody_out(world: Wrong, agent: Agent, jump: int) -> None:
    world.jump(jump)
    world.clock.pass_time(40_000)
    renew(world, agent)
    assert agent.permission.server_now() == world.now()
    assert records_soon(world, agent)


def test_P05_a_boot_clock_that_runs_too_fast_is_put_right_before_requests_are_refused(
    world: Wrong, agent: Agent
) -> None:
    for _ in range(400):
        world.clock.pass_time(40_000)
        world.jump(200)
        renew(world, agent)
        now = agent.permission.server_now()
        assert now is not None
        assert 0 <= now - world.now() <= LATE_MS + 200 < WINDOW_MS


def test_P05_without_an_answer_nothing_is_captured(world: Wrong, agent: Agent) -> None:
    world.ahead = HOUR
    renew(world, agent)
    world.ahead = 0
    for _ in range(20):
        world.clock.pass_time(40_000)
        agent.receive(world.message())
        assert not agent.tick().permitted


def false_answers(world: Wrong, nonce: bytes, old: bytes) -> dict[str, bytes]:
    back = world.now() - HOUR
    return {
        "an older answer": old,
        "another question": answer(world, os.urandom(16), at=back),
        "another device": answer(world, nonce, device=uuid4(), at=back),
        "another key": answer(world, nonce, key=Ed25519PrivateKey.generate(), at=back),
        "the device's own key": answer(world, nonce, key=world.device_key, at=back),
        "the vault's key": answer(world, nonce, key=world.organisation.vault, at=back),
        "another document": documents.sign(world.lease(issued=back), [world.organisation.lease]),
        "nothing": b"",
    }


@pytest.mark.parametrize("which", range(8))
def test_P05_what_was_signed_before_does_not_turn_time_back(world: Wrong, agent: Agent, which: int) -> None:
    world.clock.wall -= 24 * HOUR  # the machine's own clock is no help
    held = world.files()
    agent.permission.time.doubtful = True
    nonce = agent.permission.time.ask()
    assert nonce is not None
    old = answer(world, nonce)
    tell(agent, old)
    world.clock.pass_time(HOUR)
    renew(world, agent)
    before = agent.permission.server_now()
    replay = opamp.ServerToAgent()
    replay.remote_config.CopyFrom(opamp.remote_config(held))
    agent.receive(replay)
    (question,) = asked(agent)
    tell(agent, list(false_answers(world, question, old).values())[which])
    assert agent.permission.server_now() == before == world.now()
    assert not agent.tick().permitted
    agent.receive(replay)
    assert not agent.tick().permitted


def test_P05_an_answer_counts_once_and_soon(world: Wrong, agent: Agent) -> None:
    world.ahead = HOUR
    renew(world, agent)
    world.ahead = 0
    agent.receive(world.message())
    (nonce,) = asked(agent)
    envelope = answer(world, nonce)
    world.clock.pass_time(ANSWER_MS)
    tell(agent, envelope)
    assert agent.permission.server_now() == world.now() + HOUR
    agent.receive(world.message())
    (nonce,) = asked(agent)
    envelope = answer(world, nonce)
    tell(agent, envelope)
    assert agent.permission.server_now() == world.now()
    world.clock.pass_time(5_000)
    tell(agent, envelope)
    assert agent.permission.server_now() == world.now()


@pytest.mark.parametrize("seed", range(50))
def test_P05_an_answer_moves_time_only_as_far_as_it_proves(world: Wrong, agent: Agent, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - a repeatable test
    wrong = draw.choice((0, 0, draw.randrange(-30_000, 0), draw.randrange(1, HOUR)))
    keeper = agent.permission.time
    world.jump(wrong)
    keeper.doubtful = True
    nonce = keeper.ask()
    assert nonce is not None
    there, back = draw.randrange(4_000), draw.randrange(4_000)
    world.clock.pass_time(there)
    envelope = answer(world, nonce)
    world.clock.pass_time(back)
    tell(agent, envelope)
    now = agent.permission.server_now()
    assert now is not None
    if wrong == 0:
        assert now == world.now()
    assert -back <= now - world.now() <= there


def test_P05_time_that_goes_back_takes_the_lease_along(world: Wrong, agent: Agent) -> None:
    world.jump(15_000)
    agent.receive(world.message())
    assert agent.tick().permitted
    (nonce,) = asked(agent)
    tell(agent, answer(world, nonce))
    assert agent.tick().reason is Reason.NO_PERMIT
    assert records_soon(world, agent)


def test_P05_no_online_key_alone_turns_time_back(world: Wrong, agent: Agent) -> None:
    world.pause(ends=world.now() + 2 * HOUR)
    renew(world, agent)
    world.clock.pass_time(60_000)
    before = agent.permission.server_now()
    world.ahead = -HOUR  # a server that says that the pause has not begun yet, in leases and answers
    for _ in range(3):
        world.clock.pass_time(40_000)
        renew(world, agent)
        assert agent.tick().reason is Reason.PAUSED
    assert before is not None
    assert agent.permission.server_now() == before + 120_000


@pytest.mark.parametrize("after", [same, restarted, rebooted])
def test_P05_an_expired_policy_stays_expired(
    world: Wrong, tmp_path: Path, after: Callable[[Wrong, Agent], Agent]
) -> None:
    world.changed = {"expires": world.now() + HOUR}
    agent = world.agent(tmp_path)
    renew(world, agent)
    world.clock.pass_time(HOUR - 10_000)
    renew(world, agent)
    assert agent.tick().permitted
    world.clock.pass_time(10_000)
    assert agent.tick().reason is Reason.ENDED
    world.ahead = -HOUR
    agent = after(world, agent)
    for _ in range(3):
        assert not records_soon(world, agent)


def test_P05_a_lease_that_was_held_back_is_no_first_one_of_a_boot(world: Wrong, agent: Agent) -> None:
    """Nothing of this boot tells that it is old but the machine's own clock."""
    world.clock.pass_time(HOUR)
    held = world.message()
    world.clock.pass_time(HOUR)
    agent = rebooted(world, agent)
    agent.receive(held)
    agent = restarted(world, agent)
    agent.receive(held)
    assert not agent.tick().permitted
    assert not any(told.remote_config_status.error_message for told in agent.outbox), "that is no policy's failure"
    (nonce,) = asked(agent)
    tell(agent, answer(world, nonce))
    assert agent.permission.server_now() == world.now()
    agent.receive(held)
    assert not agent.tick().permitted
    assert records_soon(world, agent)


@pytest.mark.parametrize("ahead", [HOUR, 400 * 24 * HOUR])
def test_P05_a_clock_of_the_machine_that_is_ahead_locks_nobody_out_by_itself(
    world: Wrong, agent: Agent, ahead: int
) -> None:
    world.clock.wall += ahead
    agent = rebooted(world, agent)
    renew(world, agent)
    assert agent.permission.server_now() == world.now()
    assert records_soon(world, agent)


def test_P05_who_is_locked_out_by_the_own_clock_is_told_to_set_it(world: Wrong, agent: Agent) -> None:
    world.ahead = HOUR
    renew(world, agent)
    world.ahead = 0
    world.clock.wall += 2 * HOUR
    assert not records_soon(world, agent)
    shown = status.lines(agent.identity, True, status.of_agent(agent))
    assert any("120 minutes ahead of the server's: nothing is recorded until you set" in line for line in shown)
    world.clock.wall -= 2 * HOUR
    world.clock.pass_time(ANSWER_MS)
    renew(world, agent)
    assert records_soon(world, agent)
    assert not [line for line in status.lines(agent.identity, True, status.of_agent(agent)) if "ahead" in line]


def test_a_pause_here_is_told_although_an_answer_came_before_the_first_lease(world: Wrong, agent: Agent) -> None:
    world.ahead = HOUR
    renew(world, agent)
    world.ahead = 0
    agent = rebooted(world, agent)
    agent.pause_here(30)
    renew(world, agent)
    assert agent.permission.server_now() == world.now()
    agent.receive(world.message())
    assert ReportKind.PAUSED_HERE in [one.what for one in reports(agent)]


def test_only_one_question_at_a_time(world: Wrong, agent: Agent) -> None:
    world.ahead = HOUR
    renew(world, agent)
    world.ahead = 0
    counts = []
    for _ in range(20):
        world.clock.pass_time(1_000)
        agent.receive(world.message())
        counts.append(len(asked(agent)))
    assert sum(counts) == 2


def test_P09_requests_are_signed_by_the_time_that_a_refusal_names(world: Wrong, tmp_path: Path) -> None:
    refused = []

    async def gateway(request: web.Request) -> web.Response:
        data = await request.read()
        envelope = documents.parse_request_header(request.headers["Authorization"])
        at = documents.read(DeviceRequest, dsse.payload_of(envelope)).at
        if abs(at - world.now()) > WINDOW_MS:
            refused.append(at)
            return web.Response(status=401, headers={"Date": formatdate(world.now() / 1000, usegmt=True)})
        return stored(data)

    async def scenario() -> None:
        async with serving(gateway) as url:
            agent = Agent(world.state(tmp_path, url), world.identity(url), world.clock)
            world.ahead = HOUR
            agent.receive(world.message())
            assert agent.recorder.prompt("chat", TURNS)
            world.ahead = 0
            async with asyncio.timeout(20):
                await upload_until(agent, lambda: len(agent.spool) == 0)
            assert agent.totals.stored == 1
            assert agent.permission.server_now() == world.now() + HOUR, "a refusal sets no time that permits"
            assert not agent.tick().permitted

    asyncio.run(scenario())
    assert refused == [world.now() + HOUR]
