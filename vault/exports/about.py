"""Writes what is stored about a person besides the captured items, list by list."""

from typing import Any
from uuid import UUID

from vault.exports import lines
from vault.exports.readable import Readable, columns_of
from vault.exports.state import Progress
from vault.exports.words import ABOUT
from vault.exports.writing import Writer
from vault.store import Connection

LISTS = tuple(ABOUT)
FETCHED = 200


def write_next(connection: Connection, order: UUID, writer: Writer, progress: Progress, readable: Readable) -> bool:
    """Write the next list and its page; whether there was one. Rows come a few at a time."""
    about = next((name for name in LISTS if name not in progress.about), None)
    if about is None:
        return False
    data, page = progress.number(), progress.number()
    writer.create(data, data_path(about))
    writer.create(page, page_path(about))
    columns: list[str] = []
    count = 0
    with connection.cursor(name="about") as cursor:
        cursor.itersize = FETCHED
        cursor.execute("SELECT export_rows(%s, %s) AS line", [order, about])
        for row in cursor:
            told: dict[str, Any] = row["line"]
            if not count:
                columns = columns_of(told)
                writer.write(page, readable.list_head(about, columns))
            writer.write(data, lines.line(told))
            writer.write(page, readable.list_row(told, columns))
            count += 1
    if not count:
        writer.write(page, readable.list_head(about, columns))
    writer.write(page, readable.list_end(empty=not count))
    writer.close(data)
    writer.close(page)
    progress.about[about] = count
    return True


def data_path(about: str) -> str:
    """Where a list is, for machines."""
    return f"data/about/{about}.jsonl"


def page_path(about: str) -> str:
    """Where a list is, for people."""
    return f"read/about-{about}.html"
