"""What every page of one petition begins with, the own pages and both desks."""

from uuid import UUID

from flask import abort

from portal.core.web.state import db
from portal.petitions import queries
from portal.petitions.models import Petition


def petition_or_404(petition: UUID) -> Petition:
    """The petition with this id, as the login that asks may see it."""
    found = queries.petition(db(), petition)
    if found is None:
        abort(404)
    return found
