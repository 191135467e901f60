"""Log lines: one JSON object each, event names, never personal data or secrets.

An exception is logged by its type and its places in the code, without its text: a database's message may quote a row.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog

Event = MutableMapping[str, Any]


def configure(level: str) -> None:
    """Set up structlog and the standard library's logging alike; `level` as in PORTAL_LOG_LEVEL."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_texts,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _Stderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for chatty in ("werkzeug", "urllib3", "authlib"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    logging.getLogger("aiohttp.server").filters = [without_their_words]


def without_their_words(record: logging.LogRecord) -> bool:
    """The line of aiohttp names the address. What is no HTTP is the other side's fault and no error of ours."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if type(error).__module__ == "aiohttp.http_exceptions":  # not imported: the web process has no aiohttp
        record.levelno, record.levelname = logging.INFO, "INFO"
        record.exc_info = None
        record.msg, record.args = "request_malformed", ()
    elif record.args:
        record.msg, record.args = "request_failed", ()
    return True


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def without_texts(_logger: Any, _method: str, event: Event) -> Event:
    """Replace exception information by the exception's type and the places it came through."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if info and info[0]:
        event["error"] = info[0].__name__
        event["at"] = places(info[2])
    return event


def places(trace: TracebackType | None) -> list[str]:
    """Where an exception came through, innermost last: `file:line function`."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
