"""Hears what changes in the database. A notification carries a row's id; what it means is read under own grants."""

import asyncio
from uuid import UUID

import psycopg
import structlog
from psycopg import sql

from gateway import metrics
from gateway.database import Connection, DatabaseDownError, Link, connect, uuids
from gateway.hub import Hub
from gateway.lanes import Lane

log = structlog.get_logger(__name__)

QUIET_SECONDS = 15
RECONNECT_SECONDS = 0.5
PER_BATCH = 500
CHANNELS = ("pause", "device", "policy", "stop")
MOST = 100_000
"""Ids that may wait; when more come, everybody is read anew instead."""

_NAMES = "SELECT wake_channel(what), what FROM unnest(%s::text[]) AS what"
"""Every login may listen to a channel whose name it knows: so these are secret."""

_OWNERS = """
SELECT employee_id FROM pause WHERE id = ANY(%s::uuid[]) UNION SELECT employee_id FROM device WHERE id = ANY(%s::uuid[])
"""


class Listener:
    """LISTEN on a connection of its own; after each new connection everything held in memory is read anew."""

    def __init__(self, conninfo: str, link: Link, hub: Hub) -> None:
        self._conninfo, self._link, self._hub = conninfo, link, hub
        self._rows: dict[UUID, None] = {}
        self._policy = self._stop = False
        self._news = asyncio.Event()
        self._listening = False
        self._tasks = [
            asyncio.create_task(self._run(), name="listener"),
            asyncio.create_task(self._work(), name="notified"),
        ]

    @property
    def listening(self) -> bool:
        """Whether notifications arrive."""
        return self._listening

    async def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (psycopg.Error, DatabaseDownError) as error:
                log.warning("listener_lost", error=type(error).__name__)
            self._listening = False
            metrics.listening.set(0)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        connection = await connect(self._conninfo, "listener")
        async with connection:
            names = await _names(connection)
            for name in names:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(name)))
            await self._hub.reload_organisation()
            self._stop = True
            self._news.set()
            self._hub.refresh_soon(self._hub)
            self._listening = True
            metrics.listening.set(1)
            log.info("listening")
            while names == await self._hear(connection, names):
                pass

    async def _hear(self, connection: Connection, names: dict[str, str]) -> dict[str, str]:
        """Note what comes until it is quiet for a while. What the channels are called then, if the connection lives."""
        async for heard in connection.notifies(timeout=QUIET_SECONDS):
            self._note(names[heard.channel], heard.payload)
        return await _names(connection)

    def _note(self, channel: str, payload: str) -> None:
        if channel == "stop":
            self._stop = True
        elif channel == "policy" or len(self._rows) >= MOST:
            self._policy = True
        else:
            try:
                self._rows[UUID(payload)] = None
            except ValueError:
                return
        self._news.set()

    async def _work(self) -> None:
        """Take in what was noted, again and again until the database answers."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._take_in()
            except DatabaseDownError:
                self._news.set()
                await asyncio.sleep(RECONNECT_SECONDS)
            except Exception:
                log.exception("notifications_failed")
                self._news.set()
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _take_in(self) -> None:
        """A pause or a device changed: its person is read anew. A policy changed: everybody is. A stop goes first."""
        if self._stop:
            await self._take_in_stops()
        while self._rows:
            rows = list(self._rows)[:PER_BATCH]
            owners = await self._link.read(lambda connection: _owners(connection, rows))  # noqa: B023 - awaited here
            for row in rows:
                del self._rows[row]
            self._hub.refresh_soon(owners, Lane.ASKED)
        if self._policy:
            self._policy = False
            try:
                await self._hub.reload_organisation()
            except DatabaseDownError:
                self._policy = True
                raise
            self._hub.refresh_soon(self._hub)

    async def _take_in_stops(self) -> None:
        self._stop = False
        try:
            await self._hub.reload_stops()
            await self._hub.note_stops()
        except DatabaseDownError:
            self._stop = True
            raise


async def _names(connection: Connection) -> dict[str, str]:
    """The secret name of each channel → what it tells of. They change with the key that they are made from."""
    return dict(await (await connection.execute(_NAMES, [list(CHANNELS)])).fetchall())


async def _owners(connection: Connection, rows: list[UUID]) -> list[UUID]:
    cursor = await connection.execute(_OWNERS, [uuids(rows), uuids(rows)])
    return [owner for (owner,) in await cursor.fetchall()]
