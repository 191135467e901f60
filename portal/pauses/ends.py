"""What starts again when a pause ends, and how that is told: pure, like `rules`. Times are Unix milliseconds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.core.clock import from_ms, to_ms
from portal.pauses.rules import Pause, active, hits
from wire.documents import Kind, PauseSpan


@dataclass(frozen=True)
class Restart:
    """What may be recorded again from `at` on: `kinds`, `contexts`, `device` None: all. `others` stay paused."""

    at: int
    kinds: tuple[Kind, ...] | None
    contexts: tuple[str, ...] | None
    device: UUID | None
    others: bool

    @property
    def whole(self) -> bool:
        """Whether everything on every device starts again, but for what others hold back."""
        return self.kinds is None and self.contexts is None and self.device is None


def restarts(pauses: Iterable[Pause], after: int, until: int) -> tuple[Restart, ...]:
    """What starts again in (`after`, `until`] because a pause that holds at `after` ends, and none goes on with it."""
    known = tuple(pauses)
    ending = [span for span in active(known, after) if span.ends is not None and span.ends <= until]
    found = [_restart(span, span.ends, active(known, span.ends)) for span in ending if span.ends is not None]
    whole = {one.at for one in found if one is not None and one.whole}
    return tuple(dict.fromkeys(one for one in found if one is not None and (one.whole or one.at not in whole)))


def _restart(span: PauseSpan, at: int, going_on: Sequence[PauseSpan]) -> Restart | None:
    """What of `span` nothing that goes on holds back. An app that none of them names stands for all such apps."""
    named = {context for one in (span, *going_on) for context in one.contexts or ()}
    cells = {(kind, context) for kind in Kind for context in (*named, "") if hits(span, kind, context, span.device)}
    free = {cell for cell in cells if not any(hits(one, *cell, span.device) for one in going_on)}
    if not free:
        return None
    kinds, contexts = {kind for kind, _ in free}, {context for _, context in free}
    whole = len(kinds) == len(Kind)
    return Restart(
        at,
        None if whole else tuple(kind for kind in Kind if kind in kinds),
        None if "" in contexts else tuple(sorted(contexts)),
        span.device,
        others=bool(going_on),
    )


def params(restart: Restart) -> dict[str, Any]:
    """What is told of a restart, as plain values: `at` is an ISO moment, no `kinds` or `contexts` mean all."""
    return {
        "at": from_ms(restart.at).isoformat(),
        "kinds": list(restart.kinds or ()),
        "contexts": list(restart.contexts or ()),
        "one_device": restart.device is not None,
        "others": restart.others,
    }


def holds(told: Mapping[str, Any], pauses: list[Pause], now: datetime) -> bool:
    """Whether what was told of the end of a pause is still to come, just so."""
    at = datetime.fromisoformat(told["at"])
    return any(params(restart) == told for restart in restarts(pauses, to_ms(now), to_ms(at)))
