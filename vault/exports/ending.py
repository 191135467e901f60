"""Writes what stands at the end of an archive: contents, manifest, schema. Then its length is known."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from vault.exports import lines
from vault.exports.about import data_path, page_path
from vault.exports.items import PROBLEMS, day_path, path
from vault.exports.orders import Order
from vault.exports.readable import Readable
from vault.exports.state import INDEX, MANIFEST, SCHEMA, Progress
from vault.exports.words import ABOUT, N_
from vault.exports.writing import Writer
from vault.store import Connection
from wire.documents import Kind

DESCRIPTION: Final = Path(__file__).with_name("schema.json")
DONE: Final = "done"
_STORES = """
SELECT number, dataset_id, store, state, reason, rows, pending_since
  FROM export_store WHERE order_id = %s ORDER BY number
"""


def write(
    connection: Connection, order: Order, writer: Writer, progress: Progress, readable: Readable, now: datetime
) -> None:
    """Write the last files."""
    stores = [dict(row) for row in connection.execute(_STORES, [order.id])]
    index = readable.index(
        made=readable.moment(now),
        covers=_covers(order, readable),
        days=[
            (day_path(str(day)), readable.day_name(date.fromisoformat(str(day))), items) for day, items in progress.days
        ],
        lists=[(page_path(about), f"{readable.say(ABOUT[about])} ({rows})") for about, rows in progress.about.items()],
        stores=[(_store_path(row) or "", row["store"], _store_words(row, readable)) for row in stores],
        problems=progress.problems,
    )
    _file(writer, INDEX, "index.html", index)
    told = json.dumps(manifest(order, progress, stores, now), ensure_ascii=False, indent=1).encode()
    _file(writer, MANIFEST, "manifest.json", told)
    _file(writer, SCHEMA, "schema.json", DESCRIPTION.read_bytes())


def manifest(order: Order, progress: Progress, stores: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """What is in the archive, for machines."""
    scope = order.scope
    return {
        "format": lines.FORMAT,
        "order": str(order.id),
        "person": str(order.employee),
        "ordered": lines.moment(order.ordered),
        "made": lines.moment(now),
        "language": scope.language,
        "timezone": scope.timezone,
        "scope": {
            "from": lines.moment(scope.starts),
            "until": lines.moment(scope.ends),
            "kinds": None if scope.kinds is None else list(scope.kinds),
            "stores": scope.stores,
        },
        "items": {
            "total": progress.items,
            "states": progress.states,
            "files": {path(kind): progress.counts.get(kind, 0) for kind in Kind},
            "problems": {PROBLEMS: progress.problems},
        },
        "about": {data_path(about): rows for about, rows in progress.about.items()},
        "stores": [
            {
                "dataset": str(row["dataset_id"]),
                "store": row["store"],
                "state": row["state"],
                "reason": row["reason"],
                "rows": row["rows"] if row["state"] == DONE else None,
                "file": _store_path(row),
                "pending_since": lines.moment(row["pending_since"]),
            }
            for row in stores
        ],
    }


def store_path(number: int) -> str:
    """Where the rows of an external store are."""
    return f"data/stores/{number:03d}.jsonl"


def _file(writer: Writer, number: int, name: str, data: bytes) -> None:
    writer.create(number, name)
    writer.write(number, data)
    writer.close(number)


def _store_path(row: dict[str, Any]) -> str | None:
    return store_path(row["number"]) if row["state"] == DONE else None


def _store_words(row: dict[str, Any], readable: Readable) -> str:
    if row["state"] == DONE:
        return readable.say(N_("%(rows)s rows")) % {"rows": row["rows"]}
    if row["pending_since"] is not None:
        return readable.say(N_("missing, out of reach since %(moment)s")) % {
            "moment": readable.moment(row["pending_since"])
        }
    return readable.say(N_("missing"))


def _covers(order: Order, readable: Readable) -> str:
    scope = order.scope
    if scope.starts is None or scope.ends is None:
        told = {"moment": readable.moment(order.ordered)}
        return readable.say(N_("It covers everything that was captured before you ordered it on %(moment)s.")) % told
    told = {"starts": readable.moment(scope.starts), "ends": readable.moment(scope.ends)}
    return readable.say(N_("It covers what was captured from %(starts)s until %(ends)s.")) % told
