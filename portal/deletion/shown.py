"""A deletion as pages show it: plain values."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.deletion import words
from portal.deletion.models import Erasure, Receipt, Step, StepAction, StepState

FINAL = frozenset({StepState.DONE, StepState.PARTIAL, StepState.REFUSED, StepState.CANCELLED})


@dataclass(frozen=True)
class Shown:
    """One deletion by oneself, in Daylight's own store only; what lies elsewhere takes a request.

    `kinds`, `contexts`, `sensitivities` empty: all; `chosen`: single items.
    """

    id: UUID
    asked_at: datetime
    starts: datetime
    ends: datetime
    kinds: tuple[str, ...]
    contexts: tuple[str, ...]
    sensitivities: tuple[int, ...]
    chosen: int
    items: int
    held: int
    status: str
    execute_after: datetime
    done_at: datetime | None


def shown(row: Erasure, labels: dict[str, str], now: datetime) -> Shown:
    """The deletion in `row` at `now`."""
    return Shown(
        id=row.id,
        asked_at=row.asked_at,
        starts=row.starts_at,
        ends=row.ends_at,
        kinds=tuple(row.kinds or ()),
        contexts=tuple(labels.get(context, context) for context in row.contexts or ()),
        sensitivities=tuple(row.sensitivities or ()),
        chosen=len(row.segments or ()) or int(row.segment_id is not None),
        items=row.items,
        held=row.held,
        status=_status(row, now),
        execute_after=row.execute_after,
        done_at=row.done_at,
    )


def _status(row: Erasure, now: datetime) -> str:
    if row.undone_at:
        return "undone"
    if row.done_at:
        return "held" if row.held else "erased"
    return "undoable" if now < row.execute_after else "erasing"


@dataclass(frozen=True)
class StepShown:
    """One store's part of a request. `progress` in per cent, None while it is not known; `since`: pending since.

    `action`: erase, freeze or thaw; `apart_rows`: frozen rows, as last seen; `frozen_at`: frozen since, None: never.
    `looked_at`: when somebody looked last whether rows came after a freeze that is in force; `unseen_since`: since when
    nobody can.
    """

    id: UUID
    store: str
    action: str
    state: str
    words: str
    since: datetime | None
    deleted: int
    held: int
    remaining: int | None
    progress: int | None
    apart_rows: int
    frozen_at: datetime | None
    looked_at: datetime | None
    unseen_since: datetime | None
    logical_at: datetime | None
    physical_on: date | None
    physical_known: bool
    apart: bool | None
    reason: str
    receipt: bool


def step(row: Step, receipt: Receipt | None) -> StepShown:
    """The step in `row`, in the language of the request; `receipt` counts once it is proved."""
    return StepShown(
        id=row.id,
        store=words.store(row.store),
        action=row.action.value,
        state=row.state.value,
        words=words.state(row.action, row.state, again=row.frozen_at is not None),
        since=None if row.look_at else row.pending_since,
        deleted=row.deleted,
        held=row.held,
        remaining=row.remaining,
        progress=_progress(row),
        apart_rows=row.apart_rows or 0,
        frozen_at=row.frozen_at or (row.logical_at if row.action is StepAction.FREEZE else None),
        looked_at=(row.looked_at or row.read_back_at) if row.look_at else None,
        unseen_since=row.pending_since if row.look_at else None,
        logical_at=row.logical_at,
        physical_on=row.physical_on,
        physical_known=row.physical_on is not None,
        apart=row.apart,
        reason=words.reason(row.reason),
        receipt=receipt is not None and receipt.proof is not None,
    )


def _progress(row: Step) -> int | None:
    if row.state in FINAL:
        return 100
    return 100 * row.parts_done // row.parts_total if row.parts_total else None
