"""HTTP over a Unix socket or to an address: what stands behind `unix:/path` in a setting."""

import http.client
import socket
from typing import Final
from urllib.parse import urlsplit

UNIX: Final = "unix:"


def connection(address: str, timeout_s: float) -> http.client.HTTPConnection:
    """A connection, not opened yet, to `unix:/path` or `http://host:port`; `timeout_s`: of each step."""
    if address.startswith(UNIX):
        return _UnixConnection(address.removeprefix(UNIX), timeout_s)
    parts = urlsplit(address)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("vault", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
