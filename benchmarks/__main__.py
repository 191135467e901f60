"""`python -m benchmarks [name …] [--quick]`: run them one after the other; the table comes last."""

import argparse
import resource
import sys
from collections.abc import Callable, Iterator

from benchmarks import (
    council,
    day,
    desk,
    export,
    fanout,
    hive,
    ingest,
    memory,
    pause,
    poll,
    preview,
    queue,
    stop,
    storm,
    timeline,
)
from benchmarks.measure import Figure, step, table

BENCHMARKS: dict[str, Callable[..., Iterator[Figure]]] = {
    "stop": stop.run,
    "fanout": fanout.run,
    "pause": pause.run,
    "memory": memory.run,
    "storm": storm.run,
    "poll": poll.run,
    "ingest": ingest.run,
    "day": day.run,
    "preview": preview.run,
    "queue": queue.run,
    "timeline": timeline.run,
    "council": council.run,
    "export": export.run,
    "collector": desk.run,
    "hive": hive.run,
}


def main() -> int:
    """Measure what is named, or everything. 1: a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of: {', '.join(BENCHMARKS)}")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: does it run, is the order of magnitude right"
    )
    options = parser.parse_args()
    if unknown := set(options.names) - BENCHMARKS.keys():
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    figures: list[Figure] = []
    for name in options.names or BENCHMARKS:
        with step(name):
            for figure in BENCHMARKS[name](quick=options.quick):
                print(f"    {figure.what}: {figure.measured}; {figure.reference}; {figure.ratio}", flush=True)
                figures.append(figure)
    print(table(figures))
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
