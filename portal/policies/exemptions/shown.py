"""Exemptions as pages take them: words and numbers."""

from typing import Any, Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from portal.policies.exemptions import queries
from portal.policies.exemptions.rules import TOGETHER, UNKNOWN

_ = lazy_gettext
GRADES: Final[dict[str, LazyString]] = {
    "executive": _("Executives"),
    "manager": _("Managers"),
    "staff": _("Staff"),
    UNKNOWN: _("Grade not known"),
    TOGETHER: _("Other grades"),
}


def exemptions(session: Session) -> dict[str, Any]:
    """See templates/policies/_exemptions.html."""
    rows = queries.newest(session)
    return {
        "counted_at": rows[0].counted_at if rows else None,
        "k": rows[0].k if rows else None,
        "grades": [(grade(row.grade), row.people, row.exempt) for row in rows],
    }


def grade(name: str) -> str:
    """A grade as people read it: the usual ones in their language, others as the company calls them."""
    return str(GRADES[name]) if name in GRADES else str(gettext("Grade %(name)s", name=name))
