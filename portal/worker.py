"""What happens without a person. APScheduler rings the bell; the feature's own table says what is to be done."""

import signal
import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.agents.jobs import forget_codes
from portal.audit.jobs import sequencer, witness
from portal.capture.jobs import delete_expired
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.identity.jobs import forget_ended
from portal.pauses.jobs import announce_ends
from portal.requests.jobs import carry_out_next

LOGIN = "worker"
log = structlog.get_logger()

Job = Callable[[Session, datetime], object]


def ensure_partitions(session: Session, _now: datetime) -> None:
    """Keep three months of partitions ahead."""
    session.execute(select(func.ensure_partitions()))


EVERY_SECONDS: dict[Job, int] = {
    carry_out_next: 5,
    announce_ends: 20,
    delete_expired: 600,
    forget_ended: 3600,
    forget_codes: 3600,
    ensure_partitions: 3600,
}
LOG_SECONDS = 2


def run(database: Database, job: Job) -> None:
    """One bell: repeat the job, each time in a transaction of its own, until it says that nothing is left."""
    try:
        while True:
            with database.transaction(LOGIN) as session:
                more = job(session, clock.now())
            if more is not True:
                return
    except OperationalError:
        log.warning("job.database_unavailable", job=job.__name__)


def main(settings: Settings) -> None:
    """Run all jobs on their bells until SIGTERM or SIGINT."""
    database = Database(settings)
    database.check(LOGIN)
    scheduler = BackgroundScheduler(timezone="UTC")
    log_jobs: dict[Job, int] = {sequencer(settings): LOG_SECONDS, witness(settings): LOG_SECONDS}
    for job, seconds in (EVERY_SECONDS | log_jobs).items():
        scheduler.add_job(
            run, "interval", (database, job), seconds=seconds, next_run_time=clock.now(), max_instances=1, coalesce=True
        )
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    scheduler.start()
    log.info("worker.ready")
    done.wait()
    scheduler.shutdown()
    database.dispose()
