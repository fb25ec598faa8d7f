"""Gaming a feedback queue: I/O just before the quantum ends."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from schedsim.experiment import run
from schedsim.labs.base import Findings, Lab, Picture, Values, amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.labs.stage import Stage
    from schedsim.results import Run
    from schedsim.tables import Cell

MIX: Final = "gaming-mlfq"
QUEUES: Final = "mlfq:quanta=10/10/10,allotments=1/1/1,boost=0"
WAYS: Final = {
    "I/O renews the allotment": f"{QUEUES},io_resets_allotment=true",
    "what was used is kept": f"{QUEUES},io_resets_allotment=false",
}
GAMED, CURED = WAYS
SHARE: Final = "the gamer's share of the CPU while it lives (%)"
GAMER: Final = "the gamer ends at (ms)"
HONEST: Final = "the first honest job ends at (ms)"


def found(runs: dict[str, Run]) -> Findings:
    """Return what the schedules show, whoever made them."""
    values: dict[str, Cell] = {}
    for way, made in runs.items():
        jobs = {job.id: job for job in made.jobs}
        gamer, ended = jobs["gamer"], jobs["gamer"].finish or 0
        until = [max(min(piece.end, ended) - piece.start, 0) for piece in made.slices]
        values[f"{way}: {SHARE}"] = 100 * gamer.cpu / sum(until) if sum(until) else 0
        values[f"{way}: {GAMER}"] = gamer.finish
        values[f"{way}: {HONEST}"] = min(jobs[name].finish or 0 for name in ("honest-1", "honest-2"))
    return Findings(values, tuple(Picture(way, made, lanes=True) for way, made in runs.items()))


def simulate(seed: int | None) -> Findings:
    """Run the mix under both rules."""
    del seed
    return found({way: run(MIX, algo, notes=False) for way, algo in WAYS.items()})


def real(stage: Stage) -> Findings:
    """Do the same with three processes."""
    return found({way: stage.run(MIX, algo) for way, algo in WAYS.items()})


def check(values: Values) -> Iterator[str]:
    """See that the trick gets the gamer most of the CPU, and that the other rule takes that from it."""
    value = partial(amount, values)

    if not value(GAMED, SHARE) > 70:
        yield "the gamer does not get most of the CPU where I/O renews the allotment"
    if not value(CURED, SHARE) < 50:
        yield "the gamer gets its way also where what was used is kept"
    if not value(CURED, GAMER) > 1.5 * value(GAMED, GAMER):
        yield "the gamer does not end much later where what was used is kept"
    if not value(CURED, HONEST) < value(GAMED, HONEST):
        yield "the honest jobs gain nothing where what was used is kept"


LAB: Final = Lab(
    title="I/O just before the quantum ends",
    question="Can a job get more than its share from a feedback queue that means to find out who computes much?",
    prediction="three jobs need 90 ms of CPU each, and one of them games: which share of the CPU will it have?",
    text="""
An MLFQ with three levels lets a job on the highest run first, and moves a job down that has used up its
10 ms there. Two honest jobs compute for 90 ms. The gamer computes just as much, but after 9 ms each time it asks for
1 ms of I/O that it does not need. In the first rule, I/O makes a job's allotment new: who does I/O is taken for
interactive. In the second one, what was used stays used.
""",
    simulate=simulate,
    processes="""
Three processes on one CPU under the very same policy; the I/O is a sleep of 1 ms. The gamer stops 1 ms before its
quantum ends, which is long for a dispatcher that is late by some 0.05 ms. So it succeeds for real, too.
""",
    real=real,
    check=check,
    reason="""
the first rule judges a job by its last burst, and that is for the job to say. The gamer never uses a
quantum up, so it is never moved down, while the honest jobs sink after their first 10 ms and get the crumbs:
the 1 ms in which the gamer does its useless I/O. The second rule judges by the sum: after two bursts of 9 ms
the gamer has used up its 10 ms as well, and sinks with the others.
""",
    attempt="schedsim compare gaming-mlfq -o boost=50",
)
