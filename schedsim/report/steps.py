"""What a page steps through: instant by instant, where everyone is, and what happened and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from schedsim.explanation import Said, Teller
from schedsim.happenings import Happenings
from schedsim.report.queues import JOINS, Waiting, queues
from schedsim.report.watching import happened, instants
from schedsim.times import Ns
from schedsim.trace import ENDS_SLICE, Kind

if TYPE_CHECKING:
    from schedsim.report.watching import Watched

NEW: Final = 0
HELD: Final = 1
READY: Final = 2
RUNNING: Final = 3
BLOCKED: Final = 4
TERMINATED: Final = 5
ZOMBIE: Final = 6
KILLED: Final = 7
STATES: Final = (
    *("new", "new, not admitted", "ready", "running", "blocked", "terminated"),
    *("zombie", "killed"),
)
"""What these are called."""

_BECOMES: Final = {
    **dict.fromkeys(JOINS, READY),
    Kind.HELD: HELD,
    Kind.DISPATCHED: RUNNING,
    Kind.BLOCKED: BLOCKED,
    Kind.FINISHED: TERMINATED,
    Kind.FAILED: TERMINATED,
    Kind.KILLED: KILLED,
    Kind.ZOMBIE: ZOMBIE,
    Kind.REAPED: TERMINATED,
}


class Change(NamedTuple):
    """What a job is after a step that changed it, until its next change."""

    step: int
    state: int
    cpu: int
    """-1 unless it runs."""
    begin: Ns
    """When it came into this state; when it runs, after the context switch to it."""
    used: Ns
    """CPU time used before ``begin``."""
    waited: Ns
    """Time spent ready before ``begin``."""
    ended: int
    """The kind of row that took it off a CPU at this step, or -1."""
    awaits: str = ""
    """Of a blocked one: what it waits for that is no I/O, as in ``mutex m``."""


class Steps(NamedTuple):
    """The steps of one run."""

    times: list[Ns]
    """The instants at which something happened."""
    said: list[list[Said]]
    """For each step what happened, and the reason of each dispatch."""
    queues: list[list[Waiting]]
    """For each step who was ready after it, the next one first."""
    changes: dict[int, list[Change]]
    """For each job that came up, by its place in the mix, what it was and became."""


def steps(watched: Watched) -> Steps:
    """Return the steps of the part of a run that is shown."""
    times = instants(watched)
    said: list[list[Said]] = [[] for _ in times]
    step = 0
    for line in Teller(watched.trace, watched.policy, watched.decisions).tell():
        if watched.cut and line.time >= watched.end:
            break
        while times[step] < line.time:
            step += 1
        said[step].append(line)
    places = {time: place for place, time in enumerate(times)}
    for due, job in watched.missed:
        name = watched.trace.header.jobs[job].id
        said[places[due]].append(Said(due, -1, name, f"{name} misses its deadline"))
    return Steps(times, said, queues(watched, len(times)), _changes(watched))


def _changes(watched: Watched) -> dict[int, list[Change]]:
    """Return what became of each job, one change at most for a job and a step."""
    found: dict[int, list[Change]] = {}
    switched: dict[int, Ns] = {}
    killed: set[int] = set()
    told = Happenings(watched.trace.header)
    for step, row in happened(watched):
        told.take(row)
        if row.kind is Kind.SWITCHED:
            switched[row.cpu] = row.time + row.value
        state = _BECOMES.get(row.kind)
        if row.kind is Kind.KILLED:
            killed.add(row.task)
        elif row.kind is Kind.REAPED and row.task in killed:
            state = KILLED
        leaves = row.kind in ENDS_SLICE and row.cpu >= 0
        if row.task < 0 or (state is None and not leaves):
            continue
        changes = found.setdefault(row.task, [])
        before = changes[-1] if changes else Change(step, NEW, -1, row.time, 0, 0, -1)
        same = bool(changes) and before.step == step
        begin = max(row.time, switched.get(row.cpu, 0)) if state == RUNNING else row.time
        state = before.state if state is None else state
        change = Change(
            step=step,
            state=state,
            cpu=row.cpu if state == RUNNING else -1,
            begin=begin,
            used=before.used + (row.value if leaves else 0),
            waited=before.waited + (row.time - before.begin if before.state == READY else 0),
            ended=int(row.kind) if leaves else before.ended if same else -1,
            awaits=told.awaited(row.task) if state == BLOCKED else "",
        )
        if same:
            changes[-1] = change
        else:
            changes.append(change)
    return found
