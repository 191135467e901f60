"""Many datasets of one store at once, without the worker: what a connector itself can bear."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from uuid import UUID

from portal.sources.connectors.base import Connector, ConnectorError, Erased, Target
from portal.sources.connectors.progress import BEGINNING, Progress, Tell, quiet

WIDTH = 4


@dataclass(frozen=True)
class Job:
    """One dataset's share of an erasure; `run` and `resume` as in `Connector.erase`."""

    target: Target
    run: UUID
    resume: Progress = BEGINNING
    tell: Tell = quiet


def erase_all(
    connector: Connector, jobs: Sequence[Job], width: int = WIDTH
) -> Iterator[tuple[Job, Erased | ConnectorError]]:
    """Erase in up to `width` datasets at once; each job as it ends, with what became of it.

    An exception that a `tell` raises ends the whole: what has begun is finished or stopped, nothing else is begun.
    """
    pool = ThreadPoolExecutor(width, thread_name_prefix="erase")
    try:
        running = {pool.submit(_erase, connector, job): job for job in jobs}
        for future in as_completed(running):
            yield running[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _erase(connector: Connector, job: Job) -> Erased | ConnectorError:
    try:
        return connector.erase(job.target, job.run, job.tell, job.resume)
    except ConnectorError as error:
        return error
