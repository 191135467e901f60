"""How often one person, or one address before anybody is known, may ask (ASVS V2.4.1).

Counted in the memory of each web worker: with two of them a person has up to twice as much; a restart begins anew.
That is enough to keep a script from filling tables or keeping the vault busy. Addresses are those of the connection:
behind a proxy everybody shares one, so that those limits are wide and the proxy should have narrower ones of its own.
"""

from typing import Final, cast

from flask import Flask, current_app
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.exceptions import TooManyRequests

CHANGES: Final = "120/minute"
"""What one person may change: every unsafe request that declares nothing else."""
EXTENSION: Final = "limits"
RETRY_SECONDS: Final = 30


def register(app: Flask) -> None:
    """A counter of this application's own."""
    app.extensions[EXTENSION] = SlidingWindowCounterRateLimiter(MemoryStorage())


def count(often: str, what: str, who: str) -> None:
    """Count one `what` of `who`. Raises TooManyRequests beyond `often`, such as `30/minute`."""
    limiter = cast(SlidingWindowCounterRateLimiter, current_app.extensions[EXTENSION])
    if not limiter.hit(_item(often), what, who):
        raise TooManyRequests(retry_after=RETRY_SECONDS)


def _item(often: str) -> RateLimitItem:
    if often not in _items:
        _items[often] = parse(often)
    return _items[often]


_items: dict[str, RateLimitItem] = {}
