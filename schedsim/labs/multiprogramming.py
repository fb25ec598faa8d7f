"""Multiprogramming: how many programs in memory keep one CPU busy, told through the batch systems."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from schedsim.experiment import run
from schedsim.generate import generate
from schedsim.labs.base import Findings, Lab, Rule, Values, amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.jobs import Mix
    from schedsim.labs.stage import Stage
    from schedsim.results import Run

SEED: Final = 1
JOBS: Final = 20
CARDS: Final = "cards read on line, 1 program in memory"
SPOOL: Final = "from a spool, 1 program in memory"
DEGREES: Final = (2, 4, 8)
MANY: Final = {f"from a spool, {degree} programs in memory": degree for degree in DEGREES}
ERAS: Final = {CARDS: 1, SPOOL: 1, **MANY}
UNIT: Final = "CPU utilization (%)"


def mix(era: str, seed: int | None) -> Mix:
    """Return the jobs of an era: the same CPU bursts, with other waits between them."""
    return generate(
        JOBS,
        seed=SEED if seed is None else seed,
        arrival="together",
        burst="uniform:min=2,max=6",
        io="uniform:min=30,max=90" if era == CARDS else "uniform:min=8,max=24",
        bursts_per_job=4,
    )


def found(runs: dict[str, Run]) -> Findings:
    """Return what the schedules show, whoever made them."""
    return Findings(
        {f"{era}: {UNIT}": 100 * (made.system["utilization"] or 0) for era, made in runs.items()},
        details=tuple(
            f"{era}: all is done after {made.system['makespan']:.4g} ms" for era, made in runs.items()
        ),
    )


def simulate(seed: int | None) -> Findings:
    """Run the jobs of each era."""
    return found(
        {era: run(mix(era, seed), "fcfs", degree=degree, notes=False) for era, degree in ERAS.items()}
    )


def real(stage: Stage) -> Findings:
    """Do the same with a process for each job, of which so many are admitted."""
    return found(
        {era: stage.run(mix(era, stage.seed), "fcfs", degree=degree) for era, degree in ERAS.items()}
    )


def rule(seed: int | None) -> Values:
    """Return 1 - p^n, where p is the share of their time for which these very programs wait for I/O."""
    values = {}
    for era, degree in ERAS.items():
        jobs = mix(era, seed).jobs
        io, cpu = sum(job.io for job in jobs), sum(job.cpu for job in jobs)
        values[f"{era}: {UNIT}"] = 100 * (1 - (io / (io + cpu)) ** degree)
    return values


def check(values: Values) -> Iterator[str]:
    """See that each step of history makes more of the CPU, and by about how much."""
    shares = {era: amount(values, era, UNIT) for era in ERAS}
    for before, after in pairwise(ERAS):
        if not shares[after] > 1.1 * shares[before]:
            yield f"{after} does not use the CPU better than {before}"
    if not shares[SPOOL] > 2 * shares[CARDS]:
        yield "a spool does not double the use of the CPU"
    last = [*ERAS][-1]
    if not shares[last] > 3 * shares[SPOOL]:
        yield f"{last} does not use the CPU three times as well as 1 program"
    if not shares[last] > 70:
        yield f"{last} leaves the CPU idle"


LAB: Final = Lab(
    title="how many programs in memory keep one CPU busy",
    question="A program waits for I/O most of its time: how many of them does it take to keep the CPU busy?",
    prediction="one program uses the CPU for a quarter of its time: what do 2, 4 and 8 of them use together?",
    text="""
Three steps of history, with the same programs. On line: the computer itself reads each card, and the only program in
memory waits for the reader. Off line, through a spool: a small machine has copied the cards to tape before, the big
one reads from there, and waits much less. Multiprogramming: several programs are in memory, and while one waits for
I/O the CPU goes to another. How many are in memory is the degree.

If each of n programs waits for I/O for a share p of its time, all n wait at once for a share p^n, if they do
so independently of each other; so the CPU is busy for 1 - p^n of the time. That is the rule of thumb.
""",
    simulate=simulate,
    processes="""
Twenty processes, of which only as many are let in at a time as the degree says; cards and tape are sleeps. What is
measured is for how long the CPU computed. It is near to the simulation, since dispatching costs little beside bursts
of some ms; it takes some ten seconds, most of them for the cards.
""",
    real=real,
    check=check,
    reason="""
a CPU is idle only while every program waits. One that waits for cards does so nearly always. The spool shortens
the waiting, and more programs in memory make it ever less likely that all wait at once: each of them multiplies that by
p. The rule says too little as soon as there are several: it lets each program wait for I/O for a share p of its time, as
if it had a CPU of its own. But a program that waits for the CPU meanwhile does not wait for I/O, so fewer of them do
than the rule thinks. At the end it says too much: when the last programs are left, there are no longer n.
""",
    attempt="schedsim run io-bound-cpu-bound --algo rr -q 10 --degree 1",
    rule=Rule("1 - p^n", rule),
    seeded=True,
)
