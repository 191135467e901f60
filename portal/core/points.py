"""Named places between two commits, where nothing happens; tests end the process at each of them (R03)."""

import itertools
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
"""Of a step in Daylight's own store."""
ELSEWHERE: Final = {
    "sql": ("sql_deleted", "sql_committed"),
    "parquet": ("parquet_staged", "parquet_replaced"),
    "hive": ("hive_staged", "hive_marked", "hive_overwritten", "hive_dropped"),
}
"""Connector → points in it."""
MOVING: Final = {
    "sql": ("sql_moved", "sql_settled"),
    "parquet": ("parquet_copied", "parquet_moved"),
    "hive": ("hive_copied", "hive_overwritten"),
}
"""Connector → points in it while it freezes or thaws."""
PROVING: Final = ("store_erased", "store_read_back")
"""Of a step in any other store, once its connector has ended."""
KEEPING: Final = ("looked",)
"""Where a freeze in force was looked at again, and nothing is written down yet."""
EXPIRING: Final = ("age_claimed", "age_batch", "age_read_back", "age_finished")
"""Of a step that deletes what has become too old."""
KNOWN: Final = frozenset(
    (*NAMES, *PROVING, *KEEPING, *EXPIRING, *itertools.chain(*ELSEWHERE.values(), *MOVING.values()))
)


def reached(name: str) -> None:
    """Say that the point `name` was reached."""
    if name not in KNOWN:
        raise ValueError(name)
