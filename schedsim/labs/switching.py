"""Switching: what makes the CPU change hands, and what that costs."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.labs.base import Findings, Lab, Picture, Rule, Values, amount
from schedsim.operations import Cpu, Io
from schedsim.spread import median
from schedsim.times import ms, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schedsim.labs.stage import Stage
    from schedsim.results import Run
    from schedsim.tables import Cell

QUANTA: Final = (1, 2, 5, 20)
COST: Final = ms(0.25)
CLOCK: Final = "switches by the clock"
IO: Final = "switches by I/O, or at an end"
SWITCH: Final = "one switch takes (us)"
COMPUTING: Final = 3
MOST: Final = 20_000
"""A switch that takes longer (nanoseconds) is not one: somebody else had the CPU in between."""
TURNS: Final = 2000
"""So often two real processes hand the CPU to each other, with each quantum."""


def use(quantum: int) -> str:
    """Return the name of a utilization, by how many switches the quantum is as long as."""
    return f"quantum of {ms(quantum) // COST} switches: CPU utilization (%)"


def mix() -> Mix:
    """Return three jobs that compute, and one that asks for I/O and is done before them."""
    jobs = [Job(f"computes-{number}", 0, (Cpu(ms(80)),)) for number in range(1, COMPUTING + 1)]
    reads = (Cpu(ms(1)), Io(ms(4))) * 2 + (Cpu(ms(1)),)
    return Mix((*jobs, Job("reads", 0, reads)), name="switching")


def found(runs: Mapping[int, Run], switch: float, used: Mapping[int, float]) -> Findings:
    """Return what the schedules show, whoever made them, and what switching took."""
    values: dict[str, Cell] = {}
    for quantum, made in runs.items():
        values[f"quantum {quantum} ms: {CLOCK}"] = made.system["involuntary"]
        values[f"quantum {quantum} ms: {IO}"] = made.system["voluntary"]
    values[SWITCH] = switch
    values |= {use(quantum): 100 * share for quantum, share in used.items()}
    pictures = tuple(Picture(f"with a quantum of {quantum} ms", made) for quantum, made in runs.items())
    return Findings(values, pictures)


def simulate(seed: int | None) -> Findings:
    """Run the mix with each quantum."""
    del seed
    runs = {q: run(mix(), "rr", quantum=q, switch_cost=f"{COST}ns", notes=False) for q in QUANTA}
    return found(runs, COST / 1000, {q: made.system["utilization"] or 0 for q, made in runs.items()})


def real(stage: Stage) -> Findings:
    """Do the same with four processes; then two hand one CPU to each other, as fast as they can and slower."""
    runs = {q: stage.run(mix(), "rr", quantum=q) for q in QUANTA}
    switch, _ = handed_over(stage, 0)
    used = {}
    for quantum in QUANTA:
        gap, spent = handed_over(stage, round(min(switch, MOST) * ms(quantum) / COST))
        used[quantum] = spent / (spent + gap)
        if gap > MOST:
            stage.disturbed(f"a switch took {gap / 1000:.0f} us: other processes wanted the CPU, too")
    return found(runs, switch / 1000, used)


def handed_over(stage: Stage, quantum: int) -> tuple[float, float]:
    """Return how long a switch took between two processes on one CPU, and each turn (medians, nanoseconds)."""
    pipes = os.pipe(), os.pipe()
    paths = [os.path.join(stage.folder, f"turns-{place}") for place in range(2)]
    players = [
        stage.process(take_turns, pipes[place][0], pipes[1 - place][1], quantum, paths[place])
        for place in range(2)
    ]
    os.write(pipes[0][1], time.monotonic_ns().to_bytes(8, "big"))
    stage.join(*players)
    for file in (*pipes[0], *pipes[1]):
        os.close(file)
    gaps, turns = [], []
    for path in paths:
        with open(path, encoding="ascii") as written:
            gap, turn = map(float, written.read().split())
        gaps.append(gap)
        turns.append(turn)
    return sum(gaps) / 2, sum(turns) / 2


def take_turns(own: int, other: int, quantum: int, path: str) -> None:
    """Compute for a quantum whenever it is this process' turn, and hand over; write down the medians."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    gaps: list[float] = []
    turns: list[float] = []
    for _ in range(TURNS):
        handed = int.from_bytes(os.read(own, 8), "big")
        began = now = time.monotonic_ns()
        while now - began < quantum:
            now = time.monotonic_ns()
        gaps.append(began - handed)
        turns.append(now - began)
        os.write(other, time.monotonic_ns().to_bytes(8, "big"))
    with open(path, "w", encoding="ascii") as file:
        file.write(f"{median(gaps)} {median(turns)}")


def rule(seed: int | None) -> Values:
    """Return q / (q + s) for each quantum, the utilization if all switches were made by the clock."""
    del seed
    return {use(quantum): 100 * ms(quantum) / (ms(quantum) + COST) for quantum in QUANTA}


def check(values: Values) -> Iterator[str]:
    """See that a short quantum means more switches by the clock, no fewer by I/O, and less use."""
    value = partial(amount, values)

    shortest, longest = QUANTA[0], QUANTA[-1]
    if not value(f"quantum {shortest} ms: {CLOCK}") > 5 * value(f"quantum {longest} ms: {CLOCK}") > 0:
        yield "the clock does not switch much more often with a short quantum"
    if not all(value(f"quantum {quantum} ms: {IO}") >= COMPUTING for quantum in QUANTA):
        yield "no job gives up the CPU by itself"
    if not value(SWITCH) > 0:
        yield "switching takes no time"
    if not value(use(shortest)) < 90 < value(use(longest)):
        yield "a short quantum does not cost utilization"


LAB: Final = Lab(
    title="what makes the CPU change hands, and what that costs",
    question="How much of the CPU is lost to switching, and who decides when it is switched?",
    prediction="a switch costs 0.25 ms: which share of the CPU is left for work with a quantum of 1 ms, and of 20 ms?",
    text=f"""
Round robin, three jobs that compute for 80 ms each, and one that reads: 1 ms of CPU, then 4 ms of I/O, and so on until its third burst. The
CPU changes hands for two kinds of reasons: a job gives it up (it asks for I/O, or ends), or the clock takes it away
when the quantum is over. Each time, registers and the like have to be saved and loaded; the simulation
takes {show(COST, "ms")} ms for that, far more than a real kernel needs, so that it can be seen.
""",
    simulate=simulate,
    processes="""
Four processes under round robin are switched as often as simulated. Then two processes on one CPU hand it to each
other through a pipe, 2000 times: first at once, which tells what one switch takes here (some millionths of a second, with
what Python needs for it), then after a quantum of 4, 8, 20 and 80 times that. So the quanta are much shorter than the
simulated ones, and in proportion to the switch the same; utilization should be, too.
""",
    real=real,
    check=check,
    reason="""
of q + s ms, q are work, if each turn of q is followed by a switch of s. That is the formula's column. A quantum that is
long against the switch wastes little, and makes everyone wait longer for a turn; one that is short against it wastes
the CPU. The formula is a little off: a job that is alone is not switched from, and who gives the CPU up has not used
its quantum. How often jobs give up the CPU by themselves is their own doing, and no quantum changes it by much.
""",
    attempt="schedsim run tanenbaum-switch-cost --algo rr -q 8",
    rule=Rule("q / (q + s)", rule),
)
