"""How many people a number stands for: who decided it, for everybody; the council proposes and signs another."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from flask import Response, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import fresh, requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db, person, settings
from portal.council import groupings, looking
from portal.council.desk import READERS, Readers, bp, here
from portal.council.forms import Typed
from portal.council.groupings import Refused, SignatureRefusedError
from portal.council.models import What
from portal.policies.queries import trust, trusted
from portal.releases.grouping import next_quarter, people_in
from portal.releases.models import SmallestGroupRow
from portal.releases.periods import quarter
from portal.signing import bundle, uploaded
from wire import councils
from wire.documents import Trust
from wire.grouping import FLOOR, LONGEST_REASON, MOST, SmallestGroup

WHY_NOT: Final = {
    Refused.NOT_THIS: lazy_gettext("This is not the proposal that waits here. Fetch it here, and sign that one."),
    Refused.NOT_SIGNED: lazy_gettext("There is no signature in it. Sign the file, then bring back what you get."),
    Refused.NOT_TRUSTED: lazy_gettext(
        "It was not signed by a key of the works council that is in force, or it was changed after it was signed."
    ),
    Refused.TOO_LATE: lazy_gettext("Its quarter has begun. Withdraw it, and propose the same for the next one."),
}
EMPTY: Final = {"people": "", "reason": "", "signed": ""}


def groups() -> ResponseReturnValue:
    """The number in force, who signed it, and what was before."""
    looking.note(What.GROUPS)
    return _page(Typed({}))


def _guarded(readers: Readers) -> Callable[[], ResponseReturnValue]:
    def shown_to_them() -> ResponseReturnValue:
        return groups()

    return requires(readers.permission)(shown_to_them)


for _readers in READERS:
    _readers.blueprint.add_url_rule("/smallest-group", "groups", _guarded(_readers), methods=["GET"])


@bp.post("/smallest-group")
@fresh
@requires(Permission.COUNCIL_GROUPING_CHANGE)
def group_submit() -> ResponseReturnValue:
    """Propose another number from the next quarter on."""
    typed = Typed({name: request.form.get(name, "").strip() for name in EMPTY})
    typed.values["reason"] = " ".join(typed.values["reason"].split())
    typed.length("reason", LONGEST_REASON)
    if not typed.values["reason"].isprintable():
        typed.errors["reason"] = gettext("Use letters, numbers and signs that everybody can see.")
    people, before = _number(typed), groupings.after_now(db(), clock.now(), settings().smallest_group)
    if people == before:
        typed.errors["people"] = gettext("This is the number that holds anyway.")
    if groupings.opened(db()) is not None:
        flash(gettext("Another proposal waits for signatures. Withdraw it first."), "warning")
        return _page(typed), 409
    if typed.errors or people is None:
        return _page(typed), 422
    groupings.propose(db(), person().id, people, before, typed.values["reason"], clock.now())
    flash(gettext("The proposal is written. It counts once it is signed."), "success")
    return see_other(url_for("council.groups"))


@bp.get("/smallest-group/<uuid:group>/to-sign.json")
@requires(Permission.COUNCIL_GROUPING_CHANGE)
def group_document(group: UUID) -> ResponseReturnValue:
    """The proposal with the trust document: what the signing file takes."""
    row, published = _or_404(group), trust(db())
    if published is None:
        abort(404)
    whole = bundle.written(SmallestGroup.TYPE, row.document.encode(), None, published.envelope)
    disposition = f'attachment; filename="daylight-smallest-group-{row.number}.json"'
    return Response(whole, mimetype="application/json", headers={"Content-Disposition": disposition})


@bp.post("/smallest-group/<uuid:group>/sign")
@fresh
@requires(Permission.COUNCIL_GROUPING_CHANGE)
def group_sign_submit(group: UUID) -> ResponseReturnValue:
    """A signature, as a file or as text."""
    row, given = _or_404(group), uploaded.signed(SmallestGroup.TYPE)
    try:
        if not given:
            raise SignatureRefusedError(Refused.NOT_SIGNED)
        enough = groupings.sign(db(), person().id, row, given, clock.now())
    except SignatureRefusedError as error:
        return _page(Typed({"signed": request.form.get("signed", "")}, {"signed": str(WHY_NOT[error.why])})), 422
    if enough:
        flash(gettext("Signed. It holds from the next quarter on; everybody can read it."), "success")
    else:
        flash(gettext("The signature is kept. Another member must sign, too."), "success")
    return see_other(url_for("council.groups"))


@bp.post("/smallest-group/<uuid:group>/withdraw")
@fresh
@requires(Permission.COUNCIL_GROUPING_CHANGE)
def group_withdraw_submit(group: UUID) -> ResponseReturnValue:
    """Take the proposal back."""
    groupings.withdraw(db(), person().id, _or_404(group), clock.now())
    flash(gettext("The proposal is withdrawn. Nothing changes."), "success")
    return see_other(url_for("council.groups"))


def _or_404(group: UUID) -> SmallestGroupRow:
    row = groupings.opened(db())
    if row is None or row.id != group:
        abort(404)
    return row


def _number(typed: Typed) -> int | None:
    text = typed.values["people"]
    people = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) else 0
    if FLOOR <= people <= MOST:
        return people
    typed.errors["people"] = gettext("A number from %(min)d to %(max)d, please.", min=FLOOR, max=MOST)
    return None


def _page(typed: Typed) -> str:
    told, now, first = groupings.all_of(db()), clock.now(), settings().smallest_group
    signed = groupings.signed(told)
    holds = {one.number: one for one in signed}
    held = [one for one in signed if one.starts <= quarter(now.date()).isoformat()]
    return render_template(
        "council/groups.html",
        desk=here(),
        people=people_in(quarter(now.date()), signed, first),
        by=next((one for one in told if held and one.row.number == max(held, key=lambda one: one.number).number), None),
        coming=next((one for one in told if one.row.number in holds and one.row.starts > now.date()), None),
        waits=next((one for one in told if not one.row.signed_at and not one.row.withdrawn_at), None),
        history=groupings.history(told),
        forged=[one.row.number for one in told if one.forged],
        quorum=councils.quorum(trusted(db()) or Trust(0, 0, ())),
        next_day=next_quarter(now),
        floor=FLOOR,
        most=MOST,
        typed=EMPTY | typed.values,
        errors=EMPTY | typed.errors,
    )
