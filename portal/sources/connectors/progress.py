"""How far an erasure is: told before and after each part, so that after a kill nobody has to guess how many rows went.

Pure: standard library only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Progress:
    """How far it is. Parts are what the store rewrites at once: partitions, files, or the one statement.

    `total` is 0 until it is known; `rows` were erased so far, over all attempts that `resume` told of. `part` is being
    rewritten now and is to lose `going` rows, which are not in `rows` yet; "" when none is.
    """

    done: int
    total: int
    rows: int
    part: str = ""
    going: int = 0

    def taken(self, part: str, left: int) -> int:
        """How many rows a killed attempt took from a part that holds `left` of them now."""
        return max(0, self.going - left) if part == self.part else 0


BEGINNING: Final = Progress(0, 0, 0)

Tell = Callable[[Progress], None]
"""Called before and after each part, from any thread, one at a time. What it raises stops the erasure; a later call
resumes it."""


def quiet(_progress: Progress) -> None:
    """Tell nobody."""
