"""A stop for all at the gateway: whom it reaches, what is refused meanwhile, and what ends it (P03, P06, R01)."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway import stops
from portal.core.clock import from_ms, to_ms
from portal.policies.rules import Workplace
from tests.cast import Organisation
from tests.gateway.agent import SECONDS, Agent, Line, now
from tests.gateway.process import Gateway, Rows, wait_until
from wire import documents, dsse, opamp
from wire.documents import ReportKind, Signer, Stop
from wire.stopping import open_resume, resume_of

Person = Callable[..., UUID]


@pytest.fixture
def site() -> str:
    """A site of its own for each test: a stop must not reach the people of the others."""
    return f"site {uuid4()}"


@pytest.fixture
def mine(person: Person, rows: Rows, gateway: Gateway, site: str) -> Agent:
    """An enrolled device at the site."""
    return rows.agent(gateway.url, person(site=site))


def stop(rows: Rows, *sites: str, departments: list[str] | None = None, countries: list[str] | None = None) -> UUID:
    """A stop as a desk asks for it."""
    made = uuid4()
    at = from_ms(to_ms(datetime.now(UTC)))
    rows.connection.execute(
        "INSERT INTO stop (id, sites, departments, countries, reason, by_role, asked_at) "
        "VALUES (%s, %s, %s, %s, 'A leak.', 'works_council', %s)",
        [made, list(sites) or None, departments, countries, at],
    )
    rows.notify("stop", made)
    return made


def document(rows: Rows, made: UUID) -> Stop:
    """What devices are told of it."""
    (number, at, *axes), *_ = rows.all(
        "SELECT number, asked_at, sites, departments, countries FROM stop WHERE id = %s", made
    )
    return Stop(made, number, to_ms(at), *(None if places is None else tuple(places) for places in axes))


def resume(rows: Rows, made: UUID, keys: list[Ed25519PrivateKey], **other: Any) -> None:
    """Its end with these signatures, as a desk keeps it. `other`: what the document says that is not the stop's."""
    envelope = documents.sign(replace(resume_of(document(rows, made)), **other), keys).decode()
    at = from_ms(to_ms(datetime.now(UTC)))
    rows.connection.execute("UPDATE stop SET resume_envelope = %s, resumed_at = %s WHERE id = %s", [envelope, at, made])
    rows.notify("stop", made)


def answers(rows: Rows, made: UUID) -> list[UUID]:
    return [row[0] for row in rows.all("SELECT device_id FROM stop_answer WHERE stop_id = %s", made)]


def stops_of(agent: Agent) -> list[str]:
    return [name for name in agent.files if name.startswith("stop-")]


def resumes_of(agent: Agent) -> list[str]:
    return [name for name in agent.files if name.startswith("resume-")]


def test_P06_a_stop_and_its_end(mine: Agent, rows: Rows, organisation: Organisation, site: str) -> None:
    asyncio.run(_a_stop_and_its_end(mine, rows, organisation, site))


async def _a_stop_and_its_end(agent: Agent, rows: Rows, organisation: Organisation, site: str) -> None:
    async with agent.connected() as line:
        first = agent.lease
        assert agent.outcome(agent.segment()) == ["stored"]
        made = stop(rows, site)
        await line.until(lambda: bool(stops_of(agent)))
        assert set(agent.files) == set(stops_of(agent)), "first comes what is the same for all"
        keys = organisation.trust().keys_of(Signer.LEASE)
        told, _ = documents.open_signed(Stop, agent.files[stops_of(agent)[0]], keys)
        assert told == document(rows, made)
        await line.report(ReportKind.STOPPED, detail=f"stop={made}")
        assert answers(rows, made) == [agent.device], "acknowledged only when it is kept"
        await line.until(lambda: "lease" in agent.files)
        assert agent.permitted == {}
        assert stops_of(agent)
        inside = agent.segment(lease=first.id, policy=first.policy)
        assert agent.outcome(inside) == ["stopped_for_all"]
        reason = rows.all("SELECT reason FROM upload WHERE device_id = %s AND outcome = 'refused'", agent.device)
        assert reason == [("stopped_for_all",)], "shown to the person"

        resume(rows, made, [organisation.officer, organisation.council])
        await line.until(lambda: bool(resumes_of(agent)))
        ended = open_resume(agent.files[resumes_of(agent)[0]], organisation.trust())
        assert ended == resume_of(told)
        assert not stops_of(agent)
        assert agent.lease.permitted == first.permitted
        await line.report(ReportKind.RESUMED, detail=f"stop={made}")
        assert rows.one("SELECT resumed_at IS NOT NULL FROM stop_answer WHERE stop_id = %s", made)
        assert agent.outcome(agent.segment()) == ["stored"]


def test_P06_back_dated_behind_the_signed_stop(mine: Agent, rows: Rows, site: str) -> None:
    asyncio.run(_back_dated(mine, rows, site))


async def _back_dated(agent: Agent, rows: Rows, site: str) -> None:
    async with agent.connected() as line:
        lease, before = agent.lease, now()
        await asyncio.sleep(0.05)
        made = stop(rows, site)
        await line.until(lambda: bool(stops_of(agent)))
        await line.report(ReportKind.STOPPED, detail=f"stop={made}", last_seq=agent.seq)
        await line.until(lambda: "lease" in agent.files)
        forged = agent.segment(lease=lease.id, policy=lease.policy, key=lease.key, start=before, end=before + 1)
        assert agent.outcome(forged) == ["after_stop"]


def test_P06_only_the_audience_is_stopped(mine: Agent, person: Person, rows: Rows, gateway: Gateway, site: str) -> None:
    elsewhere = rows.agent(gateway.url, person(site=f"not {site}"))
    nowhere = rows.agent(gateway.url, person())
    asyncio.run(_only_the_audience(mine, [elsewhere, nowhere], rows, site))


def test_P06_an_audience_is_whoever_fits_all_of_it(person: Person, rows: Rows, gateway: Gateway, site: str) -> None:
    def works(department: str, country: str) -> Agent:
        return rows.agent(gateway.url, person(site=site, department=department, country=country))

    mine, others = works("Lab", "Atlantis"), [works("Lab", "Utopia"), works("Sales", "Atlantis")]
    asyncio.run(_fits_all(mine, others, rows, site))


async def _fits_all(agent: Agent, others: list[Agent], rows: Rows, site: str) -> None:
    async with AsyncExitStack() as open_lines:
        lines = [await open_lines.enter_async_context(other.connected()) for other in others]
        async with agent.connected() as line:
            first = agent.lease
            made = stop(rows, site, departments=["Lab"], countries=["Atlantis", "Lemuria"])
            await line.until(lambda: bool(stops_of(agent)))
            told = documents.read(Stop, dsse.payload_of(agent.files[stops_of(agent)[0]]))
            assert told == document(rows, made)
            await line.report(ReportKind.STOPPED, detail=f"stop={made}")
            await line.until(lambda: "lease" in agent.files)
            assert (told.departments, told.countries) == (("Lab",), ("Atlantis", "Lemuria"))
            assert agent.outcome(agent.segment(lease=first.id, policy=first.policy)) == ["stopped_for_all"]
            wait_until(lambda: rows.one("SELECT count(*) FROM stop_device WHERE stop_id = %s", made))
        assert rows.all("SELECT device_id FROM stop_device WHERE stop_id = %s", made) == [(agent.device,)]
        await _not_stopped(others, lines, rows)


async def _only_the_audience(agent: Agent, others: list[Agent], rows: Rows, site: str) -> None:
    async with AsyncExitStack() as open_lines:
        lines = [await open_lines.enter_async_context(other.connected()) for other in others]
        async with agent.connected() as line:
            stop(rows, site)
            await line.until(lambda: bool(stops_of(agent)))
        await _not_stopped(others, lines, rows)


async def _not_stopped(agents: list[Agent], lines: list[Line], rows: Rows) -> None:
    """What they are told next holds no stop, and they go on."""
    for agent, line in zip(agents, lines, strict=True):
        rows.pause(agent.employee, kinds=["prompt"])
        await line.until(lambda: agent.directive.number == 1)  # noqa: B023 - awaited here
        assert not stops_of(agent)
        assert agent.permitted
        assert agent.outcome(agent.segment()) == ["stored"]


def test_P03_an_end_without_both_signatures_is_none(
    mine: Agent, rows: Rows, organisation: Organisation, site: str
) -> None:
    asyncio.run(_end_without_both(mine, rows, organisation, site))


async def _end_without_both(agent: Agent, rows: Rows, organisation: Organisation, site: str) -> None:
    async with agent.connected() as line:
        made = stop(rows, site)
        await line.until(lambda: bool(stops_of(agent)))
        for keys in ([organisation.officer], [organisation.council], [organisation.lease, organisation.council]):
            resume(rows, made, keys)
            await _stays(agent, line, rows)


def test_P03_an_end_that_its_signers_read_as_another_stops_is_none(
    mine: Agent, rows: Rows, organisation: Organisation, site: str
) -> None:
    asyncio.run(_end_of_another(mine, rows, organisation, site))


async def _end_of_another(agent: Agent, rows: Rows, organisation: Organisation, site: str) -> None:
    both = [organisation.officer, organisation.council]
    async with agent.connected() as line:
        made = stop(rows, site)
        await line.until(lambda: bool(stops_of(agent)))
        for other in ({"number": 0}, {"stopped": 7}, {"sites": ("Lab",)}, {"departments": ("Lab",)}):
            resume(rows, made, both, **other)
            await _stays(agent, line, rows)
        resume(rows, made, both)
        await line.until(lambda: bool(resumes_of(agent)))


async def _stays(agent: Agent, line: Line, rows: Rows) -> None:
    """What the device is told next still holds the stop, and no end."""
    pause = rows.pause(agent.employee)
    number = rows.one("SELECT directive_number FROM employee WHERE id = %s", agent.employee)
    await line.until(lambda: "directive" in agent.files and agent.directive.number == number)
    assert stops_of(agent)
    assert not resumes_of(agent)
    rows.resume(agent.employee, pause)


def test_P03_a_device_that_was_away_gets_stop_and_end(
    mine: Agent, rows: Rows, organisation: Organisation, site: str
) -> None:
    asyncio.run(_was_away(mine, rows, organisation, site))


async def _was_away(agent: Agent, rows: Rows, organisation: Organisation, site: str) -> None:
    made = stop(rows, site)
    async with agent.connected() as line:
        assert stops_of(agent)
        assert agent.permitted == {}
        await line.report(ReportKind.STOPPED, detail=f"stop={made}")
    resume(rows, made, [organisation.officer, organisation.council])
    # Long ago: only who has said that it stopped is still told.
    rows.do("UPDATE stop SET resumed_at = asked_at WHERE id = %s", made)
    rows.notify("stop", made)
    wait_until(lambda: rows.one("SELECT count(*) FROM stop_answer WHERE stop_id = %s AND resumed_at IS NULL", made))
    async with agent.connected() as line:
        await line.until(lambda: bool(resumes_of(agent)))
        assert agent.permitted
        await line.report(ReportKind.RESUMED, detail=f"stop={made}")


def test_P06_two_stops_at_once_and_one_while_paused(
    mine: Agent, rows: Rows, organisation: Organisation, site: str
) -> None:
    asyncio.run(_two_stops(mine, rows, organisation, site))


async def _two_stops(agent: Agent, rows: Rows, organisation: Organisation, site: str) -> None:
    async with agent.connected() as line:
        pause = rows.pause(agent.employee)
        await line.until(lambda: "directive" in agent.files and agent.directive.number == 1)
        one, two = stop(rows, site), stop(rows, site)
        await line.until(lambda: "lease" in agent.files and len(stops_of(agent)) == 2)
        assert agent.permitted == {}
        resume(rows, one, [organisation.officer, organisation.council])
        await line.until(lambda: "lease" in agent.files and len(stops_of(agent)) == 1)
        assert agent.permitted == {}, "the other stop holds"
        resume(rows, two, [organisation.officer, organisation.council])
        await line.until(lambda: "lease" in agent.files and not stops_of(agent))
        assert agent.permitted == {}, "and so does the person's own pause"
        rows.resume(agent.employee, pause)
        await line.until(lambda: bool(agent.permitted))


def test_P06_a_poll_that_waits_is_answered_with_the_stop(mine: Agent, rows: Rows, site: str) -> None:
    asyncio.run(_poll(mine, rows, site))


async def _poll(agent: Agent, rows: Rows, site: str) -> None:
    agent.poll()
    assert agent.permitted
    message = opamp.AgentToServer(instance_uid=agent.uid, sequence_num=2)
    body = message.SerializeToString()
    headers = agent.signed("POST", "/v1/opamp", body) | {"Content-Type": opamp.CONTENT_TYPE, "Prefer": "wait=20"}
    async with aiohttp.ClientSession() as session:
        asked = asyncio.create_task(session.post(f"{agent.url}/v1/opamp", data=body, headers=headers))
        made = stop(rows, site)
        async with asyncio.timeout(SECONDS):
            agent.learn(opamp.server_message(await (await asked).read(), framed=False))
    assert stops_of(agent) == [f"stop-{document(rows, made).number}"]
    assert agent.permitted == {}


def test_R05_a_gateway_that_was_killed_still_knows(
    rows: Rows, person: Person, site: str, environment: dict[str, str]
) -> None:
    with Gateway(environment) as own:
        _killed(rows, rows.agent(own.url, person(site=site)), site, own)


def _killed(rows: Rows, agent: Agent, site: str, own: Gateway) -> None:
    own.kill()
    made = stop(rows, site)
    own.start()

    async def connect() -> None:
        async with agent.connected() as line:
            assert stops_of(agent)
            assert agent.permitted == {}
            await line.report(ReportKind.STOPPED, detail=f"stop={made}")

    asyncio.run(connect())
    assert answers(rows, made) == [agent.device]
    wait_until(lambda: rows.one("SELECT envelope IS NOT NULL FROM stop WHERE id = %s", made))
    own.kill()
    assert answers(rows, made) == [agent.device]


def test_who_could_capture_is_noted(mine: Agent, rows: Rows, site: str) -> None:
    asyncio.run(_noted(mine, rows, site))


async def _noted(agent: Agent, rows: Rows, site: str) -> None:
    async with agent.connected() as line:
        until = rows.one("SELECT max(valid_until) FROM lease_span WHERE employee_id = %s", agent.employee)
        made = stop(rows, site)
        await line.until(lambda: bool(stops_of(agent)))
        wait_until(lambda: rows.one("SELECT count(*) FROM stop_device WHERE stop_id = %s", made))
    assert rows.all("SELECT device_id, lease_until FROM stop_device WHERE stop_id = %s", made) == [
        (agent.device, until)
    ]
    assert rows.one("SELECT envelope FROM stop WHERE id = %s", made)


def test_an_answer_that_names_no_stop_is_kept_as_a_report(mine: Agent, rows: Rows) -> None:
    asyncio.run(_no_stop(mine, rows))


async def _no_stop(agent: Agent, rows: Rows) -> None:
    async with agent.connected() as line:
        for detail in ("stop=", "stop=x", "stop=" + "-" * 36, f"stop={uuid4()} "):
            await line.report(ReportKind.STOPPED, detail=detail)
    assert rows.one("SELECT count(*) FROM device_report WHERE device_id = %s", agent.device) == 4
    assert rows.one("SELECT count(*) FROM stop_answer WHERE device_id = %s", agent.device) == 0


def test_the_shared_message_is_the_same_for_all_but_for_the_uid() -> None:
    message = opamp.ServerToAgent()
    message.remote_config.CopyFrom(opamp.remote_config({"stop-1": b"{}"}))
    shared = opamp.tail(message)
    for uid in (bytes(16), bytes(range(16))):
        read = opamp.server_message(opamp.addressed(uid, shared), framed=True)
        assert read.instance_uid == uid
        assert opamp.config_files(read.remote_config) == {"stop-1": b"{}"}
        assert read.remote_config.config_hash == opamp.config_hash({"stop-1": b"{}"})


def test_the_end_is_told_long_after_only_to_those_who_stopped() -> None:
    halt = stops.Halt(Stop(uuid4(), 7, 0, ("berlin",)), b"stop", kept=True)
    orders = stops.Orders(ended=(stops.Ended(halt, b"resume", 1_000),))
    assert orders.files(Workplace("berlin", "lab", "de"), (), 2_000) == {"resume-7": b"resume"}
    assert orders.files(Workplace("köln", "lab", "de"), (), 2_000) == {}
    late = 1_000 + stops.FRESH_MS
    assert orders.files(Workplace("berlin", "lab", "de"), (), late) == {}
    assert orders.files(Workplace("köln", "lab", "de"), {halt.stop.id}, late) == {"resume-7": b"resume"}
