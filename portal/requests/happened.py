"""An event of a request, as the rules and the laws read it. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID


class Happened(Protocol):
    """An event as it was written down (`models.RequestEvent`)."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor_id(self) -> UUID | None: ...
    @property
    def words(self) -> str: ...
    @property
    def params(self) -> Mapping[str, Any]: ...
