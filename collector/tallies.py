"""Sends the signed tally of each finished day, the same bytes again until the gateway has it."""

import asyncio
import logging

from collector.transport import PROBLEMS, Backoff, Gateway
from wire import tally

log = logging.getLogger("collector")
PATH = "/v1/tallies"
EVERY_S = 60.0
SOON_S = 1.0
"""How long to wait while no lease has told the server's time."""

OK = 200
NEVER = frozenset({400, 409, 413})
"""The gateway has another tally of this day, or will take this one never: sending it again does not help."""


async def keep_telling(gateway: Gateway) -> None:
    """Sends tallies until the device is removed."""
    agent, backoff = gateway.agent, Backoff()
    while not agent.removed.is_set():
        now = agent.permission.server_now()
        due = now and agent.ledger.due(now, agent.spool, agent.identity.device, agent.identity.key)
        if not due:
            await asyncio.sleep(SOON_S if now is None else EVERY_S)
            continue
        try:
            status, _, _ = await gateway.post(PATH, due, tally.CONTENT_TYPE)
        except PROBLEMS:
            status = 0
        if status == OK or status in NEVER:
            agent.ledger.taken()
            backoff.reset()
            log.info("collector.tally status=%d", status)
        else:
            await asyncio.sleep(backoff.next())
