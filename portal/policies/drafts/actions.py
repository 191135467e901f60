"""Writes of drafts, as web_officer. Each names the revision that it was made from, so that nobody overwrites unseen."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from portal.audit.actions import record
from portal.core.clock import to_ms
from portal.core.db import lock
from portal.policies.drafts import queries, rules
from portal.policies.drafts.rules import Problem
from portal.policies.models import DraftState, PolicyDraft
from portal.policies.queries import every_policy
from portal.policies.rules import AT_ONCE, USUAL_GATE, Gate, RingsError, check_rings
from wire import documents
from wire.policy import Policy
from wire.precedence import change

ROLE = "privacy_officer"
_SUBMITTING = "policy submitted"
"""Advisory lock: two drafts submitted at one moment get two versions."""


class StaleError(Exception):
    """Another tab or officer changed the draft since this page was loaded; nothing was changed now."""


class RefusedError(Exception):
    """The draft cannot be submitted as it is, for these problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("a draft with problems")
        self.problems = problems


@dataclass(frozen=True)
class Seen:
    """Who acts, when, on which draft, from which revision of it."""

    by: UUID
    now: datetime
    draft: UUID
    revision: int


def create(session: Session, by: UUID, title: str, policy: Policy, parent: UUID | None = None) -> UUID:
    """A new draft with this content; its id. `parent`: the draft whose conditions it answers."""
    draft, old = uuid4(), rules.base_of(policy, every_policy(session))
    values = {"id": draft, "title": title, "content": queries.text_of(policy), "parent_id": parent}
    # inline: what is read back afterwards is read with the login's own SELECT
    session.execute(insert(PolicyDraft).inline().values(values | _replaces(old)))
    _log(session, "policy_draft.created", by, draft, revision=1)
    return draft


def save(
    session: Session, seen: Seen, title: str, policy: Policy, rollout: tuple[tuple[int, ...], Gate] | None = None
) -> None:
    """Keep what was written; `rollout`: rings and gate, unless they stay. Raises StaleError."""
    old = rules.base_of(policy, every_policy(session))
    values: dict[str, Any] = {"title": title, "content": queries.text_of(policy)}
    if rollout is not None:
        values |= {"rings": list(rollout[0]), **asdict(rollout[1])}
    _change(session, seen, (DraftState.DRAFT,), values | _replaces(old))
    _log(session, "policy_draft.changed", seen.by, seen.draft, revision=seen.revision + 1)


def submit(
    session: Session,
    seen: Seen,
    notice: timedelta = timedelta(),
    rings: Sequence[int] = AT_ONCE,
    gate: Gate = USUAL_GATE,
) -> Policy:
    """Freeze the draft as the document to sign. Raises StaleError, and RefusedError with what is in its way.

    `notice`: how long before a wider policy begins people are told. The last signature is held against it once more.
    `rings`, `gate`: in which steps it will go out, and what holds that up, see portal.policies.rules.
    """
    lock(session, _SUBMITTING)
    row = queries.draft(session, seen.draft)
    if row is None or row.state is not DraftState.DRAFT:
        raise StaleError
    known, waiting = every_policy(session), queries.submitted(session, row.id)
    policy = _document(queries.content(row), known, waiting, to_ms(seen.now), rings)
    step = change(known, policy)
    if problems := rules.unannounced(step, to_ms(seen.now), notice):
        raise RefusedError(problems)
    try:
        check_rings(rings, step)
    except RingsError as error:
        raise RefusedError([Problem(error.field, error.why)]) from error
    values = {
        "content": queries.text_of(policy),
        "state": DraftState.SUBMITTED,
        "submitted_at": seen.now,
        "rings": list(rings),
        **asdict(gate),
    }
    _change(session, seen, (DraftState.DRAFT,), values | _replaces(step.old))
    digest = documents.document_hash(policy)
    _log(
        session, "policy_draft.submitted", seen.by, seen.draft, version=policy.version, policy=digest, rings=list(rings)
    )
    return policy


def _document(
    draft: Policy, known: Sequence[Policy], waiting: Sequence[Policy], now: int, rings: Sequence[int]
) -> Policy:
    problems = rules.untimely(draft, now) + rules.ties(draft, (*known, *waiting), now)
    if problems:
        raise RefusedError(problems)
    if tuple(rings) != AT_ONCE:
        draft = rules.ending_with(draft, rules.base_of(draft, known))
    return rules.finished(draft, known, rules.newest((*known, *waiting)), now)


def withdraw(session: Session, seen: Seen) -> None:
    """Take a draft back, also a submitted one that has not been decided. Raises StaleError."""
    values = {"state": DraftState.WITHDRAWN, "closed_at": seen.now}
    _change(session, seen, (DraftState.DRAFT, DraftState.SUBMITTED), values)
    _log(session, "policy_draft.withdrawn", seen.by, seen.draft)


def _change(session: Session, seen: Seen, states: tuple[DraftState, ...], values: dict[str, Any]) -> None:
    changed = session.execute(
        update(PolicyDraft)
        .where(PolicyDraft.id == seen.draft, PolicyDraft.revision == seen.revision, PolicyDraft.state.in_(states))
        .values(revision=PolicyDraft.revision + 1, changed_at=seen.now, **values)
        .returning(PolicyDraft.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not changed:
        raise StaleError
    session.expire_all()


def _replaces(old: Policy | None) -> dict[str, Any]:
    return {
        "replaces_version": old.version if old else None,
        "replaces_hash": documents.document_hash(old) if old else "",
    }


def _log(session: Session, action: str, by: UUID, draft: UUID, **detail: Any) -> None:
    record(session, action, actor=by, employee=by, role=ROLE, about=draft, **detail)
