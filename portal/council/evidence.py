"""The evidence room: what can be held up against everything else, in one place. Checkpoints, policies, releases."""

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.core.permissions import Permission
from portal.core.web.guard import requires
from portal.core.web.state import db
from portal.council import looking, queries, words
from portal.council.desk import bp, expert, here
from portal.council.models import What
from portal.policies.deciding import queries as deciding
from portal.policies.deciding import shown


@bp.get("/evidence")
@requires(Permission.COUNCIL_DESK_READ)
def evidence() -> ResponseReturnValue:
    """The room as the council sees it."""
    return _room()


@expert.get("/evidence", endpoint="evidence")
@requires(Permission.EXPERT_DESK_READ)
def experts_evidence() -> ResponseReturnValue:
    """The room as an expert sees it."""
    return _room()


def _room() -> str:
    """The newest checkpoints of the log, every policy and release with its hash, and what was decided."""
    looking.note(What.ROOM)
    return render_template(
        "council/evidence.html",
        desk=here(),
        papers=queries.papers(db()),
        kinds=words.PAPERS,
        heads=queries.heads(db()),
        policies=queries.policies(db()),
        decided=shown.decisions(deciding.decisions(db())[: -deciding.LISTED - 1 : -1], deciding.signers(db())),
        releases=[(one, words.title(one)) for one in queries.releases(db())],
    )
