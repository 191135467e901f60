"""Stops for all that this device has seen. Each holds, over restarts too, until officer and council end that very one.

A server that says nothing more of a stop, or shows another document for it, changes nothing: the two signatures do.
"""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from wire import codec, documents, dsse
from wire.documents import Signer, Stop, Trust
from wire.stopping import open_resume

STOP, RESUME = "stop", "resume"
UNREADABLE = UUID(int=0)
"""Stands for what the device's own file held and nobody can read any more: no document ends it."""

Refusal = (dsse.SignatureError, codec.DocumentError)


class Stops:
    """The stops in force here. `doubtful`: the latest configuration held one that does not verify."""

    def __init__(self, held: Iterable[UUID] = ()) -> None:
        self.held = frozenset(held)
        self.doubtful = False

    def __bool__(self) -> bool:
        return bool(self.held) or self.doubtful

    def take(self, files: Mapping[str, bytes], trust: Trust) -> tuple[str, ...]:
        """Take in the stops and resumes among `files` (`stop`, `stop-2`, …); names of those refused.

        Each stop is obeyed: the gateway sends it only to the sites it names, which this device does not know. A stop
        that stands beside its own end is over.
        """
        refused: list[str] = []
        begun = _each(files, STOP, lambda data: _stop(data, trust), refused)
        self.doubtful = bool(refused)
        ended = _each(files, RESUME, lambda data: open_resume(data, trust).stop, refused)
        self.held = (self.held | begun) - ended
        return tuple(refused)

    def to_json(self) -> list[str]:
        """The form in which they lie on disk."""
        return sorted(str(one) for one in self.held)


def from_json(value: object) -> Stops:
    """Those read from disk; what cannot be read is taken as a stop that never ends: the stricter reading."""
    try:
        return Stops(UUID(one) for one in value) if isinstance(value, list) else Stops([UNREADABLE])
    except (ValueError, AttributeError, TypeError):
        return Stops([UNREADABLE])


def _stop(envelope: bytes, trust: Trust) -> UUID:
    return documents.open_signed(Stop, envelope, trust.keys_of(Signer.LEASE))[0].id


def _each(files: Mapping[str, bytes], kind: str, read: Callable[[bytes], UUID], refused: list[str]) -> frozenset[UUID]:
    """What `read` makes of each file of this kind; names of what it refuses are added to `refused`."""
    found = set()
    for name in sorted(name for name in files if name.partition("-")[0] == kind):
        try:
            found.add(read(files[name]))
        except Refusal:
            refused.append(name)
    return frozenset(found)
