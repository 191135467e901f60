"""Close what was told."""

from uuid import UUID

from flask import Blueprint, abort, url_for
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person
from portal.notifications.actions import mark_seen

bp = Blueprint("notifications", __name__)


@bp.post("/notifications/<uuid:notification_id>/seen")
@requires(Permission.OWN_STATE_READ)
def seen_submit(notification_id: UUID) -> ResponseReturnValue:
    """The person has seen it."""
    if not mark_seen(db(), person().id, notification_id, clock.now()):
        abort(404)
    return see_other(url_for("home.now"))
