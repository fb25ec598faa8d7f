"""Starvation and ageing: who waits while better work keeps coming."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from schedsim.experiment import run
from schedsim.labs.base import Findings, Lab, Picture, Values, amount
from schedsim.mixfile import load
from schedsim.operations import Cpu
from schedsim.times import ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.jobs import Mix
    from schedsim.labs.stage import Stage
    from schedsim.results import Run

STRICT: Final = "priority:preemptive=true,ageing=0"
AGEING: Final = "priority:preemptive=true,ageing=10"
WAYS: Final = {"without ageing": STRICT, "ageing every 10 ms": AGEING}
WITHOUT, WITH = WAYS


def mix() -> Mix:
    """Return the shipped mix, whose old job needs no exact number of turns here: real ones are never exact."""
    shipped = load("starvation")
    return shipped._replace(
        jobs=tuple(job._replace(program=(Cpu(ms(6)),)) if job.id == "old" else job for job in shipped.jobs)
    )


def found(runs: dict[str, Run]) -> Findings:
    """Return what the schedules show, whoever made them."""
    values = {}
    for way, made in runs.items():
        old = next(job for job in made.jobs if job.id == "old")
        new = [job for job in made.jobs if job.id != "old"]
        values[f"{way}: the old job first runs at (ms)"] = old.start
        values[f"{way}: and ends at (ms)"] = old.finish
        values[f"{way}: mean turnaround of the new ones (ms)"] = sum(
            job.turnaround or 0 for job in new
        ) / len(new)
    return Findings(values, tuple(Picture(way, made) for way, made in runs.items()))


def simulate(seed: int | None) -> Findings:
    """Run the mix with and without ageing."""
    del seed
    return found({way: run(mix(), algo, notes=False) for way, algo in WAYS.items()})


def real(stage: Stage) -> Findings:
    """Do the same with 31 processes."""
    return found({way: stage.run(mix(), algo) for way, algo in WAYS.items()})


def check(values: Values) -> Iterator[str]:
    """See that the old job starves without ageing, and not with it, which costs the others little."""
    value = partial(amount, values)

    first = "the old job first runs at (ms)"
    if not value(WITHOUT, first) > 100:
        yield "without ageing the old job does not wait for the end of the stream"
    if not value(WITH, first) < value(WITHOUT, first) / 2:
        yield "ageing does not let the old job in early"
    turnaround = "mean turnaround of the new ones (ms)"
    if not value(WITHOUT, turnaround) < value(WITH, turnaround) < 4 * value(WITHOUT, turnaround):
        yield "ageing does not cost the new jobs something, or costs them too much"


LAB: Final = Lab(
    title="who waits while better work keeps coming",
    question="How long can a ready job wait under strict priorities, and what does it cost to end that?",
    prediction="when does the old job first run without ageing, and when with one step for every 10 ms of waiting?",
    text="""
An old job of low priority (5) needs 6 ms. Every 4 ms comes a new one of high priority (1) that needs 4 ms: all
that the CPU can do. The stream ends after 30 of them, at 120 ms. With ageing, a priority improves by one for every
10 ms that its job has waited.
""",
    simulate=simulate,
    processes="""
31 processes on one CPU, dispatched by the same policy. What dispatching costs comes on top of a CPU that has nothing
to spare, so the new jobs queue up a little, and all ends some ms later than simulated.
""",
    real=real,
    check=check,
    reason="""
strict priority asks who is best, never who has waited: as long as one better job is ready at every dispatch, the
old one is not looked at. Nothing is broken and nobody is blocked, it only never is its turn. Ageing makes waiting
count. Four steps make the 5 a 1, which takes 40 ms; then the old job is as good as the new ones, and older. Once it
runs it is a 5 again: the next new job takes the CPU from it after 4 ms, and it ages once more for the rest. From
there on each new job waits behind what the old one was given. That is the price, and all pay a little of it.
""",
    attempt="schedsim compare starvation --algo priority:preemptive=true,ageing=5 --algo sjf --algo rr",
)
