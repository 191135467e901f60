"""/officer/stores: every external store, whether it answers, and who answers for it."""

from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.audit.actions import record
from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.state import Desk, db, person
from portal.owners import queries, rules
from portal.sources.actions import set_owner
from portal.sources.models import Source
from portal.sources.rules import address_problem

bp = Desk("officer_stores", __name__, login="web_officer", url_prefix="/officer/stores")


@bp.get("")
@requires(Permission.OFFICER_DESK_READ)
def stores() -> ResponseReturnValue:
    """Every store."""
    return _page()


@bp.post("/<uuid:source_id>/owner")
@requires(Permission.OFFICER_STORE_CHANGE)
def owner_submit(source_id: UUID) -> ResponseReturnValue:
    """Name who answers for it; an empty field names nobody."""
    source = db().get(Source, source_id)
    if source is None:
        abort(404)
    typed = request.form.get("owner", "").strip()
    if typed and address_problem(typed):
        return _page(source_id, typed), 422
    set_owner(db(), source_id, typed or None, clock.now())
    me = person().id
    record(db(), "source.owner_set", actor=me, employee=me, role="privacy_officer", about=source_id)
    if typed:
        said = gettext("%(owner)s answers for %(store)s from now on.", owner=typed, store=source.name)
    else:
        said = gettext("Nobody answers for %(store)s any more.", store=source.name)
    flash(said, "success")
    return see_other("/officer/stores")


def _page(wrong: UUID | None = None, typed: str = "") -> str:
    return render_template(
        "owners/stores.html",
        stores=queries.stores(db()),
        hours=int(rules.PATIENCE.total_seconds() // 3600),
        wrong=wrong,
        typed=typed,
    )
