"""The council's policies: read what changes, sign, reject, ask for conditions. Deciding needs a fresh sign-in (S07)."""

from collections.abc import Mapping
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.permissions import Permission
from portal.core.web.guard import fresh, requires
from portal.core.web.htmx import see_other
from portal.core.web.pages import language
from portal.core.web.state import db
from portal.policies.deciding import actions, queries, shown
from portal.policies.deciding.desk import (
    CONFLICT,
    UNPROCESSABLE,
    council,
    draft_or_404,
    envelope,
    hand,
    notice,
    text,
    to_sign,
    tried,
)
from portal.policies.deciding.models import PolicyDecision
from portal.policies.deciding.rules import Seats
from portal.policies.deciding.shown import Known
from portal.policies.drafts.queries import policy_of
from portal.policies.exemptions.shown import exemptions
from portal.policies.models import DraftState, PolicyDraft
from portal.policies.queries import every_policy
from wire.documents import Signer


@council.get("")
@requires(Permission.COUNCIL_POLICY_READ)
def waiting() -> ResponseReturnValue:
    """Policies that wait for a decision, and what was decided."""
    rows, over = queries.waiting_and_over(db())
    signatures = queries.signatures(db(), *(row.id for row in (*rows, *over)))
    decided, (seats, _) = queries.decisions(db()), queries.seats(db())
    known = known_to(seats, queries.of_sites(decided))
    drafts = [shown.draft(row, signatures[row.id], known) for row in rows]
    return render_template(
        "deciding/waiting.html",
        drafts=sorted(drafts, key=lambda draft: not draft.mine),
        over=[shown.draft(row, signatures[row.id], known) for row in over],
        decisions=shown.decisions(decided, known.signers),
        exemptions=exemptions(db()),
    )


@council.get("/<int:number>")
@requires(Permission.COUNCIL_POLICY_READ)
def one(number: int) -> ResponseReturnValue:
    """One of them in full."""
    return render_template("deciding/draft.html", **_page(draft_or_404(number)))


@council.get("/<int:number>/to-sign.json")
@requires(Permission.COUNCIL_POLICY_READ)
def bundle(number: int) -> ResponseReturnValue:
    """What to sign, for the signing file."""
    return to_sign(draft_or_404(number))


@council.get("/<int:number>/sign")
@fresh
@requires(Permission.COUNCIL_POLICY_DECIDE)
def sign(number: int) -> ResponseReturnValue:
    """Where the signature goes."""
    return _form("sign", draft_or_404(number))


@council.post("/<int:number>/sign")
@fresh
@requires(Permission.COUNCIL_POLICY_DECIDE)
def sign_submit(number: int) -> ResponseReturnValue:
    """Take the council's signature; the last one needed publishes."""
    draft, published = draft_or_404(number), []
    act = lambda: published.append(actions.sign(db(), hand(Signer.COUNCIL), draft.id, envelope(), text("minutes")))  # noqa: E731
    errors = tried(act)
    if errors:
        return _form("sign", draft, errors), UNPROCESSABLE
    flash(said(published=published[0]), "success")
    return see_other(url_for("council_policies.one", number=number))


@council.get("/<int:number>/reject")
@fresh
@requires(Permission.COUNCIL_POLICY_DECIDE)
def reject(number: int) -> ResponseReturnValue:
    """Say no, with reasons."""
    return _form("reject", draft_or_404(number))


@council.post("/<int:number>/reject")
@fresh
@requires(Permission.COUNCIL_POLICY_DECIDE)
def reject_submit(number: int) -> ResponseReturnValue:
    """The draft is closed, and everybody can read why."""
    draft = draft_or_404(number)
    reasons, minutes = text("reasons"), text("minutes")
    errors = tried(lambda: actions.reject(db(), hand(Signer.COUNCIL), draft.id, reasons, minutes))
    if errors:
        return _form("reject", draft, errors), CONFLICT
    flash(gettext("Rejected. The officer and everybody else can read why."), "success")
    return see_other(url_for("council_policies.waiting"))


@council.get("/<int:number>/conditions")
@fresh
@requires(Permission.COUNCIL_POLICY_DECIDE)
def conditions(number: int) -> ResponseReturnValue:
    """Yes, if."""
    return _form("conditions", draft_or_404(number))


@council.post("/<int:number>/conditions")
@fresh
@requires(Permission.COUNCIL_POLICY_DECIDE)
def conditions_submit(number: int) -> ResponseReturnValue:
    """The officer gets a new draft with the conditions beside it."""
    draft = draft_or_404(number)
    reasons, minutes = text("reasons"), text("minutes")
    errors = tried(lambda: actions.ask_for_conditions(db(), hand(Signer.COUNCIL), draft.id, reasons, minutes))
    if errors:
        return _form("conditions", draft, errors), CONFLICT
    flash(gettext("Approved with conditions. The officer has a new draft with them beside it."), "success")
    return see_other(url_for("council_policies.waiting"))


def said(*, published: bool) -> str:
    """What a signature has done."""
    if published:
        return str(gettext("Signed, and with that the policy is published. Everybody it is for has been told."))
    return str(gettext("Signed. It is not in force: other signatures are still needed."))


def known_to(seats: Seats, of_sites: Mapping[str, PolicyDecision]) -> Known:
    """What drafts are shown against; `seats`: of who reads them; `of_sites`: the last decision of each site."""
    return Known(every_policy(db()), clock.now(), queries.signers(db()), notice(), language(), seats, of_sites)


def page(draft: PolicyDraft, seats: Seats, people: int | None) -> dict[str, Any]:
    """What the page of a draft shows to somebody on these councils; `people`: how many it touches, as they are told."""
    signatures = queries.signatures(db(), draft.id)[draft.id]
    decided, of_sites = queries.decided(db(), *filter(None, (draft.id, draft.parent_id)))
    known = known_to(seats, of_sites)
    return {
        "draft": shown.draft(draft, signatures, known),
        "open": draft.state is DraftState.SUBMITTED,
        "people": people,
        "rules": shown.covered(policy_of(draft.content), queries.clauses(db()), language()),
        "decisions": shown.decisions([row for row in decided if row.draft_id == draft.id], known.signers),
        "conditions": shown.conditions(decided, draft, known.signers),
        "linked": {name: row and row.number for name, row in queries.linked(db(), draft).items()},
        "fingerprint": known.signers.fingerprint,
        "signing_file": shown.signing_file(known.signers),
    }


def _form(act: str, draft: PolicyDraft, errors: Mapping[str, str] | None = None) -> str:
    kept = {name: request.form.get(name, "") for name in ("envelope", "reasons", "minutes")}
    facts = _page(draft)
    return render_template(f"deciding/{act}.html", errors=errors or {}, kept=kept, desk="council_policies", **facts)


def _page(draft: PolicyDraft) -> dict[str, Any]:
    return page(draft, *queries.seats(db(), draft.id))
