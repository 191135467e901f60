"""What a person writes to keep something from being captured, brought into what a collector compares.

The page "Never capture here" and the collector's command line understand a line the same.
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from wire.policy import Context

_NAME = re.compile(r"(\*\.)?\w[\w.+-]*")
_PORT = re.compile(r":\d+$")


def entries(context: Context) -> tuple[str, ...]:
    """What stands for a context on a list: its programs and its sites."""
    return (*context.apps, *context.sites)


def meant(line: str, known: Sequence[Context]) -> list[str]:
    """The programs and hosts that a line stands for; empty when no device could match it.

    `known`: the policy's contexts, whose names stand for their own.
    """
    named = [entry for context in known if context.name.casefold() == line.casefold() for entry in entries(context)]
    if named:
        return named
    if _listed(line, known):
        return [line]
    host = _host(line)
    if host is None:
        return []
    return [host] if host.isascii() or "." not in host else [host, *_ascii(host)]


def matches(line: str, contexts: Iterable[Context]) -> bool:
    """Whether a stored line can match anything: lists kept before lines were checked may hold others."""
    return bool(_NAME.fullmatch(line)) or _is_ipv6(line) or _listed(line, contexts)


def _listed(line: str, known: Iterable[Context]) -> bool:
    """Whether the policy has it as a program or site, also one with spaces: what no policy lists is not seen at all."""
    return any(line.casefold() == entry.casefold() for context in known for entry in entries(context))


def _host(line: str) -> str | None:
    """The program or host that a line names: of an address its host alone; None when it is neither."""
    if "://" in line:
        return _hostname(line)
    if _is_ipv6(line):
        return line
    first = re.split(r"[/?#]", line, maxsplit=1)[0]
    name = _PORT.sub("", first).rstrip(".")
    if first != line and "." not in name and name != "localhost":
        return None
    return name if _NAME.fullmatch(name) else None


def _hostname(address: str) -> str | None:
    try:
        found = urlsplit(address).hostname or ""
    except ValueError:
        return None
    return found.rstrip(".") if _NAME.fullmatch(found) or _is_ipv6(found) else None


def _is_ipv6(line: str) -> bool:
    try:
        return IPv6Address(line) is not None
    except ValueError:
        return False


def _ascii(host: str) -> list[str]:
    """The same host as browsers may report it."""
    try:
        return [host.encode("idna").decode()]
    except UnicodeError:
        return []
