"""Stop for all: the history, the confirmed act, the live page of one stop, and its end by two signatures."""

from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.web.htmx import see_other
from portal.core.web.state import db
from portal.policies.queries import trusted
from portal.signing import uploaded
from portal.stops import actions, forms, queries, shown
from portal.stops.desk import address, change, read, side, stop_or_404
from portal.stops.rules import SignaturesRefusedError
from wire.stopping import Resume

CONFLICT, UNPROCESSABLE = 409, 422


def stops() -> ResponseReturnValue:
    """All stops, those in force on top."""
    rows = queries.stops(db())
    return render_template(
        "stops/stops.html",
        open=[shown.line(row) for row in rows if row.resumed_at is None],
        over=[shown.line(row) for row in rows if row.resumed_at is not None],
        to_new=address("new"),
    )


def new() -> ResponseReturnValue:
    """Whom to stop, and why."""
    return _form(forms.read())


def check_submit() -> ResponseReturnValue:
    """What the stop would do, before it is done."""
    asked = forms.read()
    problems = forms.problems(asked, queries.places(db()))
    if problems:
        return _form(asked, problems), UNPROCESSABLE
    return render_template(
        "stops/confirm.html", asked=asked, whom=shown.audience(asked.audience), to_stop=address("stop_submit"),
        to_new=address("new"),
    )  # fmt: skip


def stop_submit() -> ResponseReturnValue:
    """The act itself."""
    asked = forms.read()
    problems = forms.problems(asked, queries.places(db()))
    if problems:
        return _form(asked, problems), UNPROCESSABLE
    row, begun = actions.begin(db(), asked.audience, asked.reason, clock.now())
    if not begun:
        flash(gettext("These people are stopped already, by this stop. Nothing was changed."), "info")
    return see_other(address("one", stop_id=row.id))


def one(stop_id: UUID) -> ResponseReturnValue:
    """One stop: how it takes effect, who is not reached, how it ends."""
    return render_template("stops/one.html", fragment=False, **shown.page(stop_or_404(stop_id)))


def effect(stop_id: UUID) -> ResponseReturnValue:
    """The part of that page which changes, asked for each second while a device may still be recording."""
    return render_template("stops/_effect.html", fragment=True, **shown.progress(stop_or_404(stop_id)))


def resume_submit(stop_id: UUID) -> ResponseReturnValue:
    """Signatures for the end of the stop, as a file or as text."""
    row, trust = stop_or_404(stop_id, change=True), trusted(db(), hold=True)
    given = uploaded.signed(Resume.TYPE)
    try:
        if trust is None or not given:
            raise SignaturesRefusedError(forms.MISSING)
        actions.sign_end(db(), row, given, trust, clock.now())
    except SignaturesRefusedError as error:
        page = shown.page(row, problem=forms.sentence(error.why), given=request.form.get("signed", ""))
        return render_template("stops/one.html", fragment=False, **page), UNPROCESSABLE
    if row.resumed_at is not None:
        flash(gettext("Both have signed. Devices are told now, and record again as their policy says."), "success")
    else:
        flash(gettext("The signature is kept. The list shows who still has to sign."), "success")
    return see_other(address("one", stop_id=stop_id))


def _form(asked: forms.Asked, problems: dict[str, str] | None = None) -> str:
    places = {axis: [(name, name) for name in names] for axis, names in queries.places(db()).items()}
    return render_template(
        "stops/new.html", asked=asked, problems=problems or {}, places=places,
        to_check=address("check_submit"), to_list=address("stops"), names_devices=side().names_devices,
    )  # fmt: skip


read("", stops)
change("/new", new, method="GET")
change("/check", check_submit)
change("", stop_submit)
read("/<uuid:stop_id>", one)
read("/<uuid:stop_id>/effect", effect)
change("/<uuid:stop_id>/resume", resume_submit)
