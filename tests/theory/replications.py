"""What tests against queueing theory share: independent replications and the interval that they give.

A replication is one mix of its own seed; its first jobs (the system starts empty) and its last ones
(nobody arrives behind them) are cut off. The means of independent replications are independent and
nearly normal, so their mean has a confidence interval by Student's t
(Law, Simulation Modeling and Analysis, 5th ed., 9.5).
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean, stdev
from typing import Any, NamedTuple

from schedsim.experiment import run
from schedsim.generate import generate
from schedsim.jobs import Job
from schedsim.results import JobResult

SEEDS = range(1, 11)
"""Ten replications; the seeds were fixed before the first run."""

T_995_9 = 3.2498
"""The 0.995 quantile of Student's t with 9 degrees of freedom: for a two-sided interval of 99%."""

FIRST, LAST = 1_000, 500
"""So many jobs are cut off at the two ends of a replication."""


class Interval(NamedTuple):
    """A confidence interval of 99%."""

    low: float
    high: float

    def __contains__(self, value: object) -> bool:
        """Whether ``value`` lies inside."""
        return isinstance(value, int | float) and self.low <= value <= self.high

    @property
    def width(self) -> float:
        """The width, as a part of the middle."""
        return 2 * (self.high - self.low) / (self.high + self.low)


def interval(means: list[float]) -> Interval:
    """Return the interval that ten replications' means give."""
    assert len(means) == len(SEEDS) == 10
    half = T_995_9 * stdev(means) / len(means) ** 0.5
    return Interval(fmean(means) - half, fmean(means) + half)


def replicate(
    jobs: int,
    algo: str,
    *measures: Callable[[JobResult, Job], float | None],
    options: dict[str, Any] | None = None,
    **mix: Any,
) -> list[Interval]:
    """Run ten replications of ``jobs`` jobs and return one interval for each measure.

    A measure gives a job's number, or None when the job does not count. ``options`` are the run's,
    ``mix`` is for ``generate``. All times are in milliseconds.
    """
    means: list[list[float]] = [[] for _ in measures]
    for seed in SEEDS:
        made = generate(jobs, seed=seed, **mix)
        result = run(made, algo, notes=False, **(options or {}))
        counted = list(zip(result.jobs, made.jobs, strict=True))[FIRST:-LAST]
        for found, measure in zip(means, measures, strict=True):
            values = (measure(*pair) for pair in counted)
            found.append(fmean(value for value in values if value is not None))
    return [interval(found) for found in means]


def waiting(result: JobResult, job: Job) -> float:
    """Return how long the job waited."""
    del job
    return result.waiting


def turnaround(result: JobResult, job: Job) -> float | None:
    """Return the job's time in the system."""
    del job
    return result.turnaround
