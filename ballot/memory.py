"""What the ballot knows by heart: which petitions run, and the tokens that were emptied into the table.

PostgreSQL counts every look at a table and says when the last one was. So what browsers ask is answered from here and
from the box; the database is read by the clock: petitions each second, tokens at the start and after each emptying.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from ballot import statements
from ballot.box import Key, Mark

NUMBER_BYTES: Final = 32


@dataclass(frozen=True)
class Running:
    """A petition that can be signed without a name; `public`: its key (DER); `ends_on`: its last day."""

    public: bytes
    ends_on: date


Petitions = Mapping[UUID, Running | None]
"""Those that have a key; None: it has ended."""


class Tokens:
    """The tokens that were emptied, 32 bytes each: in order, one string for each petition and mark."""

    def __init__(self, numbers: Mapping[tuple[UUID, Mark], bytes]) -> None:
        self._numbers = numbers

    def get(self, key: Key) -> Mark | None:
        """What the table says of a token."""
        petition, number = key
        return next((mark for mark in Mark if _holds(self._numbers.get((petition, mark), b""), number)), None)


def petitions(session: Session) -> Petitions:
    """All petitions with a key, and those that have ended."""
    rows = session.execute(statements.PETITIONS, {"ended": list(statements.ENDED)})
    return {found: None if over else Running(public, ends_on) for found, ends_on, public, over in rows}


def tokens(session: Session) -> Tokens:
    """All tokens of the table."""
    rows = session.execute(statements.NUMBERS)
    return Tokens({(petition, Mark(mark)): numbers for petition, mark, numbers in rows})


def _holds(numbers: bytes, number: bytes) -> bool:
    def nth(at: int) -> bytes:
        return numbers[at * NUMBER_BYTES : (at + 1) * NUMBER_BYTES]

    return nth(bisect_left(range(len(numbers) // NUMBER_BYTES), number, key=nth)) == number
