"""What features above say about whole days: how a day's check came out. They register what to ask."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

KEY = "daylight.marks"


@dataclass(frozen=True)
class Mark:
    """One word about a day with its shape (an icon's name) and tone (a badge's), and where to read more."""

    word: str
    icon: str
    tone: str
    link: str


Asked = Callable[[Session, UUID, date, date], dict[date, Mark]]


def add(app: Flask, asked: Asked) -> None:
    """From now on `asked(session, person, since, until)` marks days of a person; one statement at most."""
    app.extensions.setdefault(KEY, []).append(asked)


def of_days(app: Flask, session: Session, person: UUID, since: date, until: date) -> dict[date, Mark]:
    """Day → mark, from `since` to before `until`."""
    found: dict[date, Mark] = {}
    for asked in app.extensions.get(KEY, ()):
        found |= asked(session, person, since, until)
    return found
