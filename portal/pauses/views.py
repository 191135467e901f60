"""Pause, resume, opt out: forms that post normally and answer with a redirect to where the effect shows."""

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.htmx import see_other, wants_fragment
from portal.core.web.state import db, person
from portal.pauses import actions, queries
from portal.pauses.forms import SHORTEST, PauseForm, WeeklyForm
from portal.pauses.shown import listed
from portal.policies.queries import policies
from wire.documents import Kind

bp = Blueprint("pauses", __name__)


@bp.get("/pauses")
@requires(Permission.OWN_PAUSE_CHANGE)
def pauses() -> ResponseReturnValue:
    """All pauses that hold or will hold, and every way to pause."""
    now = clock.now()
    asked = queries.pauses(db(), person().id, person().timezone, now)
    return render_template("pauses/pauses.html", pauses=listed(asked, _labels(), gettext("one device"), now))


@bp.post("/pauses")
@requires(Permission.OWN_PAUSE_CHANGE)
def pause_submit() -> ResponseReturnValue:
    """Ask for a pause that begins now."""
    form, asked = PauseForm().offer(_labels()), None
    if form.validate_on_submit():
        asked = form.asked(actions.turn(db(), person().id), ZoneInfo(person().timezone))
    if asked is None:
        template = (
            "pauses/part.html" if form.part.data or form.kinds.data or form.contexts.data else "pauses/until.html"
        )
        return _form(template, form), 422
    try:
        actions.ask(db(), person().id, asked)
    except actions.TooManyOpenError:
        form.length.errors = [_too_many()]
        return _form("pauses/part.html", form), 409
    return _now()


@bp.post("/pauses/resume")
@requires(Permission.OWN_PAUSE_CHANGE)
def resume_submit() -> ResponseReturnValue:
    """End every pause that holds now."""
    actions.end_current(db(), person().id, person().timezone, clock.now())
    return _now()


@bp.post("/pauses/<uuid:pause_id>/end")
@requires(Permission.OWN_PAUSE_CHANGE)
def end_submit(pause_id: UUID) -> ResponseReturnValue:
    """End one pause, or take back one that has not begun."""
    if actions.end(db(), person().id, pause_id, clock.now()) is None:
        abort(404)
    return see_other(url_for("pauses.pauses"))


@bp.get("/pauses/until")
@requires(Permission.OWN_PAUSE_CHANGE)
def until() -> ResponseReturnValue:
    """The form for a moment."""
    return _form("pauses/until.html", PauseForm().offer(_labels()))


@bp.get("/pauses/part")
@requires(Permission.OWN_PAUSE_CHANGE)
def part() -> ResponseReturnValue:
    """The form for some kinds or apps."""
    return _form("pauses/part.html", PauseForm().offer(_labels()))


@bp.get("/pauses/opt-out")
@requires(Permission.OWN_PAUSE_CHANGE)
def opt_out() -> ResponseReturnValue:
    """Says what opting out does."""
    return render_template("pauses/opt_out.html")


@bp.get("/pauses/weekly")
@requires(Permission.OWN_PAUSE_CHANGE)
def weekly() -> ResponseReturnValue:
    """The form for every week."""
    return _form("pauses/weekly.html", WeeklyForm().offer(_labels()))


@bp.post("/pauses/weekly")
@requires(Permission.OWN_PAUSE_CHANGE)
def weekly_submit() -> ResponseReturnValue:
    """Ask for a pause each week."""
    form = WeeklyForm().offer(_labels())
    if not form.validate_on_submit():
        return _form("pauses/weekly.html", form), 422
    try:
        actions.ask(db(), person().id, form.asked(actions.turn(db(), person().id)))
    except actions.TooManyOpenError:
        form.weekday.errors = [_too_many()]
        return _form("pauses/weekly.html", form), 409
    return see_other(url_for("pauses.pauses"))


def _now() -> ResponseReturnValue:
    """Lead to where the devices answer: htmx gets the fragment of the first page by following the redirect."""
    return redirect(url_for("home.state" if wants_fragment() else "home.now"), 303)


def _too_many() -> str:
    words: str = gettext(
        "You have %(number)s open pauses, and there cannot be more. End one on the page “Pauses” first. "
        "Pausing everything always works.",
        number=actions.MOST_OPEN,
    )
    return words


def _labels() -> dict[str, str]:
    """The apps and sites that can be paused: id → name."""
    return policies(db(), person().id).labels()


def _form(template: str, form: PauseForm | WeeklyForm) -> str:
    soonest = (clock.now() + SHORTEST).astimezone(ZoneInfo(person().timezone))
    return render_template(
        template,
        form=form,
        kinds=[str(kind) for kind in Kind],
        contexts=form.offered,
        earliest=soonest.strftime("%Y-%m-%dT%H:%M"),
    )
