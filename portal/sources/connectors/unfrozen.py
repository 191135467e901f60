"""What a connector says that knows no quarantine: its stores refuse every freeze, and nothing there is ever frozen."""

from typing import Protocol
from uuid import UUID

from portal.sources.connectors.base import Layout, Lying, Reason, RefusedError, Target
from portal.sources.connectors.progress import BEGINNING, Progress, Tell, quiet


class Unfrozen(Protocol):
    """Base of such a connector; see `base.Connector`."""

    login: str = ""

    def remaining(self, target: Target) -> int:
        """See `base.Connector`."""

    def seclude(self, layout: Layout, reader: str) -> None:  # noqa: ARG002 - the protocol's
        """No quarantine can be made. Raises RefusedError."""
        raise RefusedError(Reason.CANNOT_FREEZE, layout.location)

    def freeze(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> int:  # noqa: ARG002
        """Nothing is moved. Raises RefusedError."""
        raise RefusedError(Reason.CANNOT_FREEZE, target.layout.location)

    def thaw(self, target: Target, run: UUID, tell: Tell = quiet, resume: Progress = BEGINNING) -> int:  # noqa: ARG002
        """Nothing lies apart."""
        return resume.rows

    def lying(self, target: Target) -> Lying:
        """All of it is readable."""
        return Lying(self.remaining(target), 0)
