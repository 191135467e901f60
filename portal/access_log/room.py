"""A line for each look at what the works council reads, also on pages of features that lie below the evidence room."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

INCIDENTS, CHECK = "incidents", "check"
_LOOK: Final = text("SELECT room_look(:what, :about)")


def note(session: Session, what: str, about: UUID | None = None) -> None:
    """Write down that the transaction's person looks; `what`: one of portal.council.models.What."""
    session.execute(_LOOK, {"what": what, "about": about})
