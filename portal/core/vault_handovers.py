"""How the web process asks the vault about handovers to people who have left; through the door of `VaultClient`."""

from datetime import datetime
from typing import Final
from uuid import UUID

from portal.core.clock import from_ms
from portal.core.vault_client import Stream, VaultClient

STATES: Final = ("waiting", "claimable", "making", "ready", "taken", "expired", "ended")


class HandoverClient:
    """All methods raise VaultUnavailable, TicketRefused, HandoverRefused, VaultRequestError."""

    def __init__(self, vault: VaultClient) -> None:
        self._vault = vault

    def prepare(self, ticket: str, request: UUID, checked: str) -> tuple[UUID, str]:
        """The handover of a request, and the secret of its link."""
        told = self._vault.post("/handovers", {"ticket": ticket, "request": str(request), "checked": checked})
        return UUID(told["handover"]), str(told["link"])

    def approve(self, ticket: str, handover: UUID) -> str:
        """The release code."""
        return str(self._vault.post("/handovers/approve", {"ticket": ticket, "handover": str(handover)})["code"])

    def revoke(self, ticket: str, handover: UUID) -> bool:
        """End it."""
        return bool(self._vault.post("/handovers/revoke", {"ticket": ticket, "handover": str(handover)})["revoked"])

    def state(self, link: str) -> tuple[str, datetime]:
        """One of STATES, and until when that holds."""
        told = self._vault.post("/handovers/state", {"link": link})
        return str(told["state"]), from_ms(told["until"])

    def claim(self, link: str, code: str, language: str) -> str:
        """The pickup code, for the release code."""
        told = self._vault.post("/handovers/claim", {"link": link, "code": code, "language": language})
        return str(told["pickup"])

    def take(self, link: str, code: str) -> Stream:
        """The archive, once."""
        return self._vault.stream("/handovers/download", {"link": link, "code": code})
