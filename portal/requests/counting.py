"""The worker asks external stores how much of a request lies there, outside any transaction; HR and the person see it.

Asked once for a request that was sent, and daily for whoever has a draft, so that its preview knows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import repeat
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.config import ConfigError, Settings
from portal.core.db import Database
from portal.core.ending import Ending
from portal.deletion.rules import Chosen, chosen_of
from portal.deletion.work import erasing
from portal.requests import previewing, queries
from portal.requests.copies import COPIES
from portal.requests.models import Request
from portal.requests.patience import Patience
from portal.requests.previewing import Counted, Store
from portal.requests.queries import UNREACHABLE
from portal.requests.rules import UNDECIDED
from portal.sources import actions as sources
from portal.sources.connections import Connections
from portal.sources.connectors.base import (
    ConnectorError,
    Count,
    Reason,
    RefusedError,
    Target,
    UnreachableError,
)
from portal.sources.models import Source
from portal.sources.queries import Place
from portal.sources.rules import told

LOGIN: Final = "worker"
AGAIN: Final = timedelta(minutes=10)
"""How long a store that did not answer is left alone."""
FRESH: Final = timedelta(days=1)
"""How long a count is good enough for a preview."""
PATIENCE: Final = timedelta(minutes=10)
"""How long stores have, which are asked beside each other, before what the others said is kept without theirs."""
log = structlog.get_logger()

Answer = Count | ConnectorError


@dataclass(frozen=True)
class Question:
    """One dataset: all that is meant there, and where a hold keeps some, what is free; or why it cannot be asked."""

    place: Place
    whole: tuple[Target, ...] = ()
    free: tuple[Target, ...] = ()
    held: bool = False
    everything: bool = False
    refused: RefusedError | None = None

    @property
    def targets(self) -> tuple[Target, ...]:
        """What is asked, in this order."""
        return self.whole + self.free


Answered = tuple[Question, list[Answer]]


class Counting:
    """Counts in the stores whose addresses `settings` hold."""

    def __init__(self, database: Database, settings: Settings, ending: Ending | None = None) -> None:
        self._patience = Patience[UUID, list[Answer]](PATIENCE)
        self._database = database
        self._settings = settings
        self._ending = ending or Ending()
        self._left_alone: dict[UUID, datetime] = {}

    def run(self) -> None:
        """One bell: everything that was not counted yet. Raises EndingError in the midst of it."""
        try:
            while not self._ending.asked and self.next():
                pass
        except OperationalError:
            log.warning("job.database_unavailable", job="count_elsewhere")

    def next(self) -> bool:
        """Count one request, or one person's stores; False when nothing waits."""
        return self._count_request() or self._count_person()

    def _count_request(self) -> bool:
        now = clock.now()
        with self._database.transaction(LOGIN) as session:
            found = queries.not_asked(session, now - AGAIN)
            if found is None:
                return False
            request, places = found
            person, request_id = request.employee_id, request.id
            questions = _questions(session, person, places, _asked_of_others(request), request.received_at or now)
        answers = self._ask(questions)
        with self._database.transaction(LOGIN) as session:
            _mark(session, answers)
            request_now = queries.locked(session, request_id)
            if request_now is not None and request_now.state in UNDECIDED:
                _remember(session, person, answers)
                previewing.put(session, request_now, [_store(*one, now) for one in answers], now)
        return True

    def _count_person(self) -> bool:
        now = clock.now()
        self._left_alone = {person: until for person, until in self._left_alone.items() if until > now}
        with self._database.transaction(LOGIN) as session:
            found = queries.not_counted(session, now - FRESH, self._left_alone)
            if found is None:
                return False
            person, places = found
            questions = _questions(session, person, places, Chosen(), now)
        answers = self._ask(questions)
        with self._database.transaction(LOGIN) as session:
            _mark(session, answers)
            _remember(session, person, answers)
        wrong = [error for _, found in answers if (error := _error(found)) is not None]
        if wrong:
            away = any(isinstance(error, UnreachableError) for error in wrong)
            self._left_alone[person] = now + (AGAIN if away else FRESH)
        return True

    def _ask(self, questions: Sequence[Question]) -> list[Answered]:
        """Every question with its answers, in the order of its targets: few words with each source, all at once."""
        found: list[Answered] = [(one, [one.refused]) for one in questions if one.refused]
        asked: dict[UUID, list[Question]] = {}
        for one in questions:
            if one.refused is None:
                asked.setdefault(one.place.source.id, []).append(one)
        told = self._patience.ask({source: partial(self._told, same) for source, same in asked.items()})
        for source, same in asked.items():
            answers = iter(told.get(source, repeat(UnreachableError("no answer in time"))))
            found += [(one, [next(answers) for _ in one.targets]) for one in same]
        return found

    def _told(self, same: Sequence[Question]) -> list[Answer]:
        """What one source says to its questions."""
        targets = [it for one in same for it in one.targets]
        with Connections(self._settings) as stores:
            return list(self._ending.each(_answers(stores, same[0].place.source, targets)))


def _mark(session: Session, answers: Sequence[Answered]) -> None:
    """Which stores answered."""
    now = clock.now()
    for question, found in answers:
        if question.targets:
            reached = not isinstance(_error(found), UnreachableError)
            sources.mark_contact(session, question.place.source.id, now, reached=reached)


def _remember(session: Session, person: UUID, answers: Sequence[Answered]) -> None:
    """What a preview needs: how many rows of the person lie there in all."""
    now = clock.now()
    for question, found in answers:
        if question.everything and question.refused is None and _error(found) is None:
            whole = _sum(found[: len(question.whole)])
            sources.remember_count(session, person, question.place.dataset.id, whole, now)


def _asked_of_others(request: Request) -> Chosen:
    """What is meant in other stores: for a copy whatever the app and the sensitivity (`copies.reach`)."""
    chosen = chosen_of(request)
    return replace(chosen, contexts=None, sensitivities=None) if request.type in COPIES else chosen


def _questions(
    session: Session, person: UUID, places: Iterable[Place], chosen: Chosen, asked_at: datetime
) -> list[Question]:
    made, everything = [], replace(chosen, whole_person=False, segments=None) == Chosen()
    for place in places:
        try:
            work = erasing(session, person, place, chosen, asked_at)
        except RefusedError as error:
            made.append(Question(place, refused=error))
        else:
            held = bool(work.whole)
            whole, free = (work.whole, work.targets) if held else (work.targets, ())
            made.append(Question(place, whole, free, held, everything))
    return made


def _answers(stores: Connections, source: Source, targets: Sequence[Target]) -> Iterator[Answer]:
    """As many as there are targets; once a source is out of reach, it is not asked for the others, too."""
    given, last = 0, None
    try:
        for _, last in stores.open(source).counts(targets):
            if isinstance(last, UnreachableError):
                break
            given += 1
            yield last
    except (ConnectorError, ConfigError) as error:
        last = error if isinstance(error, RefusedError) else UnreachableError("out of reach")
    except Exception as error:  # noqa: BLE001 - one store's trouble must not end the others; no text into a log
        log.error("count.failed", error=type(error).__name__)
        last = RefusedError(Reason.STORE_ERROR)
    for _ in targets[given:]:
        yield last if isinstance(last, ConnectorError) else RefusedError(Reason.STORE_ERROR)


def _sum(found: Sequence[Answer]) -> Count:
    """Counts of rows of which none is counted twice."""
    counts = [one for one in found if isinstance(one, Count)]
    by_kind: Counter[str] = Counter()
    for one in counts:
        by_kind.update(one.by_kind)
    return Count(sum(one.rows for one in counts), by_kind)


def _error(found: Sequence[Answer]) -> ConnectorError | None:
    return next((one for one in found if isinstance(one, ConnectorError)), None)


def _store(question: Question, found: list[Answer], now: datetime) -> Store:
    """One dataset as a request remembers it, by our kinds: HR decides about these."""
    name, dataset, error = question.place.dataset.name, question.place.dataset.id, _error(found)
    if isinstance(error, RefusedError):
        return Store(name, dataset, counted_at=now, refused=f"{error.reason}:{error.detail}")
    if error is not None:
        return Store(name, dataset, counted_at=now, refused=UNREACHABLE)
    whole = _sum(found[: len(question.whole)])
    free = _sum(found[len(question.whole) :]) if question.held else whole
    words = question.place.dataset.kinds
    left = told(free.by_kind, words)
    lines = [
        Counted(rows, kind or None, stays=rows - left.get(kind, 0))
        for kind, rows in sorted(told(whole.by_kind, words).items())
    ] or [Counted(whole.rows, stays=whole.rows - free.rows)]
    return Store(name, dataset, tuple(lines), now)
