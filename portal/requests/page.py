"""The page of one request: its state in a sentence, clock, decision, stores, and what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import url_for
from sqlalchemy.orm import Session

from portal.core import clock
from portal.deletion import queries as deletion
from portal.deletion import shown as parts
from portal.deletion.models import Receipt, Step, StepState
from portal.exports import queries as exports
from portal.exports.rules import state
from portal.laws import book
from portal.laws import words as law_words
from portal.laws.law import Law
from portal.requests import deadlines, queries, rules, shown, words
from portal.requests.actions import about_of
from portal.requests.copies import COPIES, wider
from portal.requests.lift_rules import lift_of
from portal.requests.models import Decision, Request, RequestCount, RequestEvent
from portal.requests.rules import EventKind, RequestState, Role

OVER = frozenset(state.value for state in parts.FINAL)
WORKING = frozenset({RequestState.APPROVED, RequestState.RUNNING})
SAID = {
    EventKind.SENT,
    EventKind.SAID,
    EventKind.ASKED_BACK,
    EventKind.ANSWERED,
    EventKind.EXTENDED,
    EventKind.CLOSED,
    EventKind.REOPENED,
    EventKind.RETRIED,
    EventKind.LIFT_ANNOUNCED,
    EventKind.LIFT_CALLED_OFF,
}
"""Events whose words belong into the conversation; a decision has a card of its own."""
UNTOLD = {
    EventKind.ASSIGNED,
    EventKind.PROPOSED,
    EventKind.REJECTED,
    EventKind.LIFT_PROPOSED,
    EventKind.LIFT_REJECTED,
}
"""Events inside HR before it has an answer."""


@dataclass(frozen=True)
class StepLine:
    """One store's part. `since`: pending since; `part_of` None: nobody knows how much there is to do.

    `action`, `apart_rows`, `frozen_at`, `looked_at` and `unseen_since` as in `deletion.shown.StepShown`.
    """

    store: str
    action: str
    state: str
    reason: str
    since: datetime | None
    deleted: int
    held: int
    remaining: int
    parts: int
    part_of: int | None
    apart_rows: int
    frozen_at: datetime | None
    looked_at: datetime | None
    unseen_since: datetime | None
    logical_at: datetime | None
    physical_on: date | None
    receipt: str


@dataclass(frozen=True)
class Reader:
    """Who reads the page of whose request, and where its forms lead: say, answer, withdraw, appeal, progress, back.

    `receipts`: the endpoints of one receipt and of all on paper, with what their addresses need besides the request.
    """

    person: UUID
    timezone: str
    country: str | None
    labels: Mapping[str, str]
    addresses: Mapping[str, str]
    actor: UUID
    role: Role = Role.EMPLOYEE
    receipts: tuple[str, str, Mapping[str, Any]] = (
        "deletion_receipts.receipt_json",
        "deletion_receipts.receipt_pdf_file",
        MappingProxyType({}),
    )


def context(session: Session, reader: Reader, request: Request, now: datetime) -> dict[str, Any]:
    """Everything templates/requests/one.html takes; five or six statements."""
    events = queries.events(session, request)
    standing = rules.fold(events, request.type)
    decision = queries.decision(session, request)
    return progress(session, reader, request, now) | {
        "standing": {"question": standing.question, "asked_at": standing.asked_at},
        "lifts_on": lift_of(events).on,
        "type": words.TYPES[request.type],
        "law": law_words.said(book.law(request.law).name),
        "clock": _clock(request, events, reader, now),
        "decision": _decision(request, decision) if decision and decision.confirmed_at else None,
        "remedies": _remedies(request),
        "said": _said(request, events),
        "history": [_event(event) for event in events if EventKind(event.kind) not in UNTOLD],
        "stores": _stores(queries.counts(session, request)) if reader.role is Role.EMPLOYEE else [],
        "may": {
            kind.value: rules.may(standing, kind, reader.role, reader.actor)
            for kind in (EventKind.SAID, EventKind.ANSWERED, EventKind.WITHDRAWN, EventKind.APPEALED)
        },
    }


def progress(session: Session, reader: Reader, request: Request, now: datetime) -> dict[str, Any]:
    """What templates/requests/_progress.html takes; two statements, three for a copy."""
    own = reader.role is Role.EMPLOYEE
    receipts = deletion.receipts(session, request.employee_id, request.id)
    found = deletion.steps(session, request.employee_id, request.id)
    steps = [_step(reader, step, receipts.get(step.id)) for step in found]
    done = sum(step.state in OVER for step in steps)
    waits = any(receipt.proof is None for receipt in receipts.values())
    return {
        "asked": shown.line(request, reader.labels, now, reader.timezone, (done, len(steps))),
        "steps": steps,
        "working": waits or _works(request, steps),
        "freezes": request.type is rules.RequestType.RESTRICT,
        "pending": [step for step in steps if step.state == StepState.PENDING],
        "missing": [step.store for step in steps if step.state in {StepState.PARTIAL, StepState.REFUSED}],
        "paper": _paper(reader, request) if any(step.receipt for step in steps) else "",
        "export": _export(request) if own else "",
        "wider": wider(request.type, about_of(request)),
        "exports": _exports(session, request, now) if own else [],
        "addresses": reader.addresses,
    }


def _works(request: Request, steps: Sequence[StepLine]) -> bool:
    """Whether the worker is at it, or will be in a moment; a freeze has steps after its end, and so has its lifting."""
    lifting = any(step.action == "freeze" and step.state not in {"refused", "cancelled"} for step in steps)
    if request.type is rules.RequestType.RESTRICT and any(step.state not in OVER for step in steps):
        return True
    if request.state in {RequestState.WITHDRAWN, RequestState.LIFTED}:
        return lifting
    return request.state in WORKING and request.type not in rules.WITHOUT_STEPS


def _clock(request: Request, events: Sequence[RequestEvent], reader: Reader, now: datetime) -> dict[str, Any]:
    counted = deadlines.clock_of(request, events, reader.country, reader.timezone)
    today = clock.local_day(now, ZoneInfo(reader.timezone))
    return {
        "due_on": counted.due_on,
        "days_left": counted.days_left(today),
        "stands": counted.stands_since is not None,
        "extended": counted.extended,
        "lines": [law_words.line(step) for step in counted.lines],
    }


def _decision(request: Request, decision: Decision) -> dict[str, Any]:
    law = book.law(request.law)
    ground = law.ground(decision.ground) if decision.ground else None
    return {
        "outcome": decision.outcome.value,
        "at": decision.confirmed_at,
        "words": decision.words,
        "ground": law_words.said(ground.name) if ground else "",
        "explained": law_words.said(ground.words) if ground else "",
        "article": law_words.article(ground.article) if ground else "",
        "stays": [_left(law, one) for one in decision.stays or ()],
        "four_eyes": decision.confirmed_by is not None,
    }


def _left(law: Law, one: Mapping[str, Any]) -> dict[str, Any]:
    """What a partial approval leaves, and on which ground."""
    ground = law.ground(one.get("ground") or "")
    store = one.get("store")
    named = words.own_store() if store == "daylight" else store or ""
    return {"store": named, "kind": one.get("kind") or "", "ground": law_words.said(ground.name) if ground else ""}


def _remedies(request: Request) -> list[tuple[str, str]]:
    remedies = book.law(request.law).remedies
    return [(law_words.said(remedy.words), law_words.article(remedy.article)) for remedy in remedies]


def _said(request: Request, events: Sequence[RequestEvent]) -> list[dict[str, Any]]:
    """The conversation: what the person wrote when asking, then every message both ways."""
    found = [event for event in events if event.words and EventKind(event.kind) in SAID]
    first = [event for event in events if event.kind == EventKind.SENT and request.words]
    return [_message(event, request.words) for event in first] + [_message(event, event.words) for event in found]


def _message(event: RequestEvent, text: str) -> dict[str, Any]:
    return {
        "mine": event.actor_role in {Role.EMPLOYEE, Role.DELEGATE},
        "role": event.actor_role,
        "name": event.actor_name or "",
        "at": event.at,
        "kind": event.kind,
        "text": text,
    }


def _event(event: RequestEvent) -> dict[str, Any]:
    return {
        "what": words.happened(EventKind(event.kind), event.params),
        "at": event.at,
        "role": event.actor_role,
        "name": event.actor_name or "",
    }


def _stores(counts: Sequence[RequestCount]) -> list[dict[str, Any]]:
    """What was counted, one line a store."""
    found: dict[tuple[UUID | None, str], list[RequestCount]] = {}
    for count in counts:
        found.setdefault((count.dataset_id, count.store), []).append(count)
    return [
        {
            "name": name if dataset else words.own_store(),
            "own": dataset is None,
            "items": sum(row.items for row in rows),
            "stays": sum(row.stays for row in rows),
            "counted_at": rows[0].counted_at,
            "why": words.not_counted(rows[0].why),
        }
        for (dataset, name), rows in found.items()
    ]


def _step(reader: Reader, step: Step, receipt: Receipt | None) -> StepLine:
    part = parts.step(step, receipt)
    endpoint, _, more = reader.receipts
    address = url_for(endpoint, request_id=step.request_id, step_id=step.id, **more)
    return StepLine(
        store=part.store,
        action=part.action,
        state=part.state,
        reason=part.reason,
        since=part.since,
        deleted=part.deleted,
        held=part.held,
        remaining=part.remaining or 0,
        parts=step.parts_done,
        part_of=step.parts_total,
        apart_rows=part.apart_rows,
        frozen_at=part.frozen_at,
        looked_at=part.looked_at,
        unseen_since=part.unseen_since,
        logical_at=part.logical_at,
        physical_on=part.physical_on,
        receipt=address if part.receipt else "",
    )


def _paper(reader: Reader, request: Request) -> str:
    _, endpoint, more = reader.receipts
    return url_for(endpoint, request_id=request.id, **more)


def _export(request: Request) -> str:
    """Where the data that an access request is about can be fetched."""
    if request.type not in COPIES:
        return ""
    query: dict[str, Any] = {"request": request.id, "kind": request.kinds or []}
    if request.starts_at and request.ends_at:
        query |= {"from": request.starts_at.isoformat(), "to": request.ends_at.isoformat()}
    return url_for("exports.exports", **query)


def _exports(session: Session, request: Request, now: datetime) -> list[dict[str, Any]]:
    """The copies that were ordered from this page."""
    if request.type not in COPIES:
        return []
    return [
        {"at": row.ordered_at, "status": state(row, now).value, "url": url_for("exports.export", export_id=row.id)}
        for row in exports.of_request(session, request.employee_id, request.id)
    ]
