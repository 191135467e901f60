"""What a request leaves to people: owners of stores to be asked, recipients to be told, stores to be tried again."""

from uuid import UUID

from flask import abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.state import db
from portal.deletion import queries as deletion
from portal.hr import actions, shown
from portal.hr.actions import Seen
from portal.hr.desk import bp, text
from portal.hr.models import Sort, StoreTask
from portal.hr.queries import Case
from portal.hr.request_page import acted, offers
from portal.requests.models import Request


@bp.post("/requests/<int:number>/tasks")
@requires(Permission.HR_REQUEST_CHANGE)
def task_submit(number: int) -> ResponseReturnValue:
    """Ask the owner of a store, or a recipient of the data."""
    given = {name: text(name) for name in ("sort", "store", "owner", "words")}
    if given["sort"] not in set(Sort):
        abort(400)

    def give(case: Case, by: Seen) -> StoreTask:
        if not offers(case)["task"]:
            raise LookupError("not decided")
        return actions.give_task(db(), case, by, given)

    done = gettext("Noted. Tell them outside of Daylight, and write down here how you know that it is done.")
    return acted(number, "task", give, done)


@bp.post("/requests/<int:number>/tasks/<uuid:task_id>/chase")
@requires(Permission.HR_REQUEST_CHANGE)
def task_chase_submit(number: int, task_id: UUID) -> ResponseReturnValue:
    """Note that they were reminded."""

    def chase(case: Case, by: Seen) -> StoreTask:
        return actions.chase(db(), case, by, task_id)

    return acted(number, "task", chase, gettext("Noted that you reminded them."))


@bp.post("/requests/<int:number>/tasks/<uuid:task_id>/done")
@requires(Permission.HR_REQUEST_CHANGE)
def task_done_submit(number: int, task_id: UUID) -> ResponseReturnValue:
    """It is done, by this proof."""

    def finish(case: Case, by: Seen) -> StoreTask:
        return actions.finish_task(db(), case, by, task_id, text("proof"))

    return acted(number, "task", finish, gettext("Noted, with the proof."))


@bp.post("/requests/<int:number>/steps/<uuid:step_id>/retry")
@requires(Permission.HR_REQUEST_CHANGE)
def retry_submit(number: int, step_id: UUID) -> ResponseReturnValue:
    """Have a store tried again that refused, since it was mended."""

    def retry(case: Case, by: Seen) -> Request:
        steps = deletion.steps(db(), case.request.employee_id, case.request.id)
        found = next((step for step in steps if step.id == step_id and shown.repeatable(step)), None)
        if found is None:
            raise LookupError("no step that can be tried again")
        return actions.retry(db(), case, by, found)

    done = gettext("The store is tried again within a minute. The person is told. What comes of it gets a receipt.")
    return acted(number, "retry", retry, done)
