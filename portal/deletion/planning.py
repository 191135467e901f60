"""From an approved request to steps, one per store; and their end when the request is withdrawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.deletion.models import Step, StepAction, StepState
from portal.deletion.rules import GROUND, Chosen
from portal.sources.rules import OWN_STORE
from wire.documents import Kind

OWN_KINDS = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True)
class Place:
    """A store: `dataset` None is Daylight's own. `kinds`: those known to lie there, None: nobody knows all of them.

    `words`: its words for our kinds; `tells`: whether it has a column for kinds at all.
    """

    name: str
    dataset: UUID | None = None
    kinds: frozenset[str] | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    tells: bool = True

    def meaning(self, kinds: Iterable[str]) -> frozenset[str]:
        """Our kinds, where its words for them are known."""
        return frozenset(self.words.get(kind, kind) for kind in kinds)


OWN = Place(OWN_STORE, kinds=OWN_KINDS)


def plan(
    session: Session,
    person: UUID,
    request_id: UUID,
    chosen: Chosen,
    *,
    now: datetime,
    stays: Sequence[dict[str, Any]] = (),
    places: Sequence[Place] = (),
    action: StepAction = StepAction.ERASE,
) -> int:
    """Make the request's steps: one for Daylight's own store, one for each of `places`. Repeating it makes none.

    Single items lie in Daylight's own store only.

    `stays`: [{"store": name or None for all, "kind": kind or None for all, "ground": code}].
    """
    made = 0
    for place in (OWN, *(() if chosen.segments else places)):
        left, ground = leave(chosen, place, stays)
        row = {
            "id": uuid4(),
            "employee_id": person,
            "request_id": request_id,
            "dataset_id": place.dataset,
            "store": place.name,
            "action": action,
            "chosen": left.to_json(),
            "reason": f"{GROUND}{ground}" if ground else None,
            "created_at": now,
            "next_try_at": now,
        }
        statement = insert(Step).values(row).on_conflict_do_nothing().returning(Step.id)
        made += len(session.execute(statement).all())
    return made


def once_more(session: Session, step: Step, now: datetime) -> bool:
    """Make the next round of an erasure in one store, of what was asked for then. False where there is one."""
    row = {
        "id": uuid4(),
        "employee_id": step.employee_id,
        "request_id": step.request_id,
        "dataset_id": step.dataset_id,
        "store": step.store,
        "chosen": step.chosen,
        "round": step.round + 1,
        "created_at": step.created_at,
        "next_try_at": now,
    }
    made = insert(Step).values(row).on_conflict_do_nothing().returning(Step.id)
    return session.execute(made).one_or_none() is not None


def cancel(session: Session, request_id: UUID) -> int:
    """End the steps that nobody has begun, for a withdrawn request; how many."""
    untouched = update(Step).where(Step.request_id == request_id, Step.state == StepState.WAITING, Step.tries == 0)
    ended = session.execute(untouched.values(state=StepState.CANCELLED).execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", ended).rowcount


def leave(chosen: Chosen, place: Place, stays: Sequence[dict[str, Any]]) -> tuple[Chosen, str | None]:
    """What is to go from `place`, and the ground on which all of it stays, or None.

    Kinds stay by what the store's words for them mean. Where it tells none, some kinds are left to go, which its
    connector refuses with the reason. Where it tells them, but not of which kinds all rows are, one that stays keeps
    the whole store: nothing may go that must stay.
    """
    here = [one for one in stays if one.get("store") in {None, place.name}]
    whole = [one for one in here if one.get("kind") is None]
    if whole:
        return chosen, str(whole[0]["ground"])
    kept = place.meaning(str(one["kind"]) for one in here)
    if not kept:
        return chosen, None
    known = chosen.kinds or (place.kinds if place.kinds is None and place.tells else OWN_KINDS | (place.kinds or set()))
    left = frozenset() if known is None else place.meaning(known) - kept
    return (replace(chosen, kinds=left, whole_person=False), None) if left else (chosen, str(here[0]["ground"]))
