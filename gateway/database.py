"""Connections of the login `gateway`: each link is one connection that comes back by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

T = TypeVar("T")
Connection = AsyncConnection[tuple[Any, ...]]

OPTIONS = "-c statement_timeout=20000 -c idle_in_transaction_session_timeout=20000 -c lock_timeout=10000"
CONNECT_SECONDS = 5
TOO_MUCH = "54"
"""SQLSTATE class "program limit exceeded": one value is too large, and the database is well."""


def uuids(values: Iterable[UUID]) -> str:
    """Ids as one text for a parameter `%s::uuid[]`: a tenth of what a list costs."""
    return "{" + ",".join(map(str, values)) + "}"


class DatabaseDownError(Exception):
    """The database cannot be reached or gave up. What was in flight may or may not be committed: send it again."""


async def connect(conninfo: str, name: str) -> Connection:
    """A new connection in autocommit mode. Raises psycopg.OperationalError."""
    return await AsyncConnection.connect(
        conninfo,
        autocommit=True,
        connect_timeout=CONNECT_SECONDS,
        application_name=f"daylight gateway {name}",
        options=OPTIONS,
        keepalives_idle=15,
        keepalives_interval=5,
        keepalives_count=3,
    )


class Link:
    """One connection, one transaction at a time; opened when first used, and again after a failure."""

    def __init__(self, conninfo: str, name: str) -> None:
        self._conninfo, self._name = conninfo, name
        self._connection: Connection | None = None
        self._lock = asyncio.Lock()

    async def run(self, work: Callable[[Connection], Awaitable[T]], *, again: bool = True) -> T:
        """The result of `work` in one committed transaction. Raises DatabaseDownError.

        A connection that died while idle is replaced and the work done once more, unless `again` is False because
        it must not happen twice.
        """

        async def in_transaction(connection: Connection) -> T:
            async with connection.transaction():
                return await work(connection)

        return await self._do(in_transaction, again=again)

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """The same for what only reads: without a transaction around it."""
        return await self._do(work, again=True)

    async def statement(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """The same for one statement that may be done twice: it is its own transaction, committed when it returns.

        One round trip instead of three.
        """
        return await self._do(work, again=True)

    async def close(self) -> None:
        """Close the connection, if there is one."""
        async with self._lock:
            await self._drop()

    async def _do(self, work: Callable[[Connection], Awaitable[T]], *, again: bool) -> T:
        async with self._lock:
            reused = self._connection is not None
            try:
                return await self._attempt(work)
            except DatabaseDownError:
                if not (reused and again):
                    raise
                return await self._attempt(work)

    async def _attempt(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = await connect(self._conninfo, self._name)
            return await work(self._connection)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if (error.sqlstate or "").startswith(TOO_MUCH):
                raise
            await self._drop()
            raise DatabaseDownError(type(error).__name__) from error

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
