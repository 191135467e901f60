"""HR's desk: pages under /hr, as the login web_hr."""

from flask import Flask
from flask_babel import lazy_gettext

from portal.core.permissions import Permission
from portal.core.web import menu
from portal.hr import addresses, bulk, decide, held, lift, lists, queue_page, receipts, request_page, starting, tasks
from portal.hr.desk import bp

PAGES = (queue_page, request_page, receipts, decide, lift, tasks, bulk, held, addresses, lists, starting)
"""The modules whose views hang on the blueprint."""


def register(app: Flask) -> None:
    """Hook the desk into the application."""
    app.register_blueprint(bp)
    read = Permission.HR_DESK_READ
    menu.add(
        app,
        menu.Entry(10, lazy_gettext("HR desk"), "hr.queue", read, desk=bp.login, leads=True),
        menu.Entry(10, lazy_gettext("Queue"), "hr.queue", read, desk=bp.login, features=("handovers",)),
        menu.Entry(20, lazy_gettext("Extended"), "hr.extended", read, desk=bp.login, alone=True),
        menu.Entry(30, lazy_gettext("Held"), "hr.held", read, desk=bp.login, alone=True, pages=("hr.release",)),
        menu.Entry(
            35, lazy_gettext("Addresses"), "hr.addresses", Permission.HR_ADDRESS_CHANGE, desk=bp.login, alone=True
        ),
        menu.Entry(40, lazy_gettext("Laws"), "hr.laws", read, desk=bp.login, alone=True),
    )
