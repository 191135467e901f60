"""/incidents: say that something is wrong, and follow the answer. /officer/incidents answers; the council reads."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access_log import room
from portal.capture import queries as captured
from portal.capture.models import Segment
from portal.core import clock
from portal.core.permissions import Permission
from portal.core.plain import plain
from portal.core.web.guard import limited, requires
from portal.core.web.htmx import see_other
from portal.core.web.paging import page_links, page_number
from portal.core.web.state import Desk, db, person
from portal.incidents import actions, queries, words
from portal.incidents.models import Grave, What
from portal.policies.queries import every_policy, policies

bp = Blueprint("incidents", __name__)
officer = Desk("officer_incidents", __name__, login="web_officer", url_prefix="/officer/incidents")
council = Desk("council_incidents", __name__, login="web_council", url_prefix="/council/incidents")
LEAST, MOST = 10, 4000
TOO_MANY, UNPROCESSABLE, CONFLICT = 429, 422, 409
EMPTY: Final = dict.fromkeys(("what", "grave", "text", "on_day", "named", "council", "item", "day"), "")


@dataclass
class Said:
    """What the form said, and what is wrong with it by field; `item`: the own item that it is about."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    item: Segment | None = None
    on_day: date | None = None

    def row(self) -> dict[str, Any]:
        """The row of a valid form."""
        made = {"what": What(self.values["what"]), "grave": Grave(self.values["grave"]), "text": self.values["text"]}
        about = {"segment_id": self.item.id, "started_at": self.item.started_at} if self.item else {}
        answers = {"named": self.values["named"] == "yes", "council": self.values["council"] == "yes"}
        return made | about | answers | {"on_day": self.on_day}


@bp.get("/incidents")
@requires(Permission.OWN_REQUEST_READ)
def incidents() -> ResponseReturnValue:
    """What the person said is wrong, with its answers, and the form; `item` and `day`: about an own item."""
    given = {name: request.args.get(name, "") for name in ("item", "day")}
    if given["item"] and _item(given) is None:
        abort(404)
    return _page(Said(EMPTY | given | {"what": What.CAPTURED, "grave": Grave.WRONG, "named": "no"}, item=_item(given)))


@bp.post("/incidents")
@requires(Permission.OWN_INCIDENT_RAISE)
@limited("20/minute")
def incident_submit() -> ResponseReturnValue:
    """Raise it."""
    said = _said()
    if said.errors:
        return _page(said), UNPROCESSABLE
    if actions.put(db(), person().id, said.row(), clock.now()) is None:
        said.errors["text"] = gettext(
            "You raised %(most)s within a day. Add what is new tomorrow, or call the privacy officer.",
            most=actions.A_DAY,
        )
        return _page(said), TOO_MANY
    flash(
        gettext("Raised. Within a minute it stands on the privacy officer's first page; you read the answer here."),
        "success",
    )
    return see_other(url_for("incidents.incidents"))


@bp.post("/incidents/<uuid:incident>/end")
@requires(Permission.OWN_INCIDENT_RAISE)
def incident_end_submit(incident: UUID) -> ResponseReturnValue:
    """Take it back while it was not answered."""
    found = queries.open_one(db(), person().id, incident)
    if found is None:
        abort(404)
    actions.take_back(db(), found, clock.now())
    flash(gettext("Taken back."), "success")
    return see_other(url_for("incidents.incidents"))


@officer.get("")
@requires(Permission.OFFICER_DESK_READ)
def raised() -> ResponseReturnValue:
    """What employees say is wrong, what waits for an answer first."""
    return _desk()


@officer.post("/<uuid:incident>/answer")
@requires(Permission.OFFICER_INCIDENT_ANSWER)
def answer_submit(incident: UUID) -> ResponseReturnValue:
    """Answer it; its person is told."""
    given = plain(request.form.get("answer", ""))
    if not LEAST <= len(given) <= MOST:
        problem = gettext("Between %(min)d and %(max)d characters, please.", min=LEAST, max=MOST)
        return _desk(incident, given, problem), UNPROCESSABLE
    if not actions.answer(db(), incident, given):
        why = gettext("This was answered or taken back meanwhile, or it is your own: then a colleague answers.")
        flash(why, "error")
        return _desk(), CONFLICT
    flash(gettext("Answered. The employee is told."), "success")
    return see_other(url_for("officer_incidents.raised"))


@council.get("")
@requires(Permission.COUNCIL_DESK_READ)
def told() -> ResponseReturnValue:
    """What employees gave the works council to read: never who, and of when only the month. The look is noted."""
    room.note(db(), room.INCIDENTS)
    return render_template("incidents/told.html", told=queries.told(db()), what=words.WHAT, grave=words.GRAVE)


def _desk(about: UUID | None = None, given: str = "", problem: str = "") -> str:
    page = page_number()
    found, more = queries.raised(db(), page)
    labels = {context.id: context.name for policy in every_policy(db()) for context in policy.contexts}
    return render_template(
        "incidents/raised.html", found=found, labels=labels, what=words.WHAT, grave=words.GRAVE, about=about,
        given=given, problem=problem, most=MOST, **page_links(page, more=more),
    )  # fmt: skip


def _said() -> Said:
    said = Said({name: plain(request.form.get(name, "")) for name in EMPTY})
    said.values["text"] = said.values["text"].replace("\r\n", "\n")
    if said.values["what"] not in set(What):
        said.errors["what"] = gettext("Choose one of these.")
    if said.values["grave"] not in set(Grave):
        said.errors["grave"] = gettext("Choose one of these.")
    if said.values["named"] not in {"yes", "no"}:
        said.errors["named"] = gettext("Choose one of the two.")
    if not LEAST <= len(said.values["text"]) <= MOST:
        said.errors["text"] = gettext("Between %(min)d and %(max)d characters, please.", min=LEAST, max=MOST)
    try:
        said.on_day = clock.read_day(said.values["on_day"]) if said.values["on_day"] else None
    except ValueError:
        said.errors["on_day"] = gettext("Choose a day.")
    said.item = _item(said.values)
    if said.values["item"] and said.item is None:
        abort(404)
    return said


def _item(given: dict[str, str]) -> Segment | None:
    """The person's own item that is named, None for anything else."""
    try:
        return captured.item(db(), person().id, clock.read_day(given["day"]), UUID(given["item"]))
    except ValueError:
        return None


def _page(said: Said) -> str:
    labels = policies(db(), person().id).labels()
    found = said.item
    return render_template(
        "incidents/incidents.html",
        own=queries.own(db(), person().id),
        item=None if found is None else {
            "kind": found.kind, "context": labels.get(found.context, found.context), "start": found.started_at,
            "end": found.ended_at,
        },
        what=words.WHAT, grave=words.GRAVE, typed=said.values, errors=EMPTY | said.errors, most=MOST,
        may_raise=person().may(Permission.OWN_INCIDENT_RAISE),
    )  # fmt: skip
