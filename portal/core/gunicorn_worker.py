"""Gunicorn's worker, whose answer to what is no HTTP has the headers of every other answer and quotes nothing (S08)."""

import logging
import socket
from http import HTTPStatus
from typing import Any, Final

from gunicorn import util  # type: ignore[import-untyped]
from gunicorn.http import errors  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from portal.core.web.security import FIXED

log = logging.getLogger("web")

STATUS: Final = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
}
HEADERS: Final = FIXED | {
    "Cache-Control": "no-store",
    "Connection": "close",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Content-Type": "text/plain; charset=us-ascii",
}


class Worker(ThreadWorker):  # type: ignore[misc]
    """What serves the pages; the rest is gunicorn's."""

    def handle_error(self, _req: Any, client: socket.socket, _addr: Any, exc: Exception) -> None:
        """Answer a request that never reached the application, or whose answer could not be written."""
        if isinstance(exc, errors.ParseException):
            log.info("request_malformed")
            status = STATUS.get(type(exc), HTTPStatus.BAD_REQUEST)
        else:
            log.error("request_failed", exc_info=exc)
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        body = f"{status.value} {status.phrase}\n"
        headers = HEADERS | {"Content-Length": str(len(body))}
        lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        try:
            util.write_nonblock(client, "\r\n".join([*lines, "", body]).encode())
        except OSError:
            log.debug("request_unanswered")
