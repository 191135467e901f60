"""The check of each day: on the person's own pages, on the officer's desk and on the council's."""

from datetime import date
from uuid import UUID

from flask import Flask
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from portal.capture import marks
from portal.capture.marks import Mark
from portal.core.permissions import Permission
from portal.core.web import menu
from portal.reconciliation import queries, words
from portal.reconciliation.settling.views import bp as settling_bp
from portal.reconciliation.settling.views import officer_bp
from portal.reconciliation.views import bp, council_bp

RANK = 60


def register(app: Flask) -> None:
    """Hook the feature into the application."""
    for blueprint in (bp, settling_bp, officer_bp, council_bp):
        app.register_blueprint(blueprint)
    marks.add(app, _marks)
    label, officer, council = lazy_gettext("Daily check"), Permission.OFFICER_DESK_READ, Permission.COUNCIL_DESK_READ
    menu.add(
        app,
        menu.Entry(
            RANK, label, "officer_reconciliation.officer", officer, desk=officer_bp.login, group=menu.Group.EVIDENCE
        ),
        menu.Entry(
            RANK, label, "council_reconciliation.council", council, desk=council_bp.login, group=menu.Group.EVIDENCE
        ),
    )


def _marks(session: Session, person: UUID, since: date, until: date) -> dict[date, Mark]:
    states = queries.states(session, person, since, until)
    return {day: words.mark(day, state) for day, state in states.items()}
