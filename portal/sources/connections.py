"""Open stores by the addresses in this process's settings; each address at most once, all closed at the end."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Final, Self

from portal.core.config import ConfigError, Settings
from portal.sources.connectors.base import Connector, Reason, RefusedError
from portal.sources.connectors.hive.connector import open_hive
from portal.sources.connectors.parquet.connector import open_parquet
from portal.sources.connectors.sql.connector import open_sql
from portal.sources.models import Source
from portal.sources.rules import readback_name, setting_name

CONNECTORS: Final[Mapping[str, Callable[[str], Connector]]] = {
    "hive": open_hive,
    "parquet": open_parquet,
    "sql": open_sql,
}
"""Connector → how to open it with an address. Opening does not yet talk to the store."""


class Connections:
    """The stores that one command or one worker talks to; a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: dict[str, Connector] = {}

    def open(self, source: Source) -> Connector:
        """The source's store. Raises ConfigError when this process was not given its address, or it is malformed."""
        return self._opened(source, setting_name(source.name))

    def open_readback(self, source: Source) -> Connector:
        """The same store with other credentials. Raises RefusedError without them: an erasure could not be proved."""
        if readback_name(source.name) not in self._settings.sources:
            raise RefusedError(Reason.NO_READ_BACK, readback_name(source.name))
        return self._opened(source, readback_name(source.name))

    def reader(self, source: Source) -> str:
        """The name under which the store knows the credentials that read back; "" without any."""
        known = readback_name(source.name) in self._settings.sources
        return self.open_readback(source).login if known else ""

    def read_back_apart(self, source: Source) -> bool:
        """Whether reading back uses an address other than the one that erases."""
        known = self._settings.sources
        return known.get(readback_name(source.name), "") not in {"", known.get(setting_name(source.name))}

    def _opened(self, source: Source, variable: str) -> Connector:
        if variable not in self._open:
            address = self._settings.sources.get(variable)
            if address is None:
                raise ConfigError(f"{variable} is missing, and this process needs it.")
            try:
                self._open[variable] = CONNECTORS[source.connector](address)
            except ValueError as error:
                raise ConfigError(f"{variable} is wrong: {error}") from error
        return self._open[variable]

    def close(self) -> None:
        """Close every store."""
        while self._open:
            self._open.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()
