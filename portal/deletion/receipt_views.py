"""The person's own receipts: the file that proves, and the page that one can read and print."""

import json
from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, Response, abort
from flask_babel import get_locale

from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.state import db, person
from portal.deletion import queries, receipt_pdf, shown
from portal.deletion.models import Receipt, Step

bp = Blueprint("deletion_receipts", __name__)


@bp.get("/requests/<uuid:request_id>/receipts/<uuid:step_id>.json")
@requires(Permission.OWN_REQUEST_READ)
def receipt_json(request_id: UUID, step_id: UUID) -> Response:
    """The receipt of one store, as `verify_receipt.py` reads it; 409 while the log has not taken it up yet."""
    return as_file(queries.receipts(db(), person().id, request_id).get(step_id), step_id)


@bp.get("/requests/<uuid:request_id>/receipt.pdf")
@requires(Permission.OWN_REQUEST_READ)
def receipt_pdf_file(request_id: UUID) -> Response:
    """All stores of a request on paper, in the person's language."""
    return on_paper(request_id, queries.steps_with_receipts(db(), person().id, request_id))


def as_file(receipt: Receipt | None, step_id: UUID) -> Response:
    """The file that proves; 404 without a receipt, 409 while the log has not taken it up yet."""
    if receipt is None:
        abort(404)
    if receipt.proof is None:
        abort(409)
    return _download(json.dumps(receipt.proof, ensure_ascii=False, indent=1).encode(), "application/json", step_id)


def on_paper(request_id: UUID, steps: Sequence[tuple[Step, Receipt | None]]) -> Response:
    """All steps of a request as PDF, in the reader's language; 404 without any."""
    if not steps:
        abort(404)
    rows = [(shown.step(step, receipt), receipt) for step, receipt in steps]
    return _download(receipt_pdf.draw(request_id, rows, str(get_locale())), "application/pdf", request_id)


def _download(data: bytes, kind: str, name: UUID) -> Response:
    ending = kind.rpartition("/")[2]
    disposition = f'attachment; filename="daylight-{name}.{ending}"'
    return Response(data, mimetype=kind, headers={"Content-Disposition": disposition})
