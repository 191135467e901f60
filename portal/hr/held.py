"""Legal holds: on what a request is about, with ground, reason and end; released, the erasure opens again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import fresh, requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person
from portal.deletion import holding
from portal.deletion.holding import NewHold
from portal.hr import actions, queries, words
from portal.hr.desk import CONFLICT, UNPROCESSABLE, actor, bp, case_or_404, seen, text, tried
from portal.hr.queries import Case
from portal.hr.request_page import offers, shown_case
from portal.laws import words as law_words
from portal.laws.book import law
from portal.notifications.actions import tell
from portal.policies.queries import policies

LONGEST_HOLD = timedelta(days=366 * 3)
MOST_SHOWN = 200


@bp.get("/held")
@requires(Permission.HR_DESK_READ)
def held() -> ResponseReturnValue:
    """Every hold in force, what ends first on top."""
    found = queries.holds(db(), clock.now(), MOST_SHOWN + 1)
    labels = policies(db(), person().id).labels() if any(hold.contexts for hold, _ in found) else {}
    return render_template(
        "hr/held.html",
        holds=[_shown(hold, name, labels) for hold, name in found[:MOST_SHOWN]],
        more=len(found) > MOST_SHOWN,
    )


@bp.get("/requests/<int:number>/hold")
@fresh
@requires(Permission.HR_HOLD_CHANGE)
def hold(number: int) -> ResponseReturnValue:
    """The form of a hold on what the request is about."""
    case = case_or_404(number)
    return _page(case) if offers(case)["hold"] else see_other(url_for("hr.one", number=number))


@bp.post("/requests/<int:number>/hold")
@fresh
@requires(Permission.HR_HOLD_CHANGE)
def hold_submit(number: int) -> ResponseReturnValue:
    """Set the hold; the person is told that there is one, and until when."""
    case, by = case_or_404(number), seen()
    new, problem = _read(case, by.now)
    if new is None:
        return _page(case, problem), UNPROCESSABLE
    stale = tried(lambda: actions.hold(db(), case, by, new))
    if stale:
        return _page(case, stale), CONFLICT
    flash(gettext("The hold is set. Nothing that it covers is deleted before it ends."), "success")
    return see_other(url_for("hr.one", number=number))


@bp.get("/holds/<uuid:hold_id>/release")
@fresh
@requires(Permission.HR_HOLD_CHANGE)
def release(hold_id: UUID) -> ResponseReturnValue:
    """What releasing a hold does."""
    found = queries.hold(db(), hold_id)
    if found is None:
        abort(404)
    row, name = found
    labels = policies(db(), person().id).labels() if row.contexts else {}
    return render_template("hr/release.html", hold=_shown(row, name, labels), ended=_ended(row, clock.now()))


@bp.post("/holds/<uuid:hold_id>/release")
@fresh
@requires(Permission.HR_HOLD_CHANGE)
def release_submit(hold_id: UUID) -> ResponseReturnValue:
    """Release it; the worker opens again what it kept from being deleted."""
    if queries.hold(db(), hold_id) is None:
        abort(404)
    released = holding.release_hold(db(), hold_id, actor().id or person().id, clock.now())
    if released is None:
        flash(gettext("This hold had ended before. Nothing was changed."), "info")
    else:
        tell(db(), released.employee_id, "hold_released", f"hold_released:{hold_id}")
        flash(gettext("Released. What it kept from being deleted is deleted now."), "success")
    return see_other(url_for("hr.held"))


def _page(case: Case, problem: str = "") -> str:
    grounds = law(case.request.law).grounds_to_keep()
    return render_template(
        "hr/hold.html",
        problem=problem,
        kept={name: text(name) for name in ("ground", "words", "from", "to", "expires")},
        kept_kinds=request.form.getlist("kinds"),
        grounds=[(one.code, f"{law_words.said(one.name)} ({law_words.article(one.article)})") for one in grounds],
        kinds=[(slug, str(name)) for slug, name in words.KINDS.items()],
        **shown_case(case),
    )


def _read(case: Case, now: datetime) -> tuple[NewHold | None, str]:
    """The hold of the form, or why there is none."""
    zone = ZoneInfo(person().timezone)
    starts, ends, expires = (_midnight(text(name), zone) for name in ("from", "to", "expires"))
    if starts is None or ends is None or starts > ends:
        return None, gettext("Say from which day to which day; the first cannot be later than the last.")
    if expires is None or not now < expires <= now + LONGEST_HOLD:
        return None, gettext("Say when the hold ends: a day from tomorrow on, and within three years.")
    if text("ground") not in {one.code for one in law(case.request.law).grounds_to_keep()} or not text("words"):
        return None, gettext("A hold needs a ground of the law, and a reason in your own words.")
    kinds = tuple(kind for kind in request.form.getlist("kinds") if kind in words.KINDS)
    until = ends + timedelta(days=1)
    reason = text("words")[: actions.LONGEST]
    return NewHold(starts, until, text("ground"), reason, expires, kinds=kinds or None), ""


def _midnight(given: str, zone: ZoneInfo) -> datetime | None:
    """The begin of a day of a form in the reader's zone."""
    try:
        day = clock.read_day(given)
    except ValueError:
        return None
    return clock.to_utc(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001 - to_utc gives the zone


def _ended(row: Any, now: datetime) -> bool:
    return row.released_at is not None or row.expires_at <= now


def _shown(row: Any, name: str, labels: dict[str, str]) -> dict[str, Any]:
    """A hold in words; never what it keeps."""
    ground = next((one for code in ("gdpr", "cpra") if (one := law(code).ground(row.ground))), None)
    parts = [words.kind(one) for one in row.kinds or ()]
    parts += [labels.get(one, gettext("an app no policy names any more")) for one in row.contexts or ()]
    return {
        "id": str(row.id),
        "person": name,
        "span": words.span(row.starts_at, row.ends_at),
        "what": ", ".join(parts) or gettext("Everything in it"),
        "ground": f"{law_words.said(ground.name)} ({law_words.article(ground.article)})" if ground else row.ground,
        "reason": row.reason,
        "set_at": row.set_at,
        "expires_at": row.expires_at,
        "mine": row.set_by == person().id,
    }
