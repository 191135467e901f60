"""How many rows an erasure took away so far, told around each partition so that a kill loses none of them."""

from collections.abc import Sequence

from portal.sources.connectors.base import Target
from portal.sources.connectors.progress import Progress, Tell


class Account:
    """Of one erasure, which goes on from `resume` and has the partitions `names` (of their staging tables) to do."""

    def __init__(self, target: Target, tell: Tell, resume: Progress, names: Sequence[str]) -> None:
        self._target = target
        self._tell = tell
        self._done, self.rows, self.total = resume.done, resume.rows, resume.done + len(names)
        self._part, self._going = resume.part, resume.going
        if self._part not in map(target.part, names):  # no row of it is left
            self.rows += self._going if self._part.startswith(target.mark) else 0
            self._part, self._going = "", 0
        self._say()

    def comes_first(self, name: str) -> bool:
        """Whether this partition was being rewritten when an attempt was killed: only one of them is written down."""
        return self._target.part(name) == self._part

    def saw(self, name: str, left: int) -> None:
        """So many rows are in a partition before it is overwritten; what an overwrite cut short took is counted."""
        if self.comes_first(name):
            self.rows += max(0, self._going - left)
            self._part, self._going = "", 0

    def begin(self, name: str, going: int) -> None:
        """So many rows go from a partition now: a kill may come before or after."""
        self._part, self._going = self._target.part(name), going
        self._say()

    def end(self) -> None:
        """They are gone, and the partition is done."""
        self._done, self.rows = self._done + 1, self.rows + self._going
        self._part, self._going = "", 0
        self._say()

    def _say(self) -> None:
        self._tell(Progress(self._done, self.total, self.rows, self._part, self._going))
