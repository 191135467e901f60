"""Gunicorn's own lines, written as ours are: one JSON object each, without addresses and without what was sent."""

import logging
from typing import Any

from gunicorn import glogging  # type: ignore[import-untyped]

from portal.core import logs

log = logging.getLogger("web")
"""Not gunicorn's own, whose level lets no note through."""


class Lines(glogging.Logger):  # type: ignore[misc]
    """What gunicorn calls to log; its levels are those of PORTAL_LOG_LEVEL."""

    level = "info"

    def setup(self, cfg: Any) -> None:
        """Everything goes to our handler."""
        super().setup(cfg)
        logs.configure(self.level)
        self.error_log.handlers, self.error_log.propagate = [], True

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - gunicorn's call
        """The message holds the request's address."""
        log.error("request_failed", exc_info=True)  # noqa: LOG014 - gunicorn handles it
