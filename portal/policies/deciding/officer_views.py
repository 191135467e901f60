"""The officer's signature under a submitted draft: the same form as the council's, on the officer's own desk."""

from collections.abc import Mapping

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.core.permissions import Permission
from portal.core.web.guard import fresh, requires
from portal.core.web.htmx import see_other
from portal.core.web.state import db
from portal.policies.deciding import actions
from portal.policies.deciding.desk import UNPROCESSABLE, draft_or_404, envelope, hand, officer, text, to_sign, tried
from portal.policies.deciding.rules import Seats
from portal.policies.deciding.views import page, said
from portal.policies.drafts.queries import audience_size, policy_of
from portal.policies.models import PolicyDraft
from wire.documents import Signer


@officer.get("/<int:number>/to-sign.json")
@requires(Permission.OFFICER_POLICY_SIGN)
def bundle(number: int) -> ResponseReturnValue:
    """What to sign, for the signing file."""
    return to_sign(draft_or_404(number))


@officer.get("/<int:number>")
@fresh
@requires(Permission.OFFICER_POLICY_SIGN)
def sign(number: int) -> ResponseReturnValue:
    """Where the signature goes."""
    return _form(draft_or_404(number))


@officer.post("/<int:number>")
@fresh
@requires(Permission.OFFICER_POLICY_SIGN)
def sign_submit(number: int) -> ResponseReturnValue:
    """Take the officer's signature; of a narrowing it is the only one, and publishes it."""
    draft, published = draft_or_404(number), []
    act = lambda: published.append(actions.sign(db(), hand(Signer.OFFICER), draft.id, envelope(), text("minutes")))  # noqa: E731
    errors = tried(act)
    if errors:
        return _form(draft, errors), UNPROCESSABLE
    flash(said(published=published[0]), "success")
    return see_other(url_for("officer_signing.sign", number=number))


def _form(draft: PolicyDraft, errors: Mapping[str, str] | None = None) -> str:
    kept = {name: request.form.get(name, "") for name in ("envelope", "minutes")}
    facts = page(draft, Seats(), audience_size(db(), policy_of(draft.content).audience))
    return render_template("deciding/sign.html", errors=errors or {}, kept=kept, desk="officer_signing", **facts)
