"""What was sent and answered, day by day, until the server has taken the day's tally. A day is that of UTC.

Each answer is on disk before its segment leaves the spool: after a crash it is sent again and answered the same, and
an id counts once. Days follow the numbers: once a day is closed, what is answered later belongs to the next one.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector.spool import Spool, Waiting
from collector.state import StateDir, replace
from wire import codec, documents, dsse, segment
from wire.documents import Kind
from wire.segment import Header
from wire.tally import MAX_UNSURE, Sent, Tally, ids_hash

SENT, ASKED, CLOSED, DONE = "sent.log", "asked.json", "tally.dsse", "tallied"
GRACE_MS = 300_000
MOST_DAYS = 31
"""For how many days without this collector it says afterwards that there was nothing."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Entry:
    """One answered segment, under the day whose tally holds it."""

    day: date
    seq: int
    id: UUID
    kind: Kind
    context: str

    def line(self) -> bytes:
        """As it is kept on disk."""
        return json.dumps([self.day.isoformat(), self.seq, str(self.id), self.kind, self.context]).encode() + b"\n"


def day_of(milliseconds: int) -> date:
    """The day of UTC at a moment of the server's clock."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)).date()


class Ledger:
    """See the module."""

    def __init__(self, state: StateDir) -> None:
        self._state, self._path = state, state.path / SENT
        self._done = _day(state.read(DONE))
        self._entries = {entry.id: entry for entry in self._read()}
        asked = state.read_json(ASKED)
        self._asked = {UUID(one): int(seq) for one, seq in asked.items()} if isinstance(asked, dict) else {}

    def asking(self, batch: Iterable[Waiting]) -> None:
        """Remembers what is about to be sent: from now on the server may have it, whether or not an answer comes."""
        new = {header.segment: seq for seq, header in _headers(batch)}
        if not new.keys() <= self._asked.keys():
            self._asked |= new
            self._keep_asked()

    def answered(self, batch: Iterable[Waiting]) -> None:
        """Keeps, on disk when this returns, that these were answered. Call it before they leave the spool."""
        fresh: list[Entry] = []
        earliest = self._open_since()
        for seq, header in _headers(batch):
            self._asked.pop(header.segment, None)
            if header.segment not in self._entries:
                earliest = max(day_of(header.end), earliest)
                entry = Entry(earliest, seq, header.segment, header.kind, header.context)
                self._entries[entry.id] = entry
                fresh.append(entry)
        if fresh:
            self._append(fresh)
        self._keep_asked()

    def unread(self, one: Waiting) -> None:
        """The server could not read this one, and keeps nothing of it."""
        for _, header in _headers([one]):
            self._asked.pop(header.segment, None)
        self._keep_asked()

    def due(self, now: int, spool: Spool, device: UUID, key: Ed25519PrivateKey) -> bytes | None:
        """The signed tally of the next finished day, the same bytes until `taken`; None while nothing is due."""
        closed = self._closed()
        if closed is not None:
            return closed[1]
        today = day_of(now - GRACE_MS)
        if self._done is None:
            self._finish(today - ONE_DAY)
        day = self._next(today)
        if day >= today or any(day_of(header.end) <= day for _, header in _headers(spool.oldest(1, segment.MAX_SIZE))):
            return None
        envelope = documents.sign(self._tally(day, now, spool, device), [key])
        self._state.write(CLOSED, envelope)
        return envelope

    def taken(self) -> None:
        """The server has the tally that was due, or never will: its day is forgotten."""
        closed = self._closed()
        if closed is None:
            return
        tally = closed[0]
        self._finish(date.fromisoformat(tally.day))
        self._asked = {one: seq for one, seq in self._asked.items() if one not in set(tally.unsure)}
        self._keep_asked()
        self._state.remove(CLOSED)

    def _tally(self, day: date, now: int, spool: Spool, device: UUID) -> Tally:
        entries = [entry for entry in self._entries.values() if entry.day <= day]
        slots: dict[tuple[Kind, str], list[UUID]] = defaultdict(list)
        for entry in entries:
            slots[entry.kind, entry.context].append(entry.id)
        numbers = [entry.seq for entry in entries]
        return Tally(
            device=device,
            day=day.isoformat(),
            first=min(numbers, default=0),
            last=max(numbers, default=0),
            n=len(entries),
            ids=ids_hash(entry.id for entry in entries),
            sent=tuple(Sent(*slot, len(ids), ids_hash(ids)) for slot, ids in sorted(slots.items())),
            unsure=tuple(sorted(one for one, seq in self._asked.items() if seq not in spool)[:MAX_UNSURE]),
            at=now,
        )

    def _open_since(self) -> date:
        """The first day that the next number may belong to: none that is closed, none before that of a smaller one."""
        closed = self._closed()
        last = date.fromisoformat(closed[0].day) if closed else self._done
        open_since = date.min if last is None else last + ONE_DAY
        return max((entry.day for entry in self._entries.values() if entry.day > open_since), default=open_since)

    def _next(self, today: date) -> date:
        done = self._done or today
        earliest = min((entry.day for entry in self._entries.values()), default=today)
        return max(done + ONE_DAY, min(earliest, today - MOST_DAYS * ONE_DAY))

    def _closed(self) -> tuple[Tally, bytes] | None:
        envelope = self._state.read(CLOSED)
        if envelope is None:
            return None
        try:
            tally = documents.read(Tally, dsse.payload_of(envelope))
        except (dsse.SignatureError, codec.DocumentError):
            return None
        over = self._done is not None and date.fromisoformat(tally.day) <= self._done
        return None if over else (tally, envelope)

    def _finish(self, day: date) -> None:
        """The day first, then its entries: whoever starts in between leaves out what is done."""
        self._state.write(DONE, day.isoformat().encode())
        self._done = day
        self._entries = {one: entry for one, entry in self._entries.items() if entry.day > day}
        replace(self._path, b"".join(entry.line() for entry in self._entries.values()), durable=True)

    def _append(self, entries: Iterable[Entry]) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(b"".join(entry.line() for entry in entries))
            file.flush()
            os.fsync(file.fileno())

    def _keep_asked(self) -> None:
        value = {str(one): seq for one, seq in self._asked.items()}
        replace(self._state.path / ASKED, json.dumps(value).encode(), durable=False)

    def _read(self) -> Iterator[Entry]:
        """What is whole; a line cut off by a crash is cut away, since its segment is still in the spool."""
        data = self._state.read(SENT) or b""
        whole = data[: data.rfind(b"\n") + 1]
        if whole != data:
            replace(self._path, whole, durable=True)
        for line in whole.splitlines():
            try:
                day, seq, one, kind, context = json.loads(line)
                entry = Entry(date.fromisoformat(day), int(seq), UUID(one), Kind(kind), str(context))
            except (ValueError, TypeError):
                continue
            if self._done is None or entry.day > self._done:
                yield entry


def _headers(batch: Iterable[Waiting]) -> Iterator[tuple[int, Header]]:
    for one in batch:
        try:
            yield one.seq, segment.read_header(one.header)
        except segment.SegmentError:
            continue


def _day(data: bytes | None) -> date | None:
    try:
        return None if data is None else date.fromisoformat(data.decode())
    except ValueError:
        return None
