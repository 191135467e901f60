"""/hr/requests/<number>/receipts: HR takes the receipts of somebody who has left, and hands them over.

Who has left cannot sign in. Receipts hold no name and nothing that was captured. Each download is an entry of the log.
"""

from uuid import UUID

from flask import Response, abort

from portal.audit.actions import record
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.state import db
from portal.deletion import queries as deletion
from portal.deletion import receipt_views
from portal.hr.desk import actor, bp, case_or_404
from portal.hr.queries import Case


@bp.get("/requests/<int:number>/receipts/<uuid:step_id>.json")
@requires(Permission.HR_REQUEST_READ)
def receipt_json(number: int, step_id: UUID) -> Response:
    """The receipt of one store, as `verify_receipt.py` reads it; 409 while the log has not taken it up yet."""
    case = _of_a_leaver(number)
    found = deletion.receipts(db(), case.request.employee_id, case.request.id).get(step_id)
    answer = receipt_views.as_file(found, step_id)
    _log(case, "file", str(step_id))
    return answer


@bp.get("/requests/<int:number>/receipt.pdf")
@requires(Permission.HR_REQUEST_READ)
def receipt_pdf_file(number: int) -> Response:
    """All stores of the request on paper, in the reader's language."""
    case = _of_a_leaver(number)
    steps = deletion.steps_with_receipts(db(), case.request.employee_id, case.request.id)
    answer = receipt_views.on_paper(case.request.id, steps)
    _log(case, "paper")
    return answer


def _of_a_leaver(number: int) -> Case:
    """404 also for whoever can sign in: they have the receipts on a page of their own."""
    case = case_or_404(number)
    if case.who.left_at is None:
        abort(404)
    return case


def _log(case: Case, form: str, step: str = "") -> None:
    """Whoever was erased, and has no name any more, is not named in the log anew."""
    person = case.request.employee_id if case.who.name else None
    taken = {"form": form} | ({"step": step} if step else {})
    record(db(), "receipt.taken", actor=actor().id, role="hr", employee=person, about=case.request.id, **taken)
