"""Requests as the desk draws them: plain values in words. Never what was captured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import format_date

from portal.deletion import shown as parts
from portal.deletion.models import Receipt, Step, StepAction, StepState
from portal.deletion.rules import GROUND
from portal.hr import rules, words
from portal.hr.rules import Tone
from portal.requests.models import Request, RequestCount, RequestEvent
from portal.requests.words import not_counted
from portal.sources.connectors.base import Reason


@dataclass(frozen=True)
class Row:
    """One line of the queue. `tone` is the word's code, `urgency` the word; `due` ends the clock, '' for what ended."""

    number: int
    type: str
    state: str
    tone: str
    urgency: str
    left: str
    due_on: date | None
    person: str
    about: str
    assigned: str
    law: str
    held: bool
    waits: bool
    ended_at: datetime | None


def row(request: Request, name: str, zone: str, labels: Mapping[str, str], when: tuple[datetime, datetime]) -> Row:
    """A request as the queue shows it, not yet known to be held or to wait for a second person.

    `when`: now, and until when something is at risk.
    """
    now, until = when
    due, over = request.due_at or now, request.closed_at is not None
    tone = Tone.CALM if over else rules.tone(due, request.stands_since, now, until)
    left = rules.days_left(due, request.stands_since, now, ZoneInfo(zone))
    return Row(
        number=request.number,
        type=str(words.TYPES[request.type]),
        state=str(words.STATES[request.state]),
        tone=tone.value,
        urgency=str(words.TONES[tone]),
        left="" if over else words.days(left, tone),
        due_on=None if over else due_on(due, zone),
        person=name,
        about=words.about(request, labels),
        assigned=request.assigned_name or "",
        law=request.law,
        held=False,
        waits=False,
        ended_at=request.closed_at,
    )


def due_on(due: datetime, zone: str) -> date:
    """The last day of a clock that ends at `due` (half-open)."""
    return (due - rules.INSTANT).astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True)
class Happened:
    """One line of what happened; `words` are what HR or the person wrote."""

    what: str
    who: str
    at: datetime
    words: str
    mine: bool
    spoken: bool


def history(events: Sequence[RequestEvent], reader: UUID) -> list[Happened]:
    """What happened, newest first; messages stand out."""
    spoken = {"said", "asked_back", "answered"}
    return [
        Happened(words.happened(one), words.actor(one), one.at, one.words, one.actor_id == reader, one.kind in spoken)
        for one in reversed(events)
    ]


@dataclass(frozen=True)
class Lies:
    """One store: how much lies there, how much stays; `kinds` are (kind in words, slug, items, sensitivities).

    `why`: why it could not be counted, or ''.
    """

    store: str
    name: str
    items: int
    stays: int
    kinds: tuple[tuple[str, str, int, str], ...]
    why: str


def lies(counts: Sequence[RequestCount]) -> list[Lies]:
    """Where it lies, store by store, as it was counted when the person asked."""
    return [
        _store(name, list(rows)) for name, rows in groupby(sorted(counts, key=_by_store), key=lambda one: one.store)
    ]


def _by_store(count: RequestCount) -> tuple[bool, str, str]:
    return count.dataset_id is not None, count.store, count.kind or ""


def _store(name: str, rows: list[RequestCount]) -> Lies:
    kinds = []
    for slug, group in groupby(rows, key=lambda one: one.kind or ""):
        same = list(group)
        levels = sorted({one.sensitivity for one in same if one.sensitivity is not None})
        kinds.append((words.kind(slug), slug, sum(one.items for one in same), ", ".join(map(str, levels))))
    items, stays = sum(one.items for one in rows), sum(one.stays for one in rows)
    return Lies(name, words.store(name), items, stays, tuple(kinds), not_counted(rows[0].why))


@dataclass(frozen=True)
class StepLine:
    """What is being done in one store. `since`: since when it cannot be reached; `receipt`: '', `signed`, `logged`.

    `again`: it can be tried again.
    `contested`: waits until HR has said whose a mail address was. `frozen_at`, `lifted_at`: of a freeze only, when rows
    were put out of reach and back; `looked_at`, `unseen_since`: as in `deletion.shown.StepShown`.
    """

    id: UUID
    store: str
    action: str
    state: str
    word: str
    deleted: int
    held: int
    tries: int
    since: datetime | None
    at: datetime | None
    physical_on: date | None
    reason: str
    stuck: bool
    again: bool
    contested: bool
    receipt: str
    frozen_at: datetime | None
    lifted_at: datetime | None
    looked_at: datetime | None
    unseen_since: datetime | None


def steps(found: Sequence[Step], receipts: Mapping[UUID, Receipt]) -> list[StepLine]:
    """Each store's step."""
    return [_step(step, receipts.get(step.id)) for step in found]


def _step(step: Step, receipt: Receipt | None) -> StepLine:
    part = parts.step(step, receipt)
    return StepLine(
        id=step.id,
        store=part.store,
        action=part.action,
        state=part.state,
        word=part.words,
        deleted=part.deleted,
        held=part.held,
        tries=step.tries,
        since=part.since,
        at=step.read_back_at or part.logical_at,
        physical_on=part.physical_on,
        reason=words.step_reason(part),
        stuck=step.state in {StepState.PENDING, StepState.PARTIAL},
        again=repeatable(step),
        contested=step.state is StepState.WAITING and (step.reason or "").startswith(Reason.CONTESTED),
        receipt="logged" if part.receipt else "signed" if receipt else "",
        frozen_at=part.frozen_at,
        lifted_at=part.logical_at if part.action == StepAction.THAW and step.state is StepState.DONE else None,
        looked_at=part.looked_at,
        unseen_since=part.unseen_since,
    )


def repeatable(step: Step) -> bool:
    """Whether it is an erasure that another store did not do, or not wholly, for a reason that may be over now."""
    ended = step.state in {StepState.PARTIAL, StepState.REFUSED} and step.action is StepAction.ERASE
    return ended and step.dataset_id is not None and step.reason is not None and not step.reason.startswith(GROUND)


def done_of(found: Sequence[Step]) -> tuple[int, int]:
    """How many stores are through, of how many."""
    return sum(step.state in parts.FINAL for step in found), len(found)


def day(on: date) -> str:
    """A day in a line."""
    return str(format_date(on, "medium", rebase=False))
