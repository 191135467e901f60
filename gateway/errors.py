"""What the gateway answers when it says no: a slug for the program, a plain sentence for the person."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web

from gateway import metrics

log = structlog.get_logger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_BY_STATUS = {
    404: ("not_found", "There is nothing at this address."),
    405: ("method", "This method does not work here."),
}


class RefusedError(Exception):
    """A request that is not done. `extra` goes into the JSON body, `headers` beside it."""

    def __init__(
        self, status: int, slug: str, message: str, *, headers: dict[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(slug)
        self.status, self.slug, self.message = status, slug, message
        self.headers, self.extra = headers or {}, extra

    def response(self) -> web.Response:
        """The JSON answer."""
        body = {"error": self.slug, "message": self.message, **self.extra}
        return web.json_response(body, status=self.status, headers=self.headers)


def malformed(message: str) -> RefusedError:
    """400: the bytes are not what this address takes."""
    return RefusedError(400, "malformed", message)


LATER = "The service cannot do this right now. Nothing was lost; please send it again later."


def unavailable(
    slug: str = "unavailable", seconds: int = 5, message: str = LATER, *, headers: dict[str, str] | None = None
) -> RefusedError:
    """503: nothing was stored or changed; the same request may be sent again after `seconds`."""
    return RefusedError(503, slug, message, headers={"Retry-After": str(seconds), **(headers or {})})


def device_removed() -> RefusedError:
    """403: the key or token is right, but dead."""
    return RefusedError(403, "device_removed", "This device was removed. Add it again on the settings page.")


def too_many(headers: dict[str, str] | None = None) -> RefusedError:
    """429: slower, please."""
    said = {"Retry-After": "2", **(headers or {})}
    return RefusedError(429, "too_many_requests", "Too many requests in a short time.", headers=said)


@web.middleware
async def json_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every refusal into JSON and one log line that names no person, no device and no content."""
    try:
        return await handler(request)
    except RefusedError as refused:
        answer = refused
    except web.HTTPException as error:
        slug, message = _BY_STATUS.get(error.status, ("request", "This request cannot be served."))
        allow = error.headers.get("Allow")
        answer = RefusedError(error.status, slug, message, headers={"Allow": allow} if allow else None)
    except Exception:
        log.exception("request_failed", route=_route(request))
        metrics.refusals.labels("internal").inc()
        return RefusedError(500, "internal", "Something went wrong here. It was logged.").response()
    metrics.refusals.labels(answer.slug).inc()
    log.info("refused", route=_route(request), status=answer.status, reason=answer.slug)
    return answer.response()


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"
