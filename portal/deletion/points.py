"""Named places between two commits, where nothing happens; tests end the process at each of them (R03)."""

from typing import Final

NAMES: Final = (
    "claimed",
    "buried",
    "batch",
    "keys_deleted",
    "keys_destroyed",
    "person_erased",
    "read_back",
    "finished",
)


def reached(name: str) -> None:
    """Say that the point `name` was reached."""
    if name not in NAMES:
        raise ValueError(name)
