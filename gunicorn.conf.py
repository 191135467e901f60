"""How the web process is served: `gunicorn wsgi:app`. Everything here is a default that the command line may change."""

import os
import tempfile
from pathlib import Path
from typing import Any

from prometheus_client import multiprocess

from portal.core.config import Settings

bind = Settings.from_env(os.environ).web_bind
worker_class = "gthread"
workers = 2
threads = 8
timeout = 60
graceful_timeout = 10
keepalive = 5
worker_tmp_dir = next((path for path in ("/dev/shm", tempfile.gettempdir()) if Path(path).is_dir()), None)  # noqa: S108

# nobody's word is taken for who asks or how: addresses are built from PORTAL_BASE_URL, cookies are always Secure
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
limit_request_line = 4094
limit_request_fields = 64

# the application writes its own line per answer, without addresses; gunicorn's would hold both
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True

os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="daylight-metrics-"))


def child_exit(_server: Any, worker: Any) -> None:
    """A worker's counts outlive it."""
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
