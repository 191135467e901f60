"""Why a signature or a decision does not count, and what was decided, as people read it."""

from typing import Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from portal.policies.deciding.models import Outcome
from portal.policies.deciding.rules import Why
from wire.documents import Signer

_ = lazy_gettext
REFUSALS: Final[dict[Why, LazyString]] = {
    Why.OTHER_DOCUMENT: _("This is a signature over another document. Download what to sign here, and sign that."),
    Why.NOT_AN_ENVELOPE: _("This is not a signature. Upload what the signing file saved, or paste its whole text."),
    Why.UNKNOWN_KEY: _("The trust document does not name the key that signed this."),
    Why.WRONG_SIGNATURE: _("The signature is wrong: it was changed, or there is none in the file. Sign once more."),
    Why.OTHER_ROLE: _("The key belongs to the other side: officer and council sign on their own desks."),
    Why.OTHER_COUNCIL: _("The key belongs to another works council than the one that decides about this policy."),
    Why.OTHER_SEAT: _("Another works council decides about this policy. Its members alone say no to it."),
    Why.SIGNED_BEFORE: _("This key has signed this policy already. A second signature has to come from another key."),
    Why.NOT_OPEN: _("This draft is not open any more: it was decided or withdrawn."),
    Why.EXPIRED: _("The policy would be over already. It needs a new end, so it has to be submitted again."),
    Why.NO_NOTICE: _(
        "It is wider and begins before people could be told in time. The officer withdraws it and submits it with a "
        "later beginning."
    ),
    Why.OVERTAKEN: _(
        "Another policy was published in the meantime, so what you read is not what would change. The officer "
        "withdraws this one and submits it again."
    ),
    Why.NO_TRUST: _("There is no trust document yet, so no signature can be checked."),
    Why.NO_REASONS: _("Say why: everybody can read it."),
}  # fmt: skip
OUTCOMES: Final[dict[Outcome, LazyString]] = {
    Outcome.APPROVED: _("approved"),
    Outcome.REJECTED: _("rejected"),
    Outcome.CONDITIONS: _("approved with conditions"),
}
SIGNERS: Final[dict[Signer, LazyString]] = {
    Signer.OFFICER: _("privacy officer"),
    Signer.COUNCIL: _("works council"),
}


SIGNATURE, REASONS = "signature", "reasons"
FIELDS: Final[dict[Why, str]] = dict.fromkeys(
    (Why.OTHER_DOCUMENT, Why.NOT_AN_ENVELOPE, Why.UNKNOWN_KEY, Why.WRONG_SIGNATURE, Why.OTHER_ROLE, Why.OTHER_COUNCIL,
     Why.SIGNED_BEFORE),
    SIGNATURE,
) | {Why.NO_REASONS: REASONS}  # fmt: skip
"""What of a form is wrong; every other reason lies with the draft."""


def whose(signer: Signer, site: str | None) -> str:
    """For whom a key signs; `site`: of a site's own council."""
    return str(SIGNERS[signer]) if site is None else gettext("works council of %(site)s", site=site)


def refusal(why: Why) -> dict[str, str]:
    """The reason as a sentence, by the field that is wrong; '' where none is."""
    return {FIELDS.get(why, ""): str(REFUSALS[why])}
