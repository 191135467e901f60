"""Who may read a process's counters without a token: this machine, with no proxy in between."""

from ipaddress import ip_address
from typing import Final, Protocol

PROXY_HEADERS: Final = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


class Names(Protocol):
    """The headers of a request, asked by name in any case."""

    def __contains__(self, name: str, /) -> bool: ...


def asked_from_here(remote: str | None, headers: Names) -> bool:
    """Whether a request from the address `remote` is this machine's own."""
    if not remote or any(name in headers for name in PROXY_HEADERS):
        return False
    return ip_address(remote).is_loopback
