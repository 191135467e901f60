"""How the text of a setting is read: each parser gives the value, or raises ValueError saying what is expected."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

ROLES: Final = ("hr", "works_council", "privacy_officer")
"""The roles a group of the identity provider can give; everybody is an employee besides."""

ACTOR_KEY_BYTES: Final = 32

LAST_PORT: Final = 65535


def text(value: str) -> str:
    """The text as it is."""
    return value


def count(value: str) -> int:
    """A whole number, 0 or more. Raises ValueError for anything else."""
    number = int(value)
    if number < 0:
        raise ValueError("a whole number, 0 or more, is expected")
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
witness = beginning("file:/", expected="file:/path")
contact = beginning("mailto:", "https:", expected="mailto:name@example.org or an https: address")


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


def role_groups(value: str) -> Mapping[str, str]:
    """Role → group of the identity provider. Raises ValueError for anything else."""
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    groups = {role.strip(): group.strip() for role, _, group in pairs}
    unknown = sorted(set(groups) - set(ROLES))
    if unknown or not all(groups.values()) or len(groups) != len(pairs):
        raise ValueError(f"role=group pairs with each of {', '.join(ROLES)} at most once are expected")
    if len(set(groups.values())) != len(groups):
        raise ValueError("each role needs a group of its own")
    return groups
