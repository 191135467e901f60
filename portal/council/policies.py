"""A policy in the evidence room: what it says and changes in words, who signed it, how it was decided and why."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.pages import language
from portal.core.web.state import db
from portal.council import looking, queries
from portal.council.desk import bp, expert, here
from portal.council.models import What
from portal.policies.deciding import queries as deciding
from portal.policies.deciding import shown
from portal.policies.queries import read
from portal.policies.shown import shown_difference
from wire.precedence import Change, change


@bp.get("/evidence/policies/<int:version>")
@requires(Permission.COUNCIL_DESK_READ)
def policy(version: int) -> ResponseReturnValue:
    """A policy as the council sees it."""
    return _page(version)


@expert.get("/evidence/policies/<int:version>", endpoint="policy")
@requires(Permission.EXPERT_DESK_READ)
def experts_policy(version: int) -> ResponseReturnValue:
    """A policy as an expert sees it."""
    return _page(version)


def _page(version: int) -> str:
    known = queries.policies(db())
    row = next((one for one in known if one.version == version), None)
    if row is None:
        abort(404)
    looking.note(What.POLICY, row.id)
    signers, speech, told = deciding.signers(db()), language(), read(row)
    return render_template(
        "council/policy.html",
        desk=here(),
        row=row,
        says=shown_difference(Change(None, told), speech)["lines"],
        difference=shown_difference(change((read(one) for one in known), told), speech),
        signed=shown.signed_by(row.envelope.encode(), signers.ever),
        decided=shown.decisions(deciding.of_version(db(), version), signers),
    )
