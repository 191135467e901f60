"""The vault's routes for handovers."""

from typing import Any

from portal.core import clock
from vault import parse
from vault.errors import BadRequestError
from vault.exports.downloads import Download
from vault.exports.words import FORMATS
from vault.handovers.handing import Handing
from vault.parse import MAX_TICKET

MAX_SECRET = 64
MAX_CHECKED = 4000


class HandoverApi:
    """What the routes do."""

    def __init__(self, handing: Handing) -> None:
        self._handing = handing

    def prepare(self, body: Any) -> dict[str, Any]:
        """POST /handovers."""
        body = parse.fields(body, "ticket", "request", "checked")
        ticket, checked = parse.text(body, "ticket", MAX_TICKET), parse.text(body, "checked", MAX_CHECKED)
        made, link = self._handing.prepare(ticket, parse.identifier(body, "request"), checked, clock.now())
        return {"handover": str(made), "link": link}

    def approve(self, body: Any) -> dict[str, Any]:
        """POST /handovers/approve."""
        body = parse.fields(body, "ticket", "handover")
        ticket = parse.text(body, "ticket", MAX_TICKET)
        return {"code": self._handing.approve(ticket, parse.identifier(body, "handover"))}

    def revoke(self, body: Any) -> dict[str, Any]:
        """POST /handovers/revoke."""
        body = parse.fields(body, "ticket", "handover")
        self._handing.revoke(parse.text(body, "ticket", MAX_TICKET), parse.identifier(body, "handover"))
        return {"revoked": True}

    def standing(self, body: Any) -> dict[str, Any]:
        """POST /handovers/state."""
        link = parse.text(parse.fields(body, "link"), "link", MAX_SECRET)
        found = self._handing.standing(link, clock.now())
        return {"state": found.state, "until": clock.to_ms(found.until)}

    def claim(self, body: Any) -> dict[str, Any]:
        """POST /handovers/claim."""
        body = parse.fields(body, "link", "code", "language")
        link, code = parse.text(body, "link", MAX_SECRET), parse.text(body, "code", MAX_SECRET)
        language = parse.text(body, "language", 8)
        if language not in FORMATS:
            raise BadRequestError("`language` is not known.")
        return {"pickup": self._handing.claim(link, code, language, clock.now())}

    def take(self, body: Any) -> Download:
        """POST /handovers/download."""
        body = parse.fields(body, "link", "code")
        link, code = parse.text(body, "link", MAX_SECRET), parse.text(body, "code", MAX_SECRET)
        return self._handing.take(link, code, clock.now())
