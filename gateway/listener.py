"""Hears what changes in the database. A notification carries a row's id; what it means is read under own grants."""

import asyncio
from uuid import UUID

import psycopg
import structlog

from gateway import metrics
from gateway.batches import Batcher, OverloadedError
from gateway.database import Connection, DatabaseDownError, Link, connect
from gateway.hub import Hub

log = structlog.get_logger(__name__)

QUIET_SECONDS = 15
RECONNECT_SECONDS = 0.5
PER_BATCH = 200

_OWNERS = """
SELECT id, employee_id FROM pause WHERE id = ANY(%s) UNION ALL SELECT id, employee_id FROM device WHERE id = ANY(%s)
"""


class Listener:
    """LISTEN on a connection of its own; after each new connection everything held in memory is read anew."""

    def __init__(self, conninfo: str, link: Link, hub: Hub) -> None:
        self._conninfo, self._link, self._hub = conninfo, link, hub
        self._owners: Batcher[UUID, UUID | None] = Batcher("owner", self._find_owners, limit=PER_BATCH)
        self._handling: set[asyncio.Task[None]] = set()
        self._listening = False
        self._task = asyncio.create_task(self._run(), name="listener")

    @property
    def listening(self) -> bool:
        """Whether notifications arrive."""
        return self._listening

    async def close(self) -> None:
        """Stop listening."""
        self._task.cancel()
        for task in self._handling:
            task.cancel()
        await asyncio.gather(self._task, *self._handling, return_exceptions=True)
        await self._owners.close()

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (psycopg.Error, DatabaseDownError, OverloadedError) as error:
                log.warning("listener_lost", error=type(error).__name__)
            self._listening = False
            metrics.listening.set(0)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        connection = await connect(self._conninfo, "listener")
        async with connection:
            for channel in ("pause", "device", "policy"):
                await connection.execute(f"LISTEN {channel}".encode())
            await self._hub.reload_organisation()
            self._hub.refresh_soon(self._hub)
            self._listening = True
            metrics.listening.set(1)
            log.info("listening")
            while True:
                await self._hear(connection)

    async def _hear(self, connection: Connection) -> None:
        """Handle what comes until it is quiet for a while, then see whether the connection still lives."""
        async for heard in connection.notifies(timeout=QUIET_SECONDS):
            task = asyncio.create_task(self._handle(heard.channel, heard.payload))
            self._handling.add(task)
            task.add_done_callback(self._handling.discard)
        await connection.execute("SELECT 1")

    async def _handle(self, channel: str, payload: str) -> None:
        """Take one notification in, again and again until the database answers."""
        while True:
            try:
                await (self._on_policy() if channel == "policy" else self._on_row(payload))
            except (DatabaseDownError, OverloadedError):
                await asyncio.sleep(RECONNECT_SECONDS)
            else:
                return

    async def _on_row(self, payload: str) -> None:
        """A pause or a device changed: its person is read anew, if they have a device here."""
        try:
            row = UUID(payload)
        except ValueError:
            return
        owner = await self._owners.submit(row)
        if owner is not None:
            self._hub.refresh_soon([owner], first=True)

    async def _on_policy(self) -> None:
        await self._hub.reload_organisation()
        self._hub.refresh_soon(self._hub)

    async def _find_owners(self, ids: list[UUID]) -> list[UUID | None]:
        async def read(connection: Connection) -> dict[UUID, UUID]:
            cursor = await connection.execute(_OWNERS, [ids, ids])
            return dict(await cursor.fetchall())

        found = await self._link.read(read)
        return [found.get(row) for row in ids]
