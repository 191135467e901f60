"""R05 and D05: the database stops and comes back, notifications are lost, settings are unsafe."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import aiohttp
import psycopg
import pytest
import requests

from portal.core import clock
from portal.core.config import Settings
from portal.core.logins import LOGINS
from portal.operations.bootstrap import bootstrap
from portal.operations.postgres import DATABASE, Postgres
from portal.operations.publish import as_owner
from portal.operations.runtime import Runtime, random_secret
from portal.operations.schema import migrate
from portal.policies.actions import publish, publish_trust
from tests.cast import Organisation, make_person
from tests.gateway.agent import Agent, Line
from tests.gateway.process import Gateway, Rows, wait_until
from wire import opamp, segment
from wire.documents import ReportKind

SECONDS = 30


@pytest.fixture(scope="module")
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A cluster that the test may stop."""
    server = Postgres(Runtime(tmp_path_factory.mktemp("own-pg")))
    server.prepare()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def own_environment(environment: dict[str, str], own_postgres: Postgres, organisation: Organisation) -> dict[str, str]:
    """The same installation on that cluster."""
    passwords = {login: random_secret() for login in LOGINS}
    named = {f"PORTAL_DB_PASSWORD_{login.upper()}": password for login, password in passwords.items()}
    variables = environment | named | {"PORTAL_DATABASE_URL": own_postgres.url()}
    settings = Settings.from_env(variables)
    bootstrap(own_postgres.superuser_conninfo(), passwords)
    migrate(settings)
    with as_owner(settings) as session:
        publish_trust(session, organisation.trust_envelope())
        publish(session, organisation.policy_envelope(), clock.to_ms(clock.now()))
    return variables


async def _told_to_come_back(agent: Agent, line: Line) -> None:
    """A report that cannot be kept is answered with UNAVAILABLE and when to come back; then the line is closed."""
    message = opamp.AgentToServer(instance_uid=agent.uid, sequence_num=2)
    message.custom_message.CopyFrom(opamp.report(agent.report(ReportKind.RECEIVED)))
    await line.send(message)
    while not (answer := await line.receive()).HasField("error_response"):
        pass
    assert answer.error_response.type == opamp.ServerErrorResponseType.ServerErrorResponseType_Unavailable
    assert answer.error_response.retry_info.retry_after_nanoseconds == 30 * 10**9
    closing = await line.socket.receive(SECONDS)
    assert (closing.type, closing.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.TRY_AGAIN_LATER)


@pytest.mark.slow
def test_R05_without_the_database_nothing_is_taken_and_nothing_is_lost(
    own_environment: dict[str, str], own_postgres: Postgres, organisation: Organisation
) -> None:
    with Gateway(own_environment) as gateway:
        with psycopg.connect(own_postgres.superuser_conninfo(DATABASE)) as connection:
            agent = Rows(connection, organisation).agent(gateway.url, make_person(connection))
        asyncio.run(_through_an_outage(agent, gateway, own_postgres, organisation))


async def _through_an_outage(agent: Agent, gateway: Gateway, postgres: Postgres, organisation: Organisation) -> None:
    async with agent.connected() as line, agent.connected() as other:
        part = agent.segment()
        await asyncio.to_thread(postgres.stop)
        await _told_to_come_back(agent, other)
        answer = await asyncio.to_thread(agent.post, "/v1/segments", segment.pack([part]), segment.CONTENT_TYPE)
        assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert await asyncio.to_thread(_status, f"{gateway.url}/healthz") == 503
        assert await asyncio.to_thread(_status, f"{gateway.url}/v1/trust") == 200
        await asyncio.to_thread(postgres.start)
        await asyncio.to_thread(wait_until, gateway.healthy)
        with psycopg.connect(postgres.superuser_conninfo(DATABASE)) as connection:
            rows = Rows(connection, organisation)
            assert await asyncio.to_thread(agent.outcome, part) == ["stored"]
            rows.pause(agent.employee)
            await line.until(lambda: bool(agent.directive.pauses))
            assert agent.permitted == {}


def _status(url: str) -> int:
    return requests.get(url, timeout=SECONDS).status_code


def test_R05_what_was_missed_while_not_listening_is_read_anew(agent: Agent, rows: Rows) -> None:
    asyncio.run(_miss_a_notification(agent, rows))


async def _miss_a_notification(agent: Agent, rows: Rows) -> None:
    async with agent.connected() as line:
        rows.connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'daylight gateway listener'"
        )
        rows.connection.execute(
            "INSERT INTO pause (id, employee_id, source, number, starts_at) "
            "VALUES (gen_random_uuid(), %s, 'page', 1, now())",
            [agent.employee],
        )
        rows.do("UPDATE employee SET directive_number = 1 WHERE id = %s", agent.employee)
        await line.until(lambda: bool(agent.directive.pauses))
        assert agent.permitted == {}


def test_R05_a_removed_device_is_cut_off_at_once(agent: Agent, rows: Rows) -> None:
    asyncio.run(_remove(agent, rows))


async def _remove(agent: Agent, rows: Rows) -> None:
    async with agent.connected() as line:
        rows.remove(agent.device)
        async with asyncio.timeout(SECONDS):
            async for _ in line.socket:
                pass
        assert line.socket.close_code == 1008


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"PORTAL_LEASE_KEY": ""}, "PORTAL_LEASE_KEY is missing"),
        ({"PORTAL_LEASE_KEY": "no key"}, "PORTAL_LEASE_KEY is not a PEM key"),
        ({"PORTAL_DB_PASSWORD_GATEWAY": "wrong"}, "refuses its password"),
        ({"PORTAL_DATABASE_URL": "&options=-c%20synchronous_commit%3Doff"}, "synchronous_commit and fsync must be on"),
    ],
)
def test_D05_the_gateway_does_not_start_on_unsafe_ground(
    environment: dict[str, str], changes: dict[str, str], sentence: str
) -> None:
    gateway = Gateway(environment)
    own = gateway.environment | changes
    if changes.get("PORTAL_DATABASE_URL"):
        own["PORTAL_DATABASE_URL"] = environment["PORTAL_DATABASE_URL"] + changes["PORTAL_DATABASE_URL"]
    ended = subprocess.run(
        [sys.executable, "-m", "gateway"], env=own, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr


def test_D05_a_login_that_owns_tables_is_refused(
    environment: dict[str, str], superuser: psycopg.Connection[tuple[object, ...]]
) -> None:
    own = Gateway(environment).environment
    superuser.execute("GRANT owner TO gateway WITH SET TRUE")
    superuser.commit()
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "gateway"], env=own, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    finally:
        superuser.execute("REVOKE owner FROM gateway")
        superuser.commit()
    assert ended.returncode == 1
    assert "may become their owner" in ended.stderr
