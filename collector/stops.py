"""Stops for all that this device has seen. Each holds, over restarts too, until officer and council end that very one.

A server that says nothing more of a stop, or shows another document for it, changes nothing: the two signatures do.
Their signers read number, moment and audience: all of that must be this stop's, not its id alone.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from wire import codec, documents, dsse
from wire.documents import Signer, Stop, Trust
from wire.stopping import open_resume, resume_of

Found = TypeVar("Found")

STOP, RESUME = "stop", "resume"
UNREADABLE = UUID(int=0)
"""Stands for what the device's own file held and nobody can read any more: no document ends it."""

UNKNOWN = ""
"""Stands for the end of a stop that was kept by its id alone: no document is it."""

Refusal = (dsse.SignatureError, codec.DocumentError)


class Stops:
    """The stops in force here. `doubtful`: the latest configuration held one that does not verify."""

    def __init__(self, ends: Mapping[UUID, str] | None = None) -> None:
        """`ends`: of each stop in force the hash of the one document that ends it."""
        self._ends = dict(ends or {})
        self.doubtful = False

    def __bool__(self) -> bool:
        return bool(self._ends) or self.doubtful

    @property
    def held(self) -> frozenset[UUID]:
        """Their ids."""
        return frozenset(self._ends)

    def take(self, files: Mapping[str, bytes], trust: Trust) -> tuple[str, ...]:
        """Take in the stops and resumes among `files` (`stop`, `stop-2`, …); names of those refused.

        Each stop is obeyed: the gateway sends it only to the sites it names, which this device does not know. A stop
        that stands beside its own end is over. The first document that this device saw of a stop says what it is.
        """
        refused: list[str] = []
        begun = dict(_each(files, STOP, lambda data: _stop(data, trust), refused))
        self.doubtful = bool(refused)
        known = begun | self._ends
        ended = _each(files, RESUME, lambda data: _end(data, trust, known), refused)
        self._ends = {stop: end for stop, end in known.items() if stop not in ended}
        return tuple(refused)

    def to_json(self) -> list[list[str]]:
        """The form in which they lie on disk."""
        return sorted([str(stop), end] for stop, end in self._ends.items())


def from_json(value: object) -> Stops:
    """Those read from disk; what cannot be read is taken as a stop that never ends: the stricter reading."""
    try:
        return Stops(dict(map(_kept, value)) if isinstance(value, list) else {UNREADABLE: UNKNOWN})
    except (ValueError, AttributeError, TypeError):
        return Stops({UNREADABLE: UNKNOWN})


def _kept(entry: Any) -> tuple[UUID, str]:
    stop, end = (entry, UNKNOWN) if isinstance(entry, str) else entry
    return UUID(stop), str(end)


def _stop(envelope: bytes, trust: Trust) -> tuple[UUID, str]:
    """Its id, and the hash of what ends it."""
    stop = documents.open_signed(Stop, envelope, trust.keys_of(Signer.LEASE))[0]
    return stop.id, documents.document_hash(resume_of(stop))


def _end(envelope: bytes, trust: Trust, known: Mapping[UUID, str]) -> UUID:
    """The stop that it ends; the end of one that is not in force here is none of this device's business."""
    resume = open_resume(envelope, trust)
    end = documents.document_hash(resume)
    if known.get(resume.stop, end) != end:
        raise codec.DocumentError("its signers read of another stop than the one that it names")
    return resume.stop


def _each(files: Mapping[str, bytes], kind: str, read: Callable[[bytes], Found], refused: list[str]) -> list[Found]:
    """What `read` makes of each file of this kind; names of what it refuses are added to `refused`."""
    found = []
    for name in sorted(name for name in files if name.partition("-")[0] == kind):
        try:
            found.append(read(files[name]))
        except Refusal:
            refused.append(name)
    return found
