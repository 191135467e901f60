"""Receipts of somebody for whom one acts: what the person gets, to whoever follows the request for them."""

from uuid import UUID

from flask import Blueprint, Response

from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.deletion import queries, receipt_views
from portal.requests.delegate_views import behalf, found_of

bp = Blueprint("delegate_receipts", __name__)


@bp.get("/requests/for/<uuid:acting_id>/<uuid:request_id>/receipts/<uuid:step_id>.json")
@requires(Permission.OWN_REQUEST_READ)
def receipt_json(acting_id: UUID, request_id: UUID, step_id: UUID) -> Response:
    """The receipt of one store, as the person gets it; 409 while the log has not taken it up yet."""
    with behalf(acting_id) as (session, whom):
        found = found_of(session, whom, request_id)
        return receipt_views.as_file(queries.receipts(session, whom.id, found.id).get(step_id), step_id)


@bp.get("/requests/for/<uuid:acting_id>/<uuid:request_id>/receipt.pdf")
@requires(Permission.OWN_REQUEST_READ)
def receipt_pdf_file(acting_id: UUID, request_id: UUID) -> Response:
    """All stores of the request on paper, in the delegate's language."""
    with behalf(acting_id) as (session, whom):
        found = found_of(session, whom, request_id)
        return receipt_views.on_paper(request_id, queries.steps_with_receipts(session, whom.id, found.id))
