"""What happens without a person. APScheduler rings the bell; the feature's own table says what is to be done."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.agents.jobs import forget_codes
from portal.audit.jobs import sequencer, witness
from portal.audit.keys import log_key
from portal.bystanders.jobs import file_next, follow_next, forget_closed, match_next, withdraw_next
from portal.capture.jobs import forget_leases, forget_refused, forget_reports
from portal.core import clock
from portal.core.config import Settings
from portal.core.db import Database
from portal.core.ending import Ending, EndingError, end_in_time
from portal.core.vault_client import VaultClient
from portal.council.jobs import forget_seats
from portal.deletion import burying, holding, jobs, receipting
from portal.deletion.carrying import Carrier
from portal.deletion.external import External
from portal.deletion.keeping import Keeping
from portal.deletion.own_store import READER, DestroyKeys, OwnStore
from portal.deletion.retention import Retention
from portal.exports.external import ExternalStores
from portal.exports.jobs import clear_next
from portal.exports.stores import StoreWork
from portal.hr.jobs import digest
from portal.identity.jobs import forget_ended
from portal.notifications.heads import head_mailer
from portal.notifications.jobs import forget_mails, mailer
from portal.owners.jobs import tell_owners
from portal.pauses.jobs import announce_ends
from portal.petitions import jobs as petitions
from portal.policies.exemptions.jobs import exemption_counter
from portal.policies.jobs import tell_ended
from portal.policies.rollouts.actions import halt_unhealthy
from portal.reconciliation.jobs import checker, forget_checks, gather, plan_days, sharer
from portal.reconciliation.stores import Undeclared
from portal.releases.jobs import releaser, smallest_group
from portal.requests.counting import Counting
from portal.requests.freezes import spared
from portal.requests.jobs import (
    close_exported,
    count_next,
    ended,
    forget_drafts,
    lift_next,
    plan_next,
    reach_next,
    reopened,
    retry_next,
)
from portal.requests.lifting import lift_due
from portal.stops import records
from portal.watch import looking
from portal.watch.actions import noter
from portal.watch.rules import Watched

LOGIN = "worker"
log = structlog.get_logger()

Job = Callable[[Session, datetime], object]


def ensure_partitions(session: Session, _now: datetime) -> None:
    """Keep three months of partitions ahead; one that is locked out now is made the next time."""
    session.execute(select(func.ensure_partitions()))


EVERY_SECONDS: dict[Job, int] = {
    count_next: 5,
    plan_next: 5,
    lift_next: 5,
    reach_next: 60,
    retry_next: 5,
    lift_due: 60,
    close_exported: 30,
    match_next: 10,
    file_next: 5,
    withdraw_next: 5,
    follow_next: 5,
    forget_closed: 3600,
    announce_ends: 20,
    halt_unhealthy: 15,
    tell_ended: 60,
    clear_next: 30,
    forget_ended: 3600,
    forget_codes: 3600,
    forget_reports: 86_400,
    forget_leases: 86_400,
    forget_refused: 86_400,
    forget_drafts: 3600,
    forget_mails: 3600,
    digest: 600,
    tell_owners: 600,
    plan_days: 600,
    gather: 300,
    forget_checks: 3600,
    forget_seats: 3600,
    ensure_partitions: 600,
    petitions.count_next: 30,
    petitions.move_on: 30,
    petitions.tell_everybody: 10,
    petitions.forget_names: 3600,
    petitions.publish_code: 3600,
    petitions.publish_keys: 60,
}
LOG_SECONDS = 2
RECORD_SECONDS = 5
STORE_SECONDS = 2
COUNT_SECONDS = 5
LOOK_SECONDS = 600
STEP_SECONDS = 2
KEEP_SECONDS = 30
AGE_SECONDS = 10
VAULT_SECONDS = 120.0
ERASURE_SECONDS = 5
HOLD_SECONDS = 30
FORGET_SECONDS = 3600
RELEASE_SECONDS = 600
CHECK_SECONDS = 30
SHARE_SECONDS = 300
WATCH_SECONDS = 60
MAIL_SECONDS = 5
END_SECONDS = 10.0
"""How long what was begun may take once the process is to end; what still waits for a store then is cut off."""


def run(database: Database, job: Job, ending: Ending | None = None) -> None:
    """One bell: repeat the job, each time in a transaction of its own, until nothing is left or the process ends."""
    try:
        while ending is None or not ending.asked:
            with database.transaction(LOGIN) as session:
                more = job(session, clock.now())
            if more is not True:
                return
    except OperationalError:
        log.warning("job.database_unavailable", job=job.__name__)


def read_stores(work: StoreWork, ending: Ending) -> None:
    """Another bell: read external stores for exports, outside any transaction, until none waits or the process ends."""
    try:
        while not ending.asked and work.next():
            pass
    except OperationalError:
        log.warning("job.database_unavailable", job="read_stores")


def carrier(
    database: Database, settings: Settings, destroy_keys: DestroyKeys | None = None, ending: Ending | None = None
) -> Carrier:
    """Who carries out steps; the last of a request tells whoever looks after requests.

    `destroy_keys`: who does it where no vault runs, as after a restore.
    """
    ending = ending or Ending()
    vault = VaultClient(settings.vault_url, VAULT_SECONDS) if settings.vault_url else None
    destroy = destroy_keys or (vault.destroy_keys if vault else None)
    own = OwnStore(database, burying.journal(settings), settings.backup_days, destroy, ending)
    return Carrier(database, log_key(settings), own, External(database, settings, ending), ended, ending)


def _own_jobs(settings: Settings) -> dict[Job, int]:
    key = log_key(settings)
    return {
        sequencer(settings): LOG_SECONDS,
        witness(settings, head_mailer(settings), noter(Watched.WITNESS)): LOG_SECONDS,
        receipting.prover(key): LOG_SECONDS,
        records.keeper(key.private): RECORD_SECONDS,
        jobs.carrier(burying.journal(settings)): ERASURE_SECONDS,
        holding.reopener(reopened): HOLD_SECONDS,
        jobs.forgetter(settings.backup_days): FORGET_SECONDS,
        releaser(settings.smallest_group): RELEASE_SECONDS,
        exemption_counter(smallest_group(settings.smallest_group)): RELEASE_SECONDS,
        checker(settings.upload_max_age): CHECK_SECONDS,
        sharer(smallest_group(settings.smallest_group)): SHARE_SECONDS,
        **dict.fromkeys(looking.jobs(), WATCH_SECONDS),
    }


@dataclass(frozen=True)
class Bells:
    """What rings for the jobs; from the wish to end on, nothing more is begun."""

    ending: Ending
    scheduler: BackgroundScheduler = field(default_factory=lambda: BackgroundScheduler(timezone="UTC"))

    def ring(self, call: Callable[..., object], arguments: tuple[object, ...], every: int) -> None:
        """Call it every so many seconds; a bell that rang while the machine was busy is heard late, not lost."""
        told = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self.scheduler.add_job(
            self._heard, "interval", (call, arguments), seconds=every, next_run_time=clock.now(), **told
        )

    def _heard(self, call: Callable[..., object], arguments: tuple[object, ...]) -> None:
        if self.ending.asked:  # what waited for a free hand
            return
        try:
            call(*arguments)
        except EndingError:
            log.info("job.broken_off")


def main(settings: Settings) -> None:
    """Run all jobs on their bells until SIGTERM or SIGINT; then end within END_SECONDS."""
    database, ending = Database(settings), Ending()
    database.check(LOGIN)
    database.check(READER)
    bells = Bells(ending)
    mail_jobs: dict[Job, int] = {mailer(settings): MAIL_SECONDS} if settings.smtp_url else {}
    for job, seconds in (EVERY_SECONDS | _own_jobs(settings) | mail_jobs).items():
        bells.ring(run, (database, job, ending), seconds)
    steps = carrier(database, settings, ending=ending)
    bells.ring(steps.ring, (), STEP_SECONDS)
    bells.ring(Retention(database, spared(), settings.backup_days, ending).ring, (), AGE_SECONDS)
    _ring_for_stores(bells, database, settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.ask())
    bells.scheduler.start()
    log.info("worker.ready")
    ending.wait()
    end_in_time(END_SECONDS)
    bells.scheduler.shutdown()
    steps.stop()
    database.dispose()


def _ring_for_stores(bells: Bells, database: Database, settings: Settings) -> None:
    """What reads external stores."""
    ending = bells.ending
    work = StoreWork(database, VaultClient(settings.require("vault_url")), ExternalStores(database, settings), ending)
    bells.ring(Keeping(database, settings, ending).run, (), KEEP_SECONDS)
    bells.ring(Counting(database, settings, ending).run, (), COUNT_SECONDS)
    bells.ring(Undeclared(database, settings, ending).run, (), LOOK_SECONDS)
    bells.ring(read_stores, (work, ending), STORE_SECONDS)
