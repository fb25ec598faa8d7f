"""Parallel and concurrent: the same mix on one CPU and on two."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.labs.base import Findings, Lab, Picture, Values, amount
from schedsim.operations import Cpu
from schedsim.times import ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.labs.stage import Stage
    from schedsim.results import Run
    from schedsim.tables import Cell

ALGO: Final = "rr:quantum=20"
BURSTS: Final = {"A": 150, "B": 150, "C": 100, "D": 100}
CPUS: Final = (1, 2)
ELAPSED: Final = "elapsed time (ms)"
COMPUTED: Final = "CPU time (ms)"


def mix() -> Mix:
    """Return four jobs that only compute."""
    return Mix(tuple(Job(name, 0, (Cpu(ms(length)),)) for name, length in BURSTS.items()), name="four jobs")


def found(runs: dict[int, Run]) -> Findings:
    """Return what the schedules show, whoever made them."""
    values: dict[str, Cell] = {}
    for cpus, made in runs.items():
        head = f"{cpus} CPU{'s' * (cpus > 1)}"
        values[f"{head}: {ELAPSED}"] = made.system["makespan"]
        values[f"{head}: {COMPUTED}"] = made.system["busy"]
    one, two = (float(runs[cpus].system["makespan"] or 0) for cpus in CPUS)
    values["speedup"] = one / two if two else None
    pictures = (Picture(f"on {cpus} CPU{'s' * (cpus > 1)}", made) for cpus, made in runs.items())
    return Findings(values, tuple(pictures))


def simulate(seed: int | None) -> Findings:
    """Run the mix on one CPU and on two."""
    del seed
    return found({cpus: run(mix(), ALGO, cpus=cpus, notes=False) for cpus in CPUS})


def real(stage: Stage) -> Findings:
    """Do the same with four processes."""
    stage.need_cpus(max(CPUS))
    return found({cpus: stage.run(mix(), ALGO, cpus=cpus) for cpus in CPUS})


def check(values: Values) -> Iterator[str]:
    """See that two CPUs halve the elapsed time and not the CPU time."""
    value = partial(amount, values)

    if not 1.7 < amount(values, "speedup") < 2.3:
        yield "two CPUs do not halve the elapsed time"
    if not 0.9 < value("2 CPUs", COMPUTED) / (value("1 CPU", COMPUTED) or 1) < 1.1:
        yield "the CPU time is not the same on one CPU and on two"
    if not value("1 CPU", COMPUTED) <= value("1 CPU", ELAPSED):
        yield "one CPU computes for longer than time passes"
    if not value("2 CPUs", COMPUTED) > 1.5 * value("2 CPUs", ELAPSED):
        yield "two CPUs do not compute at the same time"


LAB: Final = Lab(
    title="the same mix on one CPU and on two",
    question="Four jobs in turn on one CPU, or two at a time on two CPUs: what changes, and what does not?",
    prediction="elapsed time and CPU time of all together, on one CPU and on two: which of the four numbers differ?",
    text="""
Four jobs compute for 150, 150, 100 and 100 ms, under round robin. On one CPU they are concurrent: all are under way
between their beginning and their end, and at each moment one runs. On two CPUs they are parallel as well: two run
at the same moment.
""",
    simulate=simulate,
    processes="""
Four processes, on one CPU and then on two; it takes a machine with two. Where it has no more, the dispatcher shares one
of them with a job. Elapsed time is what a clock on the wall says, CPU time is the sum of what the kernel counts for
the four processes: compare the lines real and user of the shell's time command.
""",
    real=real,
    check=check,
    reason="""
the work stays the same: a job of 150 ms needs 150 ms of some CPU. Two CPUs do it in half the time only because
it can be cut in two: there were always two jobs that could run. With three jobs left and two CPUs, or with one long
job, a CPU would be idle at the end. So concurrency is how a program is made, of parts that may overlap, and
parallelism is what a machine makes of it.
""",
    attempt='schedsim run --jobs "A 0 150, B 0 50, C 0 50" --algo fcfs --cpus 2',
)
