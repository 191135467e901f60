"""/exports: order everything about oneself, see how far it is, download it. The vault alone opens anything."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.capture.opening import TICKET_COOKIE
from portal.core import clock
from portal.core.permissions import Permission
from portal.core.vault_client import NoArchive, TicketRefused, VaultClient, VaultUnavailable
from portal.core.web.guard import requires
from portal.core.web.htmx import render, see_other
from portal.core.web.pages import language
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import db, person
from portal.core.web.vault import vault_client
from portal.exports import actions, queries
from portal.exports.forms import EVERYTHING, RANGE, ChoiceError, read_choice, read_moment, read_request
from portal.exports.models import ExportOrder
from portal.exports.rules import OPEN, state
from portal.exports.shown import shown
from wire.documents import Kind

bp = Blueprint("exports", __name__)
T = TypeVar("T")


@bp.get("/exports")
@requires(Permission.OWN_DATA_READ)
def exports() -> ResponseReturnValue:
    """What to export, and the exports there are."""
    return _page({"scope": RANGE if "from" in request.args else EVERYTHING, "stores": True}, ())


@bp.post("/exports")
@requires(Permission.OWN_CONTENT_OPEN)
def order_submit() -> ResponseReturnValue:
    """Order an export; while one is being made, that one is shown."""
    try:
        chosen = read_choice(request.form, ZoneInfo(person().timezone))
    except ChoiceError as error:
        given = {"scope": request.form.get("scope", EVERYTHING), "stores": "stores" in request.form}
        return _page(given, error.fields), 400
    told = {"language": language(), "timezone": person().timezone}
    made = _ask(lambda vault, ticket: actions.order(vault, ticket, chosen, **told))
    if made is None:
        return see_other(url_for("exports.exports"))
    if not made.made:
        flash(gettext("Another export of yours is still being made. This is it; you can cancel it."), "info")
    return see_other(url_for("exports.export", export_id=made.id))


@bp.get("/exports/<uuid:export_id>")
@requires(Permission.OWN_DATA_READ)
def export(export_id: UUID) -> ResponseReturnValue:
    """One export: how far it is, and the download."""
    row = _own(export_id)
    told = shown(row, queries.stores(db(), person().id, export_id), clock.now())
    return render("exports/export.html", "exports/_state.html", export=told)


@bp.post("/exports/<uuid:export_id>/cancel")
@requires(Permission.OWN_REQUEST_CHANGE)
def cancel_submit(export_id: UUID) -> ResponseReturnValue:
    """End an export, and have its archive deleted."""
    _own(export_id)
    if actions.cancel(db(), person().id, export_id, clock.now()):
        flash(gettext("The export is ended. Its archive cannot be opened any more, and is deleted."), "success")
    else:
        flash(gettext("This export had ended already."), "info")
    return see_other(url_for("exports.export", export_id=export_id))


@bp.post("/exports/<uuid:export_id>/download")
@requires(Permission.OWN_CONTENT_OPEN)
def download_submit(export_id: UUID) -> ResponseReturnValue:
    """The archive, streamed from the vault to the browser; nothing of it is kept on the way."""
    row = _own(export_id)
    try:
        stream = _ask(lambda vault, ticket: vault.download(ticket, export_id))
    except NoArchive:
        flash(gettext("This archive is not there any more. Order it again."), "warning")
        stream = None
    if stream is None:
        return see_other(url_for("exports.export", export_id=export_id))
    answer = Response(stream_with_context(iter(stream)), mimetype="application/zip")
    answer.call_on_close(stream.close)
    day = clock.local_day(row.ordered_at, ZoneInfo(person().timezone)).isoformat()
    answer.headers["Content-Disposition"] = f'attachment; filename="daylight-{day}.zip"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Content-Length"] = str(stream.size)
    return answer


def _page(given: dict[str, object], wrong: tuple[str, ...]) -> str:
    page, now = page_number(), clock.now()
    rows, more = queries.orders(db(), person().id, page)
    zone = ZoneInfo(person().timezone)
    values = request.form if request.method == "POST" else request.args
    times = {name: read_moment(values.get(name, ""), zone) for name in ("from", "to")}
    return render_template(
        "exports/exports.html",
        exports=[shown(row, (), now) for row in rows],
        running=next((row.id for row in rows if state(row, now) in OPEN), None),
        form=given
        | {name: "" if at is None else at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") for name, at in times.items()}
        | {"kinds": [kind for kind in values.getlist("kind") if kind in set(Kind)] or list(Kind)}
        | {"request": str(read_request(values) or "")},
        wrong=wrong,
        **page_links(page, more=more),
    )


def _own(export_id: UUID) -> ExportOrder:
    row = queries.order(db(), person().id, export_id)
    if row is None:
        abort(404)
    return row


def _ask(question: Callable[[VaultClient, str], T]) -> T | None:
    """The vault's answer; None, and told to the person, when it cannot be asked now."""
    again = gettext("Your content can be opened only after a fresh sign-in. Sign out, then in again.")
    ticket = request.cookies.get(TICKET_COOKIE)
    if not ticket:
        flash(again, "warning")
        return None
    try:
        return question(vault_client(), ticket)
    except TicketRefused:
        flash(again, "warning")
    except VaultUnavailable:
        flash(gettext("The vault does not answer. See here what holds now, and try again in a minute."), "warning")
    return None
