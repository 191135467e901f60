"""How the text of a setting is read: each parser gives the value, or raises ValueError saying what is expected."""

import json
import re
from collections.abc import Callable, Mapping
from email.utils import getaddresses
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from wire.places import place_name

ROLES: Final = ("hr", "works_council", "privacy_officer")
"""The roles a group of the identity provider can give; everybody is an employee besides."""
COUNCIL: Final = "works_council"
AT: Final = "@"
"""Between that role and a site with a works council of its own: `works_council@Munich`."""
PLACE: Final = ("site", "department", "country")
"""What an audience tells people apart by."""
STAFF: Final = "staff"
VERIFIED: Final = "verified"
TRUSTED: Final = "trusted"
"""Which mail addresses are people's own: those that the provider has checked, or also those it says nothing of."""
Groups = Mapping[str, tuple[str, ...]]
AS_JSON: Final = 'or as JSON, where a name has commas or there are several: {"name": ["cn=a,ou=b", "c"]}'
_DN: Final = frozenset({"cn", "ou", "dc", "o", "c"})
"""What a name of a directory falls into at its commas: no grades."""
_GRADE: Final = re.compile(r"[a-z][a-z_]{0,29}")

ACTOR_KEY_BYTES: Final = 32
LEAST_PEOPLE: Final = 8
AGREED_PEOPLE: Final = 10
SHORTEST_TOKEN: Final = 32

LAST_PORT: Final = 65535
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def text(value: str) -> str:
    """The text as it is."""
    return value


def count(value: str) -> int:
    """A whole number, 0 or more. Raises ValueError for anything else."""
    number = int(value)
    if number < 0:
        raise ValueError("a whole number, 0 or more, is expected")
    return number


def smallest_group(value: str) -> int:
    """How many people a published number stands for at least. Raises ValueError below 10, with who could allow it."""
    number = count(value)
    if number < LEAST_PEOPLE:
        raise ValueError(f"never fewer than {LEAST_PEOPLE} people can stand behind a published number")
    if number < AGREED_PEOPLE:
        raise ValueError(
            f"fewer than {AGREED_PEOPLE} people need the works council's signature, which no setting replaces"
        )
    return number


def flag(value: str) -> bool:
    """0 or 1. Raises ValueError for anything else."""
    if value not in {"0", "1"}:
        raise ValueError("0 or 1 is expected")
    return value == "1"


def url(value: str) -> str:
    """An http(s) address, without a slash at the end. Raises ValueError for anything else."""
    if not value.startswith(("http://", "https://")):
        raise ValueError("an address that starts with https:// (or http:// on this machine) is expected")
    return value.rstrip("/")


def beginning(*starts: str, expected: str) -> Callable[[str], str]:
    """A parser that takes what begins with one of `starts`."""

    def parse(value: str) -> str:
        if not value.startswith(starts):
            raise ValueError(f"{expected} is expected")
        return value

    return parse


vault_url = beginning("unix:/", "http://127.0.0.1:", "http://[::1]:", expected="unix:/path or http://127.0.0.1:port")
kms = beginning("file:/", "vault-transit:http", expected="file:/directory or vault-transit:https://host/key")
_one_witness = beginning(
    "file:/",
    "https://",
    "http://127.0.0.1:",
    "http://[::1]:",
    "mailto:",
    expected="file:/path, https://host/path or mailto:name@example.org",
)


def witnesses(value: str) -> str:
    """Addresses, comma-separated. Raises ValueError for one of another kind."""
    return ",".join(_one_witness(one.strip()) for one in value.split(","))


contact = beginning("mailto:", "https:", expected="mailto:name@example.org or an https: address")


def smtp(value: str) -> str:
    """A mail server. Raises ValueError for anything else, and for one elsewhere that would be spoken to in the open."""
    url = urlsplit(value)
    if url.scheme not in {"smtp", "smtp+starttls", "smtps"} or not url.hostname:
        raise ValueError("smtps://user:password@host:465 or smtp+starttls://user:password@host:587 is expected")
    if url.scheme == "smtp" and url.hostname not in LOOPBACK:
        raise ValueError("smtp:// is only for this machine; elsewhere mail needs smtps:// or smtp+starttls://")
    if url.path not in {"", "/"} or url.query or url.fragment or bool(url.username) != bool(url.password):
        raise ValueError("scheme, user with password, host and port are expected, and nothing else")
    _ = url.port  # raises ValueError
    return value


def sender(value: str) -> str:
    """An e-mail address, perhaps with a name before it. Raises ValueError for anything else."""
    found = getaddresses([value])
    if not value.isprintable() or len(found) != 1 or not re.fullmatch(r"[^@\s]+@[^@\s]+", found[0][1]):
        raise ValueError("name@example.org or Daylight <name@example.org> is expected")
    return value


def bind(value: str) -> str:
    """host:port. Raises ValueError for anything else."""
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isdigit() and int(port) <= LAST_PORT):
        raise ValueError("host:port is expected")
    return value


def hex_key(value: str) -> str:
    """32 bytes as hexadecimal digits. Raises ValueError for anything else."""
    if len(bytes.fromhex(value)) != ACTOR_KEY_BYTES:
        raise ValueError(f"{ACTOR_KEY_BYTES} bytes as hexadecimal digits are expected")
    return value


def user_ids(value: str) -> tuple[int, ...]:
    """Numbers with commas between them. Raises ValueError for anything else."""
    return tuple(count(part) for part in value.split(",") if part.strip())


def level(value: str) -> str:
    """A level of the log. Raises ValueError for anything else."""
    if value not in {"debug", "info", "warning", "error"}:
        raise ValueError("debug, info, warning or error is expected")
    return value


def database(value: str) -> str:
    """A database address without user and password. Raises ValueError for anything else."""
    try:
        url = make_url(value)
    except ArgumentError as error:
        raise ValueError("postgresql://host:port/name is expected") from error
    if url.drivername != "postgresql" or not url.database:
        raise ValueError("postgresql://host:port/name or postgresql:///name?host=/directory&port=N is expected")
    if url.username or url.password or {"user", "password"} & set(url.query):
        raise ValueError("no user and no password belong into it; those come from PORTAL_DB_PASSWORD_<LOGIN>")
    return value


def leaves_unproved(address: str) -> bool:
    """Whether a database address leads to another machine without proof of who answers (`sslmode=verify-full`).

    An address is a URI or `key=value` pairs, as libpq takes both. Raises ValueError for neither.
    """
    try:
        told = conninfo_to_dict(address)
    except ProgrammingError as error:
        raise ValueError("it is neither a PostgreSQL address nor key=value pairs") from error
    hosts = [host for name in ("host", "hostaddr") for host in str(told.get(name) or "").split(",")]
    elsewhere = [host for host in hosts if host and not host.startswith(("/", "@")) and not _here(host)]
    return bool(elsewhere) and told.get("sslmode") != "verify-full"


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _pairs(value: str) -> tuple[dict[str, str], bool]:
    """`name=value` pairs with commas between them, and whether a name stands there twice."""
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    found = {name.strip(): said.strip() for name, _, said in pairs}
    return found, len(found) != len(pairs)


def role_groups(value: str) -> Groups:
    """Role → groups of the identity provider. Raises ValueError for anything else."""
    groups = _groups(value, f"role=group pairs with each of {', '.join(ROLES)} at most once are expected, {AS_JSON}")
    sites = {name for name in groups if name.startswith(COUNCIL + AT) and name.removeprefix(COUNCIL + AT).strip()}
    if not set(groups) - sites <= set(ROLES):
        raise ValueError(f"the roles are {', '.join(ROLES)}, and {COUNCIL}{AT}<site> for a site's own; {AS_JSON}")
    _refuse_shared(groups, "role")
    parts = ((name.partition(AT), named) for name, named in groups.items())
    return {role + at + place_name(site): named for (role, at, site), named in parts}


def mail(value: str) -> str:
    """Which mail addresses count. Raises ValueError for anything else."""
    if value not in {VERIFIED, TRUSTED}:
        raise ValueError(f"{VERIFIED} or {TRUSTED} is expected")
    return value


def place_claims(value: str) -> Mapping[str, str]:
    """Part of a place → claim. Raises ValueError for anything else."""
    claims, twice = _pairs(value)
    if not set(claims) <= set(PLACE) or not all(claims.values()) or twice:
        raise ValueError(f"name=claim pairs with each of {', '.join(PLACE)} at most once are expected")
    return claims


def token(value: str) -> str:
    """What nobody guesses. Raises ValueError for anything shorter."""
    if len(value) < SHORTEST_TOKEN or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(f"{SHORTEST_TOKEN} characters or more are expected, letters, digits and signs")
    return value


def scim_subject(value: str) -> str:
    """An attribute that identifies somebody. Raises ValueError for anything else."""
    if value not in {"externalId", "userName"}:
        raise ValueError("externalId or userName is expected")
    return value


def grade_groups(value: str) -> Groups:
    """Grade → groups of the identity provider, in their order. Raises ValueError for anything else."""
    expected = f"grade=group pairs are expected, each grade once, in small letters, {AS_JSON}"
    groups = _groups(value, expected)
    if not all(map(_GRADE.fullmatch, groups)) or (
        _DN & set(groups) and any("=" in name for (name,) in groups.values())
    ):
        raise ValueError(expected)
    if set(groups) & {STAFF, "unknown"}:
        raise ValueError(f"{STAFF} is everybody who is in none of the groups, unknown who has not signed in")
    _refuse_shared(groups, "grade")
    return groups


def _groups(value: str, expected: str) -> Groups:
    """What each name stands for: `name=group` pairs, or a JSON object. Raises ValueError with what is `expected`."""
    if value.lstrip().startswith("{"):
        return _json_groups(value, expected)
    groups, twice = _pairs(value)
    if twice or not all(groups.values()):
        raise ValueError(expected)
    return {name: (group,) for name, group in groups.items()}


def _json_groups(value: str, expected: str) -> Groups:
    try:
        pairs = json.loads(value, object_pairs_hook=list)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this begins as JSON and is none ({error}); {expected}") from error
    found = {name: tuple(said) if isinstance(said, list) else (said,) for name, said in pairs}
    named = [group for groups in found.values() for group in groups]
    good = all(found.values()) and all(isinstance(group, str) and group.strip() for group in named)
    if not good or len(found) != len(pairs):
        raise ValueError(expected)
    return found


def _refuse_shared(groups: Groups, what: str) -> None:
    """Raise ValueError where a group stands for two things."""
    named = [group for several in groups.values() for group in several]
    if len(set(named)) != len(named):
        raise ValueError(f"each {what} needs groups of its own, each named once")
