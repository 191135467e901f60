"""What was told, in the person's own words; made when shown, so that it follows the language chosen now."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import format_time, gettext

from portal.notifications.models import Notification


@dataclass(frozen=True)
class Told:
    """One thing told, as the page shows it."""

    id: UUID
    text: str
    at: datetime
    tone: str


def told(row: Notification) -> Told:
    """The notification in `row` in words."""
    return Told(row.id, _text(row), row.created_at, "warning" if row.kind == "mismatch" else "info")


def _text(row: Notification) -> str:
    match row.kind:
        case "pause_ends":
            ends = datetime.fromisoformat(str(row.params["at"]))
            return str(
                gettext("Your pause ends at %(time)s. Recording starts again then.", time=format_time(ends, "short"))
            )
        case "mismatch":
            return str(gettext("The label of one of your items did not agree with its content. It has been noted."))
    return str(gettext("Something concerning your data has happened."))
