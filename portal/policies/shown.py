"""A policy's difference as `policies/_difference.html` draws it: for the officer, the council and everybody."""

from typing import Any

from wire import difference
from wire.policy import Policy, widens


def shown_difference(old: Policy | None, new: Policy, in_language: str) -> dict[str, Any]:
    """Lines in the order in which they are signed, how many of them ask for more or less, and whether it widens."""
    found = [
        {"effect": str(line.effect), "text": difference.text(line, in_language)} for line in difference.lines(old, new)
    ]
    return {
        "lines": found,
        "more": sum(line["effect"] == "more" for line in found),
        "less": sum(line["effect"] == "less" for line in found),
        "replaces": old.version if old else None,
        "widens": widens(old, new),
        "hash": difference.digest(old, new),
    }
