"""The council's desk: pages under /council, as the login web_council; the same for everybody at /statistics."""

from collections.abc import Sequence

from flask import Flask
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from portal.core.permissions import Permission
from portal.core.web import menu
from portal.council import documents, evidence, looking, pages, policies, seats, smallest
from portal.council.desk import bp, expert, officer, own

DOCUMENTS = ("document", "document_submit", "document_new", "document_new_submit", "policy")
"""Pages of the evidence room besides its first one."""
PAGES = (pages, evidence, policies, documents, looking, seats, smallest)
"""The modules whose views hang on the blueprints."""


def register(app: Flask) -> None:
    """Hook desk and statistics into the application."""
    for blueprint in (bp, own, officer, expert):
        app.register_blueprint(blueprint)
    figures, proof = menu.Group.FIGURES, menu.Group.EVIDENCE
    read, seat = Permission.COUNCIL_DESK_READ, Permission.EXPERT_DESK_READ
    menu.add(
        app,
        menu.Entry(20, lazy_gettext("Works council"), "council.front", read, desk=bp.login, leads=True),
        menu.Entry(10, lazy_gettext("Statistics"), "council.front", read, desk=bp.login, group=figures),
        _evidence(lazy_gettext("Evidence room"), "council.evidence", read, bp.login, DOCUMENTS, proof),
        menu.Entry(
            60,
            lazy_gettext("Experts"),
            "council.experts",
            Permission.COUNCIL_SEAT_CHANGE,
            desk=bp.login,
            alone=True,
            group=proof,
        ),
        menu.Entry(
            12, lazy_gettext("Smallest group"), "council.groups", read, desk=bp.login, alone=True, group=figures
        ),
        menu.Entry(10, lazy_gettext("Statistics"), "expert.front", seat, desk=expert.login),
        _evidence(lazy_gettext("Evidence"), "expert.evidence", seat, expert.login, ("document", "policy")),
        menu.Entry(70, lazy_gettext("Who looked"), "council.looks", read, desk=bp.login, alone=True, group=proof),
        menu.Entry(
            70,
            lazy_gettext("Evidence room"),
            "officer_room.room",
            Permission.OFFICER_DESK_READ,
            desk=officer.login,
            group=proof,
        ),
    )


def _evidence(
    label: LazyString,
    endpoint: str,
    permission: Permission,
    desk: str,
    within: Sequence[str],
    group: menu.Group | None = None,
) -> menu.Entry:
    feature = endpoint.partition(".")[0]
    return menu.Entry(
        22,
        label,
        endpoint,
        permission,
        desk=desk,
        alone=True,
        pages=tuple(f"{feature}.{page}" for page in within),
        group=group,
    )
