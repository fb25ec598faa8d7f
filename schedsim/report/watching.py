"""The part of each run that a page shows, and what its scheduler saw when it chose."""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING, Final, NamedTuple

from schedsim.errors import TraceError
from schedsim.experiment import simulate_trace
from schedsim.explain import Decision, Witness
from schedsim.metrics import missed_deadlines
from schedsim.timeline import timeline
from schedsim.trace import ENDS_SLICE, Kind, Row, Trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schedsim.policies.base import Policy
    from schedsim.results import Origin, Run
    from schedsim.times import Ns

MOST_SLICES: Final = 2500
"""So many slices a page shows of all its runs together."""
LEAST_SLICES: Final = 300
"""So many it shows of each run, however many there are."""
_ROWS_TO_A_SLICE: Final = 4
MOST_READY: Final = 100
"""Of the ready tasks so many are written down at each dispatch."""

NO_ORIGIN: Final = "nobody knows what this run was made from, so there are no reasons, only what happened"
NOT_THE_SAME: Final = "made again, the run took another course, so there are no reasons, only what happened"


class Watched(NamedTuple):
    """One run as a page shows it."""

    run: Run
    trace: Trace
    """The part that is shown, a task that still runs at its end stopped there."""
    policy: Policy | None
    """None: there are no reasons."""
    decisions: list[Decision]
    end: Ns
    """Where the part that is shown ends."""
    cut: bool
    """Whether the run goes on after it."""
    note: str = ""
    """Why there are no reasons, where there are none."""
    missed: tuple[tuple[Ns, int], ...] = ()
    """The deadlines in the part that is shown at which a job had not ended, each with the job's place in the mix."""


def watch(runs: Sequence[Run]) -> list[Watched]:
    """Return the same stretch of time of all runs: all of it, or the beginning of long ones."""
    most = max(LEAST_SLICES, MOST_SLICES // max(len(runs), 1))
    ends = [end for run in runs if (end := _end_of_many(run.trace, most)) is not None]
    end = min(ends, default=None)
    return [_watched(run, end) for run in runs]


def _end_of_many(trace: Trace, most: int) -> Ns | None:
    """Return the instant before which there are at most ``most`` slices, or None if there are no more.

    The first instant is always before it.
    """
    slices = 0
    times = trace.time
    for rows, (time, kind, cpu) in enumerate(zip(times, trace.kind, trace.cpu, strict=True)):
        slices += cpu >= 0 and kind in ENDS_SLICE
        if (slices >= most or rows >= most * _ROWS_TO_A_SLICE) and time > times[0]:
            return time
    return None


def _watched(run: Run, end: Ns | None) -> Watched:
    """Return the run up to ``end``, with the decisions behind it if it can be made again."""
    whole = run.trace
    cut = end is not None and len(whole) > 0 and whole.time[-1] > end
    shown = beginning(whole, end) if end is not None and cut else whole
    reach = end if end is not None and cut else timeline(whole).end
    missed = _missed(whole, reach if cut else None)
    origin = run.origin
    if origin is None or (whole.header.engine != "simulated" and origin.recording is None):
        return Watched(run, shown, None, [], reach, cut, NO_ORIGIN, missed)
    witness = Witness(MOST_READY)
    try:
        again = _again(run, origin, witness, end if cut else None)
    except TraceError:  # a policy with a state of its own
        again = Trace(whole.header)
    if not _agree(whole, again, end if cut else None):
        return Watched(run, shown, None, [], reach, cut, NOT_THE_SAME, missed)
    return Watched(run, shown, origin.policy, witness.decisions, reach, cut, missed=missed)


def _missed(trace: Trace, end: Ns | None) -> tuple[tuple[Ns, int], ...]:
    """Return the deadlines before ``end`` (None: all) that were missed, and by whom."""
    places = {job.id: place for place, job in enumerate(trace.header.jobs)}
    return tuple((due, places[job]) for job, due in missed_deadlines(trace) if end is None or due < end)


def _again(run: Run, origin: Origin, witness: Witness, until: Ns | None) -> Trace:
    """Make the run again: tell its scheduler what real processes told it, or simulate as far as is shown."""
    if origin.recording is not None:
        return origin.recording.replay(origin.mix, origin.policy, run.trace.header, observer=witness)
    mix = origin.mix if until is None else origin.mix._replace(until=until)
    return simulate_trace(mix, origin.policy, origin.seed, observer=witness)


def _agree(one: Trace, other: Trace, until: Ns | None) -> bool:
    """Return whether two traces say the same of the time before ``until``."""
    rows = [len(trace) if until is None else _rows_before(trace, until) for trace in (one, other)]
    return rows[0] == rows[1] and all(
        column[: rows[0]] == again[: rows[0]]
        for column, again in zip(one.columns(), other.columns(), strict=True)
    )


def _rows_before(trace: Trace, end: Ns) -> int:
    from bisect import bisect_left

    return bisect_left(trace.time, end)


def beginning(trace: Trace, end: Ns) -> Trace:
    """Return what happened before ``end``, tasks that run at ``end`` being stopped there."""
    made = Trace(trace.header._replace(until=end))
    running: dict[int, tuple[int, Ns]] = {}
    switched: dict[int, Ns] = {}
    columns = (column[: _rows_before(trace, end)] for column in trace.columns())
    for time, kind, task, cpu, value in zip(*columns, strict=True):
        if kind == Kind.SWITCHED:
            switched[cpu] = time + value
        elif kind == Kind.DISPATCHED:
            running[cpu] = (task, max(time, switched.get(cpu, time)))
        elif kind in ENDS_SLICE:
            running.pop(cpu, None)
        made.add(time, Kind(kind), task, cpu, value)
    for cpu, (task, begins) in sorted(running.items()):
        made.add(end, Kind.STOPPED, task, cpu, max(0, end - begins))
    return made


def instants(watched: Watched) -> list[Ns]:
    """Return the instants of the shown part at which something happened, a deadline being missed too: the steps."""
    found: list[Ns] = []
    for time in merge(watched.trace.time, [due for due, _ in watched.missed]):
        if watched.cut and time >= watched.end:
            break
        if not found or time > found[-1]:
            found.append(time)
    return found


def happened(watched: Watched) -> Iterator[tuple[int, Row]]:
    """Yield the rows of the shown part, each with the number of its step."""
    times = instants(watched)
    step = 0
    for row in watched.trace:
        if watched.cut and row.time >= watched.end:
            return
        while times[step] < row.time:
            step += 1
        yield step, row
