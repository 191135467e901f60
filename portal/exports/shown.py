"""An export as its pages show it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import format_decimal, gettext

from portal.exports.models import ExportOrder, ExportStore, StoreState
from portal.exports.rules import OPEN, State, state
from portal.sources.connectors.base import Reason
from portal.sources.words import refusal

KIBI = 1024


def shown(row: ExportOrder, stores: Iterable[ExportStore], now: datetime) -> dict[str, Any]:
    """The fields that the templates' heads name."""
    stands = state(row, now)
    return {
        "id": row.id,
        "asked_at": row.ordered_at,
        "starts": row.starts_at,
        "ends": row.ends_at,
        "kinds": row.kinds or [],
        "with_stores": row.stores,
        "status": stands.value,
        "open": stands in OPEN,
        "done": min(row.items_done, row.items_total),
        "total": row.items_total,
        "problems": row.problems,
        "size": size(row.archive_bytes),
        "until": row.archive_until if stands is State.READY else None,
        "deadline": row.expires_at,
        "downloaded_at": row.downloaded_at,
        "trouble": trouble(row, stands),
        "stores": [_store(store) for store in stores],
    }


def trouble(row: ExportOrder, stands: State) -> str:
    """Why it does not go on, or failed, and what happens next; '' if all is well."""
    if stands in OPEN and row.reason:
        words = {
            "disk_full": gettext("The server's disk is full. Daylight tries again by itself."),
            "unavailable": gettext("Something the vault needs is out of reach. Daylight tries again by itself."),
        }
        return str(words.get(row.reason, gettext("Something went wrong. Daylight tries again by itself.")))
    if stands is not State.FAILED:
        return ""
    words = {
        "too_late": gettext("It was not finished within 24 hours. Order it again."),
        "refused": gettext("The vault did not recognise this order, so it opened nothing. Order it again."),
    }
    reason = row.reason if row.finished_at is not None else "too_late"
    return str(words.get(reason or "", gettext("Something went wrong, and the archive was given up. Order it again.")))


def size(count: int) -> str:
    """A number of bytes in words of the page's language: "3.4 MB"."""
    amount, unit = float(count), "B"
    for larger in ("KB", "MB", "GB", "TB"):
        if amount < KIBI:
            break
        amount, unit = amount / KIBI, larger
    return f"{format_decimal(amount, '0' if unit == 'B' else '0.0')} {unit}"


def _store(row: ExportStore) -> dict[str, Any]:
    return {
        "name": row.store,
        "status": row.state.value,
        "rows": row.rows,
        "total": row.rows_total,
        "pending_since": row.pending_since if row.state is not StoreState.DONE else None,
        "why": _why_missing(row),
    }


def _why_missing(row: ExportStore) -> str:
    """Why its rows are not in the archive; that it is out of reach is told by since when."""
    if row.state is not StoreState.MISSING or row.pending_since:
        return ""
    if row.reason == Reason.CONTESTED:  # a copy does not wait, as other steps do
        said = gettext(
            "Somebody else has or had the mail address used there, so these rows are not in this copy. Once HR has "
            "said whose it was, ask for another one."
        )
        return str(said)
    return refusal(row.reason)
