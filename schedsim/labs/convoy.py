"""Convoy: short jobs behind a long one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from schedsim.experiment import run
from schedsim.labs.base import Findings, Lab, Picture, Values, amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.labs.stage import Stage
    from schedsim.results import Run

MIX: Final = "convoy"
ALGOS: Final = ("fcfs", "rr:quantum=10", "srtf")
FIRST, TURNS, SHORT_FIRST = ALGOS


def found(runs: dict[str, Run]) -> Findings:
    """Return what the schedules show, whoever made them."""
    values = {}
    for algo, made in runs.items():
        short = [job for job in made.jobs if job.id.startswith("short")]
        values[f"{algo}: makespan (ms)"] = made.system["makespan"]
        values[f"{algo}: CPU utilization (%)"] = 100 * (made.system["utilization"] or 0)
        values[f"{algo}: mean waiting of a short job (ms)"] = sum(job.waiting for job in short) / len(short)
        values[f"{algo}: the long job ends at (ms)"] = made.jobs[0].finish
    pictures = [
        Picture(f"under {algo}", made, lanes=True, always=algo == FIRST) for algo, made in runs.items()
    ]
    return Findings(values, tuple(pictures))


def simulate(seed: int | None) -> Findings:
    """Run the mix under each policy."""
    del seed
    return found({algo: run(MIX, algo, notes=False) for algo in ALGOS})


def real(stage: Stage) -> Findings:
    """Do the same with five processes and a disk that is a lock."""
    made = found({algo: stage.run(MIX, algo) for algo in ALGOS})
    return made._replace(pictures=tuple(picture._replace(always=False) for picture in made.pictures))


def check(values: Values) -> Iterator[str]:
    """See that without preemption the short ones wait much longer, and everything takes longer."""
    value = partial(amount, values)

    for other in (TURNS, SHORT_FIRST):
        if not value(FIRST, "makespan (ms)") > 1.05 * value(other, "makespan (ms)"):
            yield f"{FIRST} does not take longer than {other}"
        waiting = "mean waiting of a short job (ms)"
        if not value(FIRST, waiting) > 2 * value(other, waiting):
            yield f"under {FIRST} short jobs do not wait twice as long as under {other}"


LAB: Final = Lab(
    title="short jobs behind a long one",
    question="What does one long job do to short ones, and to the disk, under first come, first served?",
    prediction="how much longer does everything take under FCFS than under round robin: 1 %, 10 % or 100 %?",
    text="""
One job computes for 80 ms at a time. Four others need 2 ms of CPU between two reads of 10 ms from one disk:
they are the ones who keep the disk busy. Under FCFS whoever has the CPU keeps it until it blocks.
""",
    simulate=simulate,
    processes="""
Five processes ran the same programs on one CPU, dispatched by the same policies; their disk is a lock that is held
while they sleep. Expect the same numbers to within a few per cent: what is added is what dispatching costs.
""",
    real=real,
    check=check,
    reason="""
the short jobs need the CPU only for a moment, to ask for their next read. While the long job computes they
cannot ask, so all four meet in the ready queue and the disk stands idle. Then the long job blocks, they go to the
disk one behind the other, and now it is the CPU that is idle. A convoy uses one device at a time. Whoever may
take the CPU away from the long job lets both work at once. The long job pays for it, since it gives way again and
again: it ends later, and all others much sooner.
""",
    attempt="schedsim compare convoy --algo fcfs --algo sjf --algo srtf",
)
