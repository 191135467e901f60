"""The two desks on which policies are signed, and what their views begin with: which draft, who acts as which."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Response, abort, request

from portal.core import clock
from portal.core.web.state import Desk, db, person, settings
from portal.policies.deciding import queries, words
from portal.policies.deciding.actions import Hand
from portal.policies.deciding.rules import RefusedError
from portal.policies.models import PolicyDraft
from portal.policies.queries import trust
from wire.documents import Signer

council = Desk("council_policies", __name__, login="web_council", url_prefix="/council/policies")
officer = Desk("officer_signing", __name__, login="web_officer", url_prefix="/officer/signing")
CONFLICT, UNPROCESSABLE = 409, 422
LARGEST_NUMBER = 1 << 53
LONGEST_ENVELOPE = 1 << 16


def draft_or_404(number: int) -> PolicyDraft:
    """The submitted draft with this number; 404 where there is none, and while it is still being written."""
    found = queries.draft(db(), number) if number < LARGEST_NUMBER else None
    if found is None:
        abort(404)
    return found


def hand(role: Signer) -> Hand:
    """The signed-in person as one of the two."""
    return Hand(person().id, role, clock.now(), notice())


def notice() -> timedelta:
    """How long before a wider policy begins people are told."""
    return timedelta(hours=settings().policy_notice)


def text(name: str) -> str:
    """A field of the form, without blanks around it."""
    return request.form.get(name, "").strip()


def envelope() -> bytes:
    """The signature in the form: the uploaded file, else the pasted text."""
    file = request.files.get("file")
    uploaded = file.read(LONGEST_ENVELOPE) if file and file.filename else b""
    return uploaded or text("envelope").encode()[:LONGEST_ENVELOPE]


def tried(act: Callable[[], Any]) -> dict[str, str]:
    """Do it; nothing when it is done, else why not: field of the form, or '' → a sentence."""
    try:
        act()
    except RefusedError as error:
        return words.refusal(error.why)
    except LookupError:
        abort(404)
    return {}


def to_sign(draft: PolicyDraft) -> Response:
    """What the signer takes to the own disk: the document, the policy it replaces, the trust document."""
    published = trust(db())
    if published is None:
        abort(404)
    whole = queries.to_sign(db(), draft.content, published.envelope, draft.replaces_hash)
    answer = Response(whole, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="daylight-to-sign-{draft.number}.json"'
    return answer
