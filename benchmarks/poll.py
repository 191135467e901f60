"""The unmodified OpenTelemetry client: how soon it has a new policy, on a held poll and on its poll every second."""

import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

from opentelemetry._opamp.agent import OpAMPAgent
from opentelemetry._opamp.callbacks import MessageData, OpAMPCallbacks
from opentelemetry._opamp.client import OpAMPClient

from benchmarks.installation import Installation, Superuser, crowd, installation
from benchmarks.measure import Figure, median, milliseconds, percentile
from tests.gateway.process import Gateway
from wire import opamp

SAMPLES, QUICK_SAMPLES = 40, 8
APART_SECONDS = 1.37  # not a multiple of the second in which the client asks
SECONDS = 30
TARGET = 0.050
_DEVICE = "INSERT INTO device (id, employee_id, kind, name, bearer_hash) VALUES (%s, %s, 'opamp', 'Stock', %s)"


class Waiter(OpAMPCallbacks):  # type: ignore[misc]
    """Applies what comes, says so, and remembers when a configuration arrived."""

    def __init__(self) -> None:
        self.came = threading.Event()
        self.at = 0.0

    def on_message(self, agent: OpAMPAgent, client: OpAMPClient, message: MessageData) -> None:
        """Called by the client's own thread."""
        if message.remote_config is None:
            return
        self.at = time.monotonic()
        applied = opamp.RemoteConfigStatuses.RemoteConfigStatuses_APPLIED
        status = client.update_remote_config_status(message.remote_config.config_hash, applied)
        if status is not None:
            agent.send(client.build_remote_config_status_response_message(status))
        self.came.set()


def run(*, quick: bool) -> Iterator[Figure]:
    """From before the COMMIT of a policy to the client's callback."""
    samples = QUICK_SAMPLES if quick else SAMPLES
    with installation() as installed, installed.superuser() as connection, Gateway(installed.variables) as gateway:
        person = crowd(installed, 1)[0].employee
        held = _times(installed, connection, gateway, person, samples, held=True)
        every_second = _times(installed, connection, gateway, person, samples, held=False)
    late = percentile(held, 95)
    yield Figure(
        f"stock OpAMP client, held poll, {samples} policies",
        f"p50 {milliseconds(median(held))}, p95 {milliseconds(late)}",
        f"its poll every second p50 {milliseconds(median(every_second))}",
        f"{median(held) / median(every_second):.3f}x",
        "p95 ≤ 50 ms",
        late <= TARGET,
    )


def _times(
    installed: Installation, connection: Superuser, gateway: Gateway, person: UUID, samples: int, *, held: bool
) -> list[float]:
    token = secrets.token_urlsafe(32)
    connection.execute(_DEVICE, [uuid4(), person, hashlib.sha256(token.encode()).digest()])
    connection.commit()
    waiter = Waiter()
    client = OpAMPClient(
        endpoint=f"{gateway.url}/v1/opamp",
        headers={"Authorization": f"Bearer {token}"} | ({"Prefer": "wait=20"} if held else {}),
        timeout_millis=30_000 if held else 1000,
        agent_identifying_attributes={"service.name": "stock"},
    )
    agent = OpAMPAgent(client=client, callbacks=waiter, interval=0.1 if held else 1.0)
    agent.start()
    try:
        waiter.came.wait(SECONDS)
        return [_one(installed, connection, waiter) for _ in range(samples)]
    finally:
        _publish(installed, connection)  # ends the held request
        agent.stop(timeout=SECONDS)


def _one(installed: Installation, connection: Superuser, waiter: Waiter) -> float:
    time.sleep(APART_SECONDS)
    waiter.came.clear()
    begins = _publish(installed, connection)
    if not waiter.came.wait(SECONDS):
        raise TimeoutError("the client got no policy")
    return waiter.at - begins


def _publish(installed: Installation, connection: Superuser) -> float:
    installed.next_policy(connection)
    begins = time.monotonic()
    connection.commit()
    return begins
