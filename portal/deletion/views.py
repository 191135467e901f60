"""Deleting a range by oneself: a preview, hidden at once, an undo for ten minutes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.capture.pages import list_url
from portal.core import clock
from portal.core.clock import local_day
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person
from portal.deletion import actions, queries
from portal.deletion.actions import Range, Undone
from portal.deletion.forms import RangeError, hidden_fields, read_range
from portal.policies.queries import policies
from portal.sources import queries as places
from portal.sources.models import DatasetState

bp = Blueprint("deletion", __name__)


@bp.get("/requests/delete")
@requires(Permission.OWN_DATA_DELETE)
def delete() -> ResponseReturnValue:
    """What a deletion would do, before it is done."""
    if "chosen" in request.args and "item" not in request.args:
        return _nothing_chosen(request.args.get("day", ""))
    try:
        chosen = read_range(request.args, clock.now(), ZoneInfo(person().timezone))
    except RangeError:
        abort(400)
    allowed = _allowed(chosen, clock.now())
    kinds, kept = actions.preview(db(), person().id, allowed), actions.preview_held(db(), person().id, allowed)
    items = sum(kinds.values())
    others = _others()
    return render_template(
        "deletion/delete.html",
        asked=_asked(allowed if items else chosen),
        items=items,
        kept=kept,
        holds=_holds(allowed) if kept else [],
        elsewhere=others,
        **_counted(allowed, kinds, kept, others),
        too_old=_too_old(chosen, allowed),
        ask=url_for("asking.new", type="erase", **_older(chosen, allowed)),
        ask_all=url_for("asking.new", type="erase", **dict[str, Any](hidden_fields(chosen))),
        ask_stretch=url_for("asking.new", type="erase", **dict[str, Any](hidden_fields(replace(chosen, segments=())))),
        fields=hidden_fields(allowed),
        back=url_for("capture.day", day=local_day(chosen.starts_at, ZoneInfo(person().timezone)).isoformat()),
    )


def _asked(chosen: Range) -> dict[str, Any]:
    names = policies(db(), person().id).labels()
    return {
        "starts": chosen.starts_at,
        "ends": chosen.ends_at,
        "kinds": chosen.kinds,
        "contexts": [names.get(context, context) for context in chosen.contexts],
        "sensitivities": chosen.sensitivities,
        "chosen": len(chosen.segments),
    }


def _counted(allowed: Range, kinds: Mapping[str, int], kept: int, others: int) -> dict[str, Any]:
    """How much would go and stay, by kind and by store; a number with the list of what it counts where there is one."""
    narrowed = {"context": allowed.contexts, "sensitivity": [str(level) for level in allowed.sensitivities]}
    listed = partial(list_url, allowed.starts_at, allowed.ends_at, ZoneInfo(person().timezone), **narrowed)
    own, items = gettext("Daylight's own store"), sum(kinds.values())
    stores = [{"name": own, "items": items, "url": listed(kind=allowed.kinds), "what": "goes", "why": ""}]
    if kept:
        stores.append(
            {"name": own, "items": kept, "url": "", "what": "stays", "why": gettext("A legal hold keeps it.")}
        )
    if others:
        name = ngettext("%(num)s other store", "%(num)s other stores", others)
        stores.append(
            {"name": name, "items": None, "url": "", "what": "stays", "why": gettext("Not touched from here.")}
        )
    return {"kinds": [(kind, number, listed(kind=[kind])) for kind, number in kinds.items()], "stores": stores}


def _holds(allowed: Range) -> list[dict[str, Any]]:
    """Why something stays for now, and how long at most."""
    return [{"reason": one.reason, "until": one.expires_at} for one in actions.keeping(db(), person().id, allowed)]


def _others() -> int:
    """How many stores elsewhere may hold copies; only a stretch of time can be asked for there."""
    return len(places.places(db(), DatasetState.USABLE))


def _too_old(chosen: Range, allowed: Range) -> int:
    """How many items are older than what may be deleted by oneself, held ones among them."""
    older = replace(chosen, ends_at=min(chosen.ends_at, allowed.starts_at))
    if older.starts_at >= older.ends_at:
        return 0
    return sum(actions.preview(db(), person().id, older).values()) + actions.preview_held(db(), person().id, older)


@bp.post("/requests/delete")
@requires(Permission.OWN_DATA_DELETE)
def delete_submit() -> ResponseReturnValue:
    """Hide what was previewed at once; it is erased after ten minutes."""
    now = clock.now()
    try:
        chosen = read_range(request.form, now, ZoneInfo(person().timezone))
    except RangeError:
        abort(400)
    allowed = _allowed(chosen, now)
    erasure = actions.erase(db(), person().id, allowed, now)
    kept = actions.preview_held(db(), person().id, allowed)
    if erasure is None and not kept:
        flash(gettext("There was nothing left to delete."), "info")
    if erasure is not None:
        flash(
            ngettext(
                "%(num)s item is hidden. You can undo it for 10 minutes.",
                "%(num)s items are hidden. You can undo it for 10 minutes.",
                erasure.items,
            ),
            "success",
        )
    if kept:
        told = ngettext(
            "%(num)s item stays: a legal hold keeps it.", "%(num)s items stay: a legal hold keeps them.", kept
        )
        flash(told, "warning")
    if _others():
        flash(gettext("Copies in other stores were not touched. Send HR a request to have them deleted, too."), "info")
    return see_other(url_for("requests.requests"))


@bp.post("/requests/deletions/<uuid:erasure_id>/undo")
@requires(Permission.OWN_DATA_DELETE)
def undo_submit(erasure_id: UUID) -> ResponseReturnValue:
    """Bring back what a deletion hid."""
    if not queries.exists(db(), person().id, erasure_id):
        abort(404)
    undone = actions.undo(db(), person().id, erasure_id, clock.now())
    if undone is None:
        flash(gettext("It is too late to undo this: the ten minutes are over, or it was undone already."), "warning")
    elif undone.stays:
        _say_what_stays(undone)
    else:
        flash(gettext("Everything is back."), "success")
    return see_other(url_for("requests.requests"))


def _say_what_stays(undone: Undone) -> None:
    """Another deletion of the person covers some of it, too."""
    if undone.back:
        flash(ngettext("%(num)s item is back.", "%(num)s items are back.", undone.back), "success")
    stays = ngettext(
        "%(num)s item stays hidden: another deletion of yours covers it. Undo that, too, to have it back.",
        "%(num)s items stay hidden: another deletion of yours covers them. Undo that, too, to have them back.",
        undone.stays,
    )
    flash(stays, "warning")


def _nothing_chosen(day: str) -> ResponseReturnValue:
    """Back to the list: without a tick this must not mean the whole day."""
    flash(gettext("Tick the items first that you mean."), "warning")
    return see_other(url_for("capture.day", day=day or local_day(clock.now(), ZoneInfo(person().timezone)).isoformat()))


def _older(chosen: Range, allowed: Range) -> dict[str, Any]:
    """The query that asks HR for the part that is too old to delete by oneself."""
    return dict(hidden_fields(replace(chosen, ends_at=min(chosen.ends_at, allowed.starts_at))))


def _allowed(chosen: Range, now: datetime) -> Range:
    """The part of the range that lies inside the self-service window of the policy."""
    starts = max(chosen.starts_at, policies(db(), person().id).self_service_since(now))
    return replace(chosen, starts_at=starts, ends_at=max(chosen.ends_at, starts))
