"""/hr/requests/<number>/handover: two people of HR agree to hand a copy to somebody who has left."""

from collections.abc import Callable
from typing import TypeVar

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.capture.opening import TICKET_COOKIE
from portal.core import clock
from portal.core.permissions import Permission
from portal.core.vault_client import HandoverRefused, TicketRefused, VaultUnavailable
from portal.core.vault_handovers import HandoverClient
from portal.core.web.guard import fresh, requires
from portal.core.web.htmx import see_other
from portal.core.web.state import Desk, db, person
from portal.core.web.vault import vault_client
from portal.handovers import queries, rules, words
from portal.handovers.models import Handover
from portal.hr.desk import UNPROCESSABLE, case_or_404
from portal.hr.queries import Case
from portal.requests import queries as requests
from portal.requests.copies import can_leave_out

bp = Desk("handovers", __name__, login="web_hr", url_prefix="/hr")
LONGEST = 4000
T = TypeVar("T")


@bp.get("/requests/<int:number>/handover")
@requires(Permission.HR_DECISION_CHANGE)
@fresh
def handover(number: int) -> ResponseReturnValue:
    """What was agreed and fetched, and what comes next."""
    return _page(_case(number))


@bp.post("/requests/<int:number>/handover")
@requires(Permission.HR_DECISION_CHANGE)
@fresh
def prepare_submit(number: int) -> ResponseReturnValue:
    """Say how identity was checked; the link is shown this once."""
    case, checked = _case(number), request.form.get("checked", "").strip()[:LONGEST]
    if not checked:
        return _page(case, problem=gettext("Write down how you checked who asks.")), UNPROCESSABLE
    if _too_early(case):
        return _page(case), UNPROCESSABLE
    if not _can_leave_out(case):
        return _page(case, problem=words.decided_otherwise()), UNPROCESSABLE
    made = _ask(lambda vault, ticket: vault.prepare(ticket, case.request.id, checked))
    if made is None:
        return see_other(url_for("handovers.handover", number=number))
    return _page(case, link=url_for("pickup.pickup", token=made[1], _external=True))


@bp.post("/requests/<int:number>/handover/approve")
@requires(Permission.HR_DECISION_CHANGE)
@fresh
def approve_submit(number: int) -> ResponseReturnValue:
    """Agree; the release code is shown this once."""
    case, one = _case(number), _standing(number)
    code = _ask(lambda vault, ticket: vault.approve(ticket, one.id))
    if code is None:
        return see_other(url_for("handovers.handover", number=number))
    return _page(case, code=code)


@bp.post("/requests/<int:number>/handover/revoke")
@requires(Permission.HR_DECISION_CHANGE)
@fresh
def revoke_submit(number: int) -> ResponseReturnValue:
    """End it."""
    one = _standing(number)
    if _ask(lambda vault, ticket: vault.revoke(ticket, one.id)):
        flash(gettext("Ended. Link and codes open nothing any more."), "success")
    return see_other(url_for("handovers.handover", number=number))


def _page(case: Case, problem: str = "", link: str = "", code: str = "") -> str:
    db().expire_all()  # the vault wrote meanwhile, in a transaction of its own
    now = clock.now()
    rows = [_line(one, rules.state(one, now)) for one in queries.of_request(db(), case.request)]
    live = next((row for row in rows if row["slug"] in {"waiting", "claimable", "claimed"}), None)
    return render_template(
        "handovers/handover.html",
        number=case.request.number,
        name=case.who.name,
        rows=rows,
        live=live,
        early=_too_early(case),
        opens=rules.opens(case.who.left_at),
        mine=bool(live and live["by"] == person().id),
        checked=request.form.get("checked", "") if problem else "",
        problem=problem,
        link=link,
        code=code,
    )


def _too_early(case: Case) -> bool:
    opens = rules.opens(case.who.left_at)
    return opens is None or clock.now() < opens


def _can_leave_out(case: Case) -> bool:
    """Whether what was decided can be handed over: not all that HR could once leave out."""
    decided = requests.decision(db(), case.request)
    counted = [(one.store, one.kind) for one in requests.counts(db(), case.request)]
    return can_leave_out((decided.stays if decided else None) or (), counted)


def _line(one: Handover, state: str) -> dict[str, object]:
    word, tone = words.STATES[state]
    return {
        "slug": state, "state": word, "tone": tone, "checked": one.checked, "by": one.prepared_by,
        "prepared": (one.prepared_name, one.prepared_at), "approved": (one.approved_name, one.approved_at),
        "expires": one.expires_at, "claimed_at": one.claimed_at, "taken_at": one.taken_at, "tries": one.tries,
    }  # fmt: skip


def _case(number: int) -> Case:
    case = case_or_404(number)
    if not rules.possible(case.request.type, case.request.started_by, case.request.state):
        abort(404)
    return case


def _standing(number: int) -> Handover:
    rows = queries.of_request(db(), _case(number).request)
    if not rows:
        abort(404)
    return rows[0]


def _ask(question: Callable[[HandoverClient, str], T]) -> T | None:
    """The vault's answer; None, and told, when it says no or cannot be asked."""
    ticket = request.cookies.get(TICKET_COOKIE, "")
    try:
        if not ticket:
            raise TicketRefused("none")
        return question(HandoverClient(vault_client()), ticket)
    except HandoverRefused as error:
        flash(words.refused(error.why), "warning")
    except TicketRefused:
        flash(gettext("The vault does not know this session. Sign out, then in again."), "warning")
    except VaultUnavailable:
        flash(gettext("The vault does not answer. See here what holds now, and try again in a minute."), "warning")
    return None
