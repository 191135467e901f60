"""What features above say beside a captured item: notes of the person, that it is frozen. They register what to ask."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

from portal.capture.models import Segment

KEY = "daylight.beside"


@dataclass(frozen=True)
class Note:
    """One thing to say: text, the tone of a notice, and an address with the words of the link to it."""

    text: str
    tone: str
    link: str
    more: str


Asked = Callable[[Session, UUID, Segment], Sequence[Note]]


def add(app: Flask, asked: Asked) -> None:
    """From now on `asked(session, person, item)` says what stands beside an item; one statement at most."""
    app.extensions.setdefault(KEY, []).append(asked)


def notes(app: Flask, session: Session, person: UUID, item: Segment) -> list[Note]:
    """Everything that stands beside the item."""
    return [note for asked in app.extensions.get(KEY, ()) for note in asked(session, person, item)]
