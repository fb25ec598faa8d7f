"""What the page's script is given: the steps of all runs as whole numbers, in one small object."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.operation_text import known_program
from schedsim.operations import Cpu
from schedsim.report.charts import look
from schedsim.report.steps import BLOCKED, STATES, Change, Steps
from schedsim.times import UNITS, Ns
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schedsim.report.charts import Axis
    from schedsim.report.queues import Waiting
    from schedsim.report.watching import Watched
    from schedsim.trace import TracedJob

MOST_SAID: Final = 100
"""So many lines say what happened at one instant; the rest is counted."""
_ENDED: Final = {
    Kind.EXPIRED: "then its quantum is over",
    Kind.PREEMPTED: "then it is preempted",
    Kind.YIELDED: "then it yields",
    Kind.RENEWED: "then it gets a fresh slice",
    Kind.BLOCKED: "then it is blocked",
    Kind.FINISHED: "then it ends",
    Kind.STOPPED: "then the run is cut off",
    Kind.FAILED: "then its process dies",
    Kind.KILLED: "then it is killed",
}


class Line(NamedTuple):
    """One thing that happened, in words, as the page lists it."""

    time: Ns
    cpu: int
    """-1 for what concerns no CPU."""
    job: str
    words: str
    chosen: bool
    """Whether it is a dispatch with its reason."""


def lines(made: Steps) -> list[list[Line]]:
    """Return for each step the lines that say what happened."""
    found = []
    for said in made.said:
        shown = [
            Line(each.time, each.cpu, each.job, each.words, each.decision is not None)
            for each in said
            if len(said) <= MOST_SAID or each.decision is not None
        ]
        if len(shown) < len(said):
            left = len(said) - len(shown)
            shown.insert(
                0, Line(said[0].time, -1, "", f"{left:,} things happen that are not listed", chosen=False)
            )
        found.append(shown)
    return found


def jobs_of(watched: Sequence[Watched], made: Sequence[Steps]) -> Sequence[TracedJob]:
    """Return the jobs as far as any of them came up in the part that is shown."""
    last = max((max(each.changes, default=-1) for each in made), default=-1)
    return watched[0].trace.header.jobs[: last + 1]


def total_of(job: TracedJob, unit: str) -> Ns | None:
    """Return the CPU time that a job's program asks for, or None if only running it can tell."""
    program = known_program(job.program, unit) or ()
    return sum(step.ns for step in program if isinstance(step, Cpu)) or None


def tick_of(watched: Sequence[Watched], made: Sequence[Steps]) -> Ns:
    """Return the largest length of which all that the page counts is a multiple.

    A script counts exactly up to 2**53, which in nanoseconds is 104 days; in ticks it is enough.
    """
    unit = watched[0].trace.header.unit
    tick = gcd(*(each.end for each in watched))
    for job in jobs_of(watched, made):
        arrival = 0 if job.spawned else job.arrival
        tick = gcd(tick, arrival, job.deadline or 0, total_of(job, unit) or 0)
    for steps in made:
        tick = gcd(tick, *steps.times)
        for changes in steps.changes.values():
            for change in changes:
                tick = gcd(tick, change.begin, change.used, change.waited)
    return max(tick, 1)


def record(
    watched: Sequence[Watched], made: Sequence[Steps], names: Sequence[str], axis: Axis
) -> dict[str, Any]:
    """Return all that stepping needs, times in ticks.

    Args:
        watched: the runs.
        made: the steps of each.
        names: what each is called.
        axis: of the charts; its ticks are those of the record.
    """
    header = watched[0].trace.header
    tick = axis.tick
    jobs = jobs_of(watched, made)
    totals = [total_of(job, header.unit) for job in jobs]
    states = _states(made)
    return {
        "unit": header.unit,
        "scale": UNITS[header.unit],
        "tick": tick,
        "end": max(each.end for each in watched) // tick,
        "cpus": header.cpus,
        "looks": [look(job, axis) for job in range(len(jobs))],
        "states": states,
        "done": int(Kind.FINISHED),
        "ended": {int(kind): words for kind, words in _ENDED.items()},
        "count": len(header.jobs),
        "jobs": [job.id for job in jobs],
        "arrivals": [-1 if job.spawned else job.arrival // tick for job in jobs],
        "dues": _dues(jobs, tick),
        "totals": [-1 if total is None else total // tick for total in totals],
        "runs": [
            {
                "name": name,
                "end": each.end // tick,
                "cut": each.cut,
                "stuck": each.run.deadlock is not None,
                "dynamic": each.policy is not None and each.policy.dynamic,
                "times": [time // tick for time in own.times],
                "missed": [job for _, job in each.missed],
                "lines": [len(said) for said in lines(own)],
                **_queues(own.queues),
                "changes": [_flat(own.changes.get(job, ()), tick, states) for job in range(len(jobs))],
            }
            for name, each, own in zip(names, watched, made, strict=True)
        ],
    }


def _dues(jobs: Sequence[TracedJob], tick: Ns) -> list[Ns]:
    """Return when each job is due, -1 for never; nothing where no job ever is."""
    # When a spawned one arrives, and is due, is another time in each run.
    dues = [
        -1 if job.deadline is None or job.spawned else (job.arrival + job.deadline) // tick for job in jobs
    ]
    return dues if any(due >= 0 for due in dues) else []


def _states(made: Sequence[Steps]) -> list[str]:
    """Return what the states are called: the usual ones, then one for each thing that a job waits for."""
    awaited = {change.awaits for own in made for changes in own.changes.values() for change in changes}
    return [*STATES, *(f"blocked: waits for {what}" for what in sorted(awaited - {""}))]


def _flat(changes: Sequence[Change], tick: Ns, states: Sequence[str]) -> list[int]:
    """Return seven numbers for each change."""
    numbers = {name: number for number, name in enumerate(states)}
    found: list[int] = []
    for each in changes:
        times = (each.begin // tick, each.used // tick, each.waited // tick)
        state = each.state
        if state == BLOCKED and each.awaits:
            state = numbers[f"blocked: waits for {each.awaits}"]
        found += (each.step, state, each.cpu, *times, each.ended)
    return found


def _queues(queues: Sequence[Sequence[Waiting]]) -> dict[str, Any]:
    """Return the queues, 0 for one that is as before, and what gave the tasks their places, each text once."""
    words: dict[str, int] = {}
    jobs: list[list[int] | int] = []
    standings: list[list[int] | int] = []
    before: Sequence[Waiting] | None = None
    for queue in queues:
        same = queue == before
        jobs.append(0 if same else [each.job for each in queue])
        standings.append(0 if same else [words.setdefault(each.words, len(words)) for each in queue])
        before = queue
    if set(words) <= {""}:
        return {"queues": jobs, "words": []}
    return {"queues": jobs, "words": list(words), "standings": standings}
