"""Getting there: waiting between tries, clocks that are wrong, answers that are not answers."""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from collector.agent import Agent
from collector.enrolment import Asked, enrol
from collector.state import StateDir, StateError
from collector.transport import Backoff, Gateway, check_server, new_session, stay_connected, websocket
from collector.uploads import keep_uploading
from tests.collector.world import START, World
from wire import documents, dsse, segment
from wire.documents import DeviceRequest

TURNS = [("user", "Why?")]


def filled(world: World, folder: Path, url: str, count: int) -> Agent:
    """An agent with that many segments waiting, for a server at `url`."""
    state = world.state(folder, url)
    agent = Agent(state, world.identity(url), world.clock)
    agent.receive(world.message())
    for _ in range(count):
        world.clock.pass_time(10)
        assert agent.recorder.prompt("chat", TURNS)
    return agent


@asynccontextmanager
async def serving(answer: Any) -> AsyncIterator[str]:
    """A server that answers every POST by `answer`."""
    app = web.Application(client_max_size=8 << 20)
    app.router.add_post("/{path:.*}", answer)
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def until(done: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if done():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("this state did not come")


async def upload_until(agent: Agent, done: Callable[[], bool]) -> None:
    async with new_session() as http:
        task = asyncio.create_task(keep_uploading(Gateway(agent, http)))
        try:
            await until(done)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def stored(data: bytes, outcome: str = "stored", reason: str | None = None) -> web.Response:
    ids = [str(segment.read_header(header).segment) for header, _ in segment.unpack(data)]
    results = [{"segment": one, "outcome": outcome, "reason": reason} for one in ids]
    return web.Response(text=json.dumps({"time": START, "results": results}))


def test_waiting_doubles_with_jitter_up_to_half_a_minute() -> None:
    low, high = Backoff(lambda: 0.0), Backoff(lambda: 1.0)
    waits = [(low.next(), high.next()) for _ in range(12)]
    assert waits[0] == (0.25, 0.5)
    assert all(least * 2 == most for least, most in waits)
    assert waits[-1] == (15.0, 30.0)
    low.reset()
    assert low.next() == 0.25


@pytest.mark.parametrize("url", ["http://example.com", "https://", "ws://localhost", "http://localhost.example"])
def test_servers_that_are_not_to_be_used(url: str) -> None:
    with pytest.raises(StateError):
        check_server(url)
    assert check_server("https://gateway.example/") == "https://gateway.example"


def test_R02_only_a_whole_answer_empties_the_spool(tmp_path: Path) -> None:
    world, tries = World(), []

    async def answer(request: web.Request) -> web.Response:
        data = await request.read()
        tries.append(data)
        match len(tries):
            case 1:
                return web.Response(status=503, headers={"Retry-After": "0"})
            case 2:
                return web.Response(text="not JSON")
            case 3:
                return web.Response(text=json.dumps({"results": []}))
        return stored(data)

    async def scenario() -> None:
        async with serving(answer) as url:
            agent = filled(world, tmp_path, url, 3)
            await upload_until(agent, lambda: len(agent.spool) == 0)
            assert agent.totals.stored == 3

    asyncio.run(scenario())
    assert len(set(tries)) == 1, "the same bytes again, so that the gateway can tell"


def test_refused_segments_are_counted_and_not_sent_again(tmp_path: Path) -> None:
    world = World()

    async def answer(request: web.Request) -> web.Response:
        return stored(await request.read(), "refused", "paused")

    async def scenario() -> None:
        async with serving(answer) as url:
            agent = filled(world, tmp_path, url, 2)
            await upload_until(agent, lambda: len(agent.spool) == 0)
            assert agent.totals.refused == {"paused": 2}

    asyncio.run(scenario())


def test_one_malformed_segment_does_not_hold_up_the_rest(tmp_path: Path) -> None:
    world = World()

    async def answer(request: web.Request) -> web.Response:
        data = await request.read()
        return web.Response(status=400) if b"poison" in data else stored(data)

    async def scenario() -> None:
        async with serving(answer) as url:
            agent = filled(world, tmp_path, url, 2)
            agent.spool.put(agent.sequence.next(), b"poison", b"body")
            await upload_until(agent, lambda: len(agent.spool) == 0)
            assert (agent.totals.stored, agent.totals.refused) == (2, {"malformed": 1})

    asyncio.run(scenario())


def test_P09_each_request_is_signed_anew_over_its_own_body(tmp_path: Path) -> None:
    world, seen = World(), []

    async def answer(request: web.Request) -> web.Response:
        data = await request.read()
        public = dsse.raw_public(world.device_key)
        envelope = documents.parse_request_header(request.headers["Authorization"])
        signed, _ = documents.open_signed(DeviceRequest, envelope, {dsse.key_id(public): public})
        assert (signed.method, signed.path, signed.device) == ("POST", "/v1/segments", world.device)
        assert signed.body_sha256 == hashlib.sha256(data).digest()
        seen.append((signed.nonce, signed.at))
        return web.Response(status=503, headers={"Retry-After": "0"}) if len(seen) < 3 else stored(data)

    async def scenario() -> None:
        async with serving(answer) as url:
            agent = filled(world, tmp_path, url, 1)
            await upload_until(agent, lambda: len(agent.spool) == 0)

    asyncio.run(scenario())
    assert len({nonce for nonce, _ in seen}) == 3
    assert {at for _, at in seen} == {world.now()}, "the server's time by the boot clock"


def test_a_wrong_wall_clock_is_set_right_by_the_servers_date(tmp_path: Path) -> None:
    world, ats = World(), []
    world.clock.wall -= 7_200_000

    async def answer(request: web.Request) -> web.Response:
        envelope = documents.parse_request_header(request.headers["Authorization"])
        ats.append(documents.read(DeviceRequest, dsse.payload_of(envelope)).at)
        return web.Response(status=401, headers={"Date": "Fri, 15 Jan 2027 08:00:00 GMT"})

    async def scenario() -> None:
        async with serving(answer) as url:
            agent = Agent(world.state(tmp_path, url), world.identity(url), world.clock)
            async with new_session() as http:
                task = asyncio.create_task(stay_connected(Gateway(agent, http), http_only=False))
                await until(lambda: len(ats) >= 2)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scenario())
    assert ats[:2] == [START - 7_200_000, 1_800_000_000_000]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_nothing_elsewhere(tmp_path: Path, status: int) -> None:
    world, sent, elsewhere = World(), [], []

    async def answer(request: web.Request) -> web.Response:
        if request.path.startswith("/elsewhere"):
            elsewhere.append(request.method)
            return web.Response(text="{}")
        sent.append(request.method)
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    async def scenario() -> None:
        async with serving(answer) as url, new_session() as http:
            gateway = Gateway(filled(world, tmp_path, url, 1), http)
            with pytest.raises(aiohttp.ClientError):
                await gateway.post("/v1/segments", b"sealed", segment.CONTENT_TYPE)
            with pytest.raises(aiohttp.ClientError):
                await websocket(gateway, Backoff())

    asyncio.run(scenario())
    assert (sent, elsewhere) == (["POST", "GET"], [])


def test_an_answer_comes_in_pieces(tmp_path: Path) -> None:
    world = World()
    trust = world.organisation.trust_envelope()

    async def answer(request: web.Request) -> web.StreamResponse:
        known = request.path == "/v1/trust"
        refusal = {"error": "code_invalid", "message": "No."}
        body = trust if known else json.dumps(refusal).encode()
        response = web.StreamResponse(status=200 if known else 403)
        await response.prepare(request)
        for piece in (body[:10], body[10:]):
            await response.write(piece)
            await asyncio.sleep(0.1)
        return response

    async def scenario() -> None:
        async with serving(answer) as url:
            asked = Asked(url, documents.fingerprint(trust), "A-CODE")
            with pytest.raises(StateError, match="This code is wrong"):
                await enrol(StateDir(tmp_path), world.clock, asked)

    asyncio.run(scenario())


def test_R04_an_answer_without_end_is_cut_off(tmp_path: Path) -> None:
    world = World()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            for _ in range(1_000):
                await response.write(bytes(1 << 20))
        return response

    async def scenario() -> None:
        async with serving(answer) as url, new_session() as http:
            gateway = Gateway(filled(world, tmp_path, url, 1), http)
            with pytest.raises(aiohttp.ClientPayloadError):
                await gateway.post("/v1/segments", b"sealed", segment.CONTENT_TYPE)

    asyncio.run(scenario())


@pytest.mark.parametrize("http_only", [True, False])
def test_a_device_that_was_removed_stops_and_forgets(tmp_path: Path, http_only: bool) -> None:  # noqa: FBT001
    world = World()

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"error": "device_removed", "message": "Removed."}, status=403)

    async def scenario() -> None:
        async with serving(answer) as url:
            agent = filled(world, tmp_path, url, 2)
            async with new_session() as http, asyncio.timeout(20):
                await stay_connected(Gateway(agent, http), http_only=http_only)
            assert agent.removed.is_set()
            assert len(agent.spool) == 0
            assert not agent.tick().permitted

    asyncio.run(scenario())
