"""A device is told where its person works, to show it; after a move anew, without a word of the person's."""

import asyncio

from tests.gateway.agent import Agent
from tests.gateway.process import Rows


def test_a_move_reaches_the_connected_device(agent: Agent, rows: Rows) -> None:
    async def follow() -> None:
        async with agent.connected() as line:
            await line.until(lambda: "lease" in agent.files)
            for site in ("Bonn", "Zürich"):
                rows.do("UPDATE employee SET site = %s WHERE id = %s", site, agent.employee)
                await line.until(lambda: agent.files.get("site") == site.encode())  # noqa: B023 - awaited here
            rows.do("UPDATE employee SET site = NULL WHERE id = %s", agent.employee)
            await line.until(lambda: "site" not in agent.files)

    asyncio.run(follow())
