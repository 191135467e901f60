"""The blueprint of the officer's policies, and what its views begin with: which draft, who acts, from which page."""

from uuid import UUID

from flask import abort, request

from portal.core import clock
from portal.core.web.state import Desk, db, person
from portal.policies.drafts import queries
from portal.policies.drafts.actions import Seen
from portal.policies.drafts.forms import LONGEST_TITLE
from portal.policies.models import PolicyDraft

bp = Desk("policy_desk", __name__, login="web_officer", url_prefix="/officer/policies")
CONFLICT, UNPROCESSABLE = 409, 422
LONGEST_REVISION = 1 << 53


def draft_or_404(draft_id: UUID) -> PolicyDraft:
    """The draft with this id; 404 where there is none."""
    found = queries.draft(db(), draft_id)
    if found is None:
        abort(404)
    return found


def seen(draft_id: UUID) -> Seen:
    """Who acts, and on which revision: it stands in the form. 400 for a form without it."""
    revision = request.form.get("seen", type=int)
    if revision is None or not 0 < revision < LONGEST_REVISION:
        abort(400)
    return Seen(person().id, clock.now(), draft_id, revision)


def title(default: str = "") -> str:
    """The title in the form, on one line."""
    return " ".join(request.form.get("title", "").split())[:LONGEST_TITLE] or default
