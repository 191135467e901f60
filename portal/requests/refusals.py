"""Why something cannot be done to a request now, and who of HR does not decide on it. Pure."""

from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Why(StrEnum):
    """Why something cannot be done to a request now; `portal.requests.words.refusal` says it to people."""

    ALREADY = "already"
    NOT_YOURS = "not_yours"
    NOT_SENT = "not_sent"
    UNDECIDED = "undecided"
    DECIDED = "decided"
    RUNNING = "running"
    OVER = "over"
    NO_QUESTION = "no_question"
    NO_PROPOSAL = "no_proposal"
    PROPOSED = "proposed"
    FOUR_EYES = "four_eyes"
    EMPTY = "empty"
    ERASED = "erased"
    NO_APPEAL = "no_appeal"
    SENT_IT = "sent_it"
    DECIDED_BEFORE = "decided_before"
    NOT_TO_THEM = "not_to_them"


class NotNowError(Exception):
    """This cannot be done to the request as it stands; `why` says it. Nothing was changed."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Hands(Protocol):
    """Who had a hand in a request before HR decides: who sent it, and who decided on what is appealed with it."""

    @property
    def sent_by(self) -> UUID | None: ...
    @property
    def decided_before(self) -> frozenset[UUID]: ...


def barred(standing: Hands, actor: UUID | None) -> Why | None:
    """Why somebody of HR does not decide here: they sent it, or decided before on what is appealed."""
    if actor is None:
        return None
    if actor == standing.sent_by:
        return Why.SENT_IT
    return Why.DECIDED_BEFORE if actor in standing.decided_before else None


def require_apart(standing: Hands, actor: UUID | None) -> None:
    """Raise NotNowError for somebody of HR who is `barred`."""
    why = barred(standing, actor)
    if why is not None:
        raise NotNowError(why)
