"""How the web process is served: `gunicorn wsgi:app`. Everything here is a default that the command line may change."""

import gc
import os
import shutil
from pathlib import Path

from portal.core.config import Settings
from portal.core.gunicorn_lines import Lines

settings = Settings.from_env(os.environ)
bind = settings.web_bind
worker_class = "portal.core.gunicorn_worker.Worker"  # gthread
workers = 2
threads = 4  # they share one interpreter: more of them make all pages of a rush late instead of some
timeout = 60
graceful_timeout = 10
keepalive = 5
IN_MEMORY = "/dev/shm"  # noqa: S108 - gunicorn's own files there have names nobody can guess
worker_tmp_dir = IN_MEMORY if Path(IN_MEMORY).is_dir() and os.access(IN_MEMORY, os.W_OK | os.X_OK) else None
"""Where workers show that they live: not on a disk, which may stall and get them killed. None: the usual place."""

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
Lines.level = settings.log_level
logger_class = Lines
control_socket_disable = True

counts = settings.var_dir / "run" / "metrics"
"""Where the workers add up what /metrics tells; begun anew at each start. Known before anything imports the client."""
shutil.rmtree(counts, ignore_errors=True)
counts.mkdir(mode=0o700, parents=True)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)


def post_worker_init(_worker: object) -> None:
    """What was loaded stays: the collector of garbage need not look at it again."""
    gc.collect()
    gc.freeze()
