"""What a person writes under "Never capture here", brought into what a collector compares: programs and host names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from flask_babel import gettext

from wire.policy import Context

LONGEST = 80
MOST = 100
_NAME = re.compile(r"(\*\.)?\w[\w.+-]*")
_PORT = re.compile(r":\d+$")


class ExclusionError(ValueError):
    """What was written cannot be kept; the message is for the person who wrote it."""


@dataclass(frozen=True)
class Kept:
    """A list as it is kept: `whole`: contexts with all their programs and sites in it; `lines`: what else it holds."""

    whole: tuple[Context, ...]
    lines: tuple[str, ...]


def understood(text: str, ticked: Iterable[Context], known: Sequence[Context]) -> list[str]:
    """The programs and hosts of the ticked contexts and of each line of `text`; a context's name stands for its own.

    Raises ExclusionError, which names the line that no device could match.
    """
    found = [entry for context in ticked for entry in entries(context)]
    written = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    for number, line in written:
        meant = _meant(line, known)
        if not meant:
            raise ExclusionError(_cannot(number, line))
        found += meant
    kept = list(dict.fromkeys(found))
    if len(written) > MOST or len(kept) > MOST or any(len(entry) > LONGEST for entry in kept):
        raise ExclusionError(gettext("At most 100 lines of at most 80 letters."))
    return kept


def entries(context: Context) -> tuple[str, ...]:
    """What stands for a context on a list: its programs and its sites."""
    return (*context.apps, *context.sites)


def sorted_out(stored: Iterable[str], contexts: Iterable[Context]) -> Kept:
    """A stored list as the person reads it: contexts that it holds whole, and the lines that belong to none of them."""
    lines = tuple(stored)
    has = {line.casefold() for line in lines}
    whole = [one for one in contexts if entries(one) and has.issuperset(entry.casefold() for entry in entries(one))]
    inside = {entry.casefold() for context in whole for entry in entries(context)}
    return Kept(tuple(whole), tuple(line for line in lines if line.casefold() not in inside))


def matches(line: str, contexts: Iterable[Context]) -> bool:
    """Whether a stored line can match anything: lists kept before lines were checked may hold others."""
    return bool(_NAME.fullmatch(line)) or _is_ipv6(line) or _listed(line, contexts)


def covered(line: str, contexts: Sequence[Context]) -> str:
    """In words, what one stored line keeps from being captured."""
    if not matches(line, contexts):
        return str(gettext("Nothing: your devices cannot match this. Save the list, and it is checked."))
    program = gettext("the program of this name")
    site = gettext("this site and all below it")
    word = gettext("each site with this word between the dots of its name")
    if ":" in line or line.startswith("*."):
        return str(site)
    if line.lower().endswith(".exe") or " " in line:
        return str(program)
    return f"{program}; {site if '.' in line else word}"


def _meant(line: str, known: Sequence[Context]) -> list[str]:
    """The entries that a line stands for; empty when no device could match it."""
    named = [entry for context in known if context.name.casefold() == line.casefold() for entry in entries(context)]
    if named:
        return named
    if _listed(line, known):
        return [line]
    host = _host(line)
    if host is None:
        return []
    return [host] if host.isascii() or "." not in host else [host, *_ascii(host)]


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


def _cannot(number: int, line: str) -> str:
    return str(
        gettext(
            "Line %(number)s, “%(line)s”: your devices could not match this with any program or site. Write a program"
            " such as “code”, a site such as “bank.example”, or an app by the name that it has on your pages.",
            number=number,
            line=line[:LONGEST],
        )
    )
