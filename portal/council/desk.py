"""The council's desk, its expert's seat, the same releases for everybody, and the officer's part of the room."""

from dataclasses import dataclass

from flask import Blueprint, request

from portal.core.permissions import Permission
from portal.core.web.state import Desk

bp = Desk("council", __name__, login="web_council", url_prefix="/council")
expert = Desk("expert", __name__, login="web_council", url_prefix="/expert")
officer = Desk("officer_room", __name__, login="web_officer", url_prefix="/officer/room")
own = Blueprint("statistics", __name__, url_prefix="/statistics")


@dataclass(frozen=True)
class Readers:
    """Whose pages a blueprint has."""

    blueprint: Blueprint
    permission: Permission


READERS = (
    Readers(bp, Permission.COUNCIL_DESK_READ),
    Readers(own, Permission.STATISTICS_READ),
    Readers(expert, Permission.EXPERT_DESK_READ),
)


def here() -> str:
    """The blueprint that answers: its pages lead to its own pages."""
    return request.blueprint or own.name
