"""The mixes that every kind of picture is drawn of: 1, 5, 13, 60 and 1,000 jobs, and some that are awkward."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import schedsim as ss
from schedsim.quanta import sweep_quantum

SIZES: Final = ("1", "5", "13", "60", "1000", "awkward", "two-cpus", "io-60")

AWKWARD: Final = {
    "switch_cost": 0.5,
    "degree": 3,
    "jobs": [
        {"id": "A", "arrival": 0, "program": ["cpu 3", "io 4", "cpu 2"], "deadline": 20},
        {"id": "B", "arrival": 1, "program": ["cpu 2", "io 4", "cpu 5"], "deadline": 12},
        {"id": "C", "arrival": 1, "burst": 4},
        {"id": "$x^2$ & <é> a long name \u4e2d", "arrival": 2, "burst": 4, "deadline": 30},
    ],
}
"""I/O, a switch cost, jobs that wait for admission, a missed deadline, and a name that is no formula."""


@cache
def mix(size: str) -> ss.Mix:
    """Return a mix by its name above."""
    if size == "1":
        return ss.load([("A", 0, 3)])
    if size == "5":
        return ss.load("first")
    if size == "awkward":
        return ss.load(AWKWARD)
    if size == "two-cpus":
        return ss.load("two-cpus")
    if size == "io-60":
        return ss.generate(60, seed=3, load=0.9, burst="uniform:min=1,max=12", io="uniform:min=1,max=8")
    burst = "uniform:min=1,max=12" if size in ("13", "60") else "exponential:mean=10"
    return ss.generate(int(size), seed=3, load=0.9, burst=burst)


@cache
def run(size: str, algo: str = "rr:quantum=4") -> Any:
    """Return the run of a mix under one policy."""
    return ss.run(mix(size), algo, notes=False)


@cache
def comparison(size: str) -> Any:
    """Return the mix under four policies."""
    return ss.compare(mix(size), ["fcfs", "rr:quantum=4", "srtf", "mlfq"])


@cache
def sweep(size: str) -> Any:
    """Return the mix under round robin with a few quanta and a switch cost."""
    return sweep_quantum(mix(size), [1, 2, 4, 8, 16], switch_cost=0.1)


@cache
def measured(size: str, number: int = 0) -> Any:
    """Return a run as it might have been measured: every burst a little longer, and a switch cost.

    ``number`` makes them different from one another.
    """
    loaded = mix(size)
    jobs = []
    for place, job in enumerate(loaded.jobs):
        longer = 1000 + (place * 7 + number * 11) % 40
        steps: list[Any] = [
            type(step)(step.ns * longer // 1000) if isinstance(step, ss.Cpu) else step
            for step in job.operations
        ]
        jobs.append(job._replace(program=tuple(steps)))
    made = ss.run(loaded._replace(jobs=tuple(jobs), switch_cost=50_000), "rr", quantum=4, notes=False)
    made.trace.header = made.trace.header._replace(engine="real")
    return made
