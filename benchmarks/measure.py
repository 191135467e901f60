"""Medians, percentiles, and the one table in which every figure stands beside a reference of the same run."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

PERCENT = 100


@dataclass(frozen=True)
class Figure:
    """One row: what was measured, beside what in the same run, the ratio of both, the target, and whether it is met."""

    what: str
    measured: str
    reference: str
    ratio: str
    target: str
    met: bool


def median(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // PERCENT).__int__() - 1)]


def milliseconds(seconds: float) -> str:
    """Seconds as text in ms, three digits."""
    value = seconds * 1000
    return f"{value:.3g} ms" if value < 1000 else f"{value:.0f} ms"  # noqa: PLR2004 - no exponent


def spread(seconds: Sequence[float]) -> str:
    """Median with the least and the most, in ms."""
    return f"{milliseconds(median(seconds))} ({milliseconds(min(seconds))} to {milliseconds(max(seconds))})"


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    begins = time.perf_counter()
    work()
    return time.perf_counter() - begins


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is going on, and how long it took."""
    begins = time.perf_counter()
    print(f"  {text} …", flush=True)
    yield
    print(f"  {text}: {time.perf_counter() - begins:.1f} s", flush=True)


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table."""
    lines = ["| what | measured | reference of the same run | ratio | target | met |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {one.what} | {one.measured} | {one.reference} | {one.ratio} | {one.target} "
        f"| {'yes' if one.met else '**no**'} |"
        for one in figures
    ]
    return "\n".join(lines)
