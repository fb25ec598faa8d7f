"""How many jobs were in a state, and how busy the CPUs were, over time: what is drawn when there is too much to draw."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.timeline import (
    AWAITS,
    BLOCKED,
    HELD,
    IDLE,
    RUNS,
    SWITCH,
    SWITCHES,
    WAITS,
    ZOMBIE,
    job_pieces,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from schedsim.timeline import Piece
    from schedsim.times import Ns
    from schedsim.trace import Trace

MOST_STEPS: Final = 400
"""A curve of more steps than this is drawn as its mean over equal parts of the time."""
PARTS: Final = 200

STATES: Final = (RUNS, SWITCHES, WAITS, BLOCKED, AWAITS, HELD, ZOMBIE)
"""What jobs do, as ``timeline`` has it."""


class Steps(NamedTuple):
    """A number that stays the same between instants."""

    times: list[Ns]
    """When it changes; the first is 0."""
    values: list[float]
    """What it is from then on."""

    def at(self, time: Ns) -> float:
        """Return what it is at an instant."""
        return self.values[bisect_right(self.times, time) - 1]

    def parts(self, edges: Sequence[Ns]) -> Parts:
        """Return what it is in the parts of the time between these ``edges``."""
        found = Parts([], [], [])
        place = bisect_right(self.times, edges[0]) - 1
        for start, end in pairwise(edges):
            area, seen = 0.0, []
            while True:
                stop = self.times[place + 1] if place + 1 < len(self.times) else end
                area += self.values[place] * (min(stop, end) - max(self.times[place], start))
                seen.append(self.values[place])
                if stop >= end:
                    break
                place += 1
            # A change at the very end belongs to the next part.
            place += place + 1 < len(self.times) and self.times[place + 1] == end
            found.mean.append(area / (end - start))
            found.least.append(min(seen))
            found.most.append(max(seen))
        return found

    def mean(self, start: Ns, end: Ns) -> float:
        """Return its mean over time."""
        return self.parts((start, end)).mean[0]


class Parts(NamedTuple):
    """A number over equal parts of the time."""

    mean: list[float]
    least: list[float]
    most: list[float]


def steps(pieces: Iterable[Piece]) -> Steps:
    """Return how many of these pieces go on at a time."""
    changes: dict[Ns, int] = {0: 0}
    for start, end, _ in pieces:
        changes[start] = changes.get(start, 0) + 1
        changes[end] = changes.get(end, 0) - 1
    found = Steps([], [])
    now = 0
    for time in sorted(changes):
        now += changes[time]
        if changes[time] or not time:
            found.times.append(time)
            found.values.append(now)
    return found


class Curves(NamedTuple):
    """Several numbers over the same parts of the time."""

    edges: list[Ns]
    """Where the parts begin, and where the last one ends."""
    values: dict[Any, list[float]]
    """For each number its mean in each part."""
    least: dict[Any, list[float]]
    most: dict[Any, list[float]]
    exact: bool
    """Whether the numbers do not change within the parts."""


def curves(several: Mapping[Any, Steps], start: Ns, end: Ns) -> Curves:
    """Return the numbers from ``start`` to ``end``: every change, or means over equal parts if it is too many."""
    times = {time for each in several.values() for time in each.times if start < time < end}
    exact = len(times) <= MOST_STEPS
    if exact:
        edges = [start, *sorted(times), end]
        values = {name: [each.at(time) for time in edges[:-1]] for name, each in several.items()}
        return Curves(edges, values, values, values, exact)
    count = min(PARTS, end - start)
    edges = [start + (end - start) * part // count for part in range(count + 1)]
    parts = {name: each.parts(edges) for name, each in several.items()}
    return Curves(
        edges,
        {name: each.mean for name, each in parts.items()},
        {name: each.least for name, each in parts.items()},
        {name: each.most for name, each in parts.items()},
        exact,
    )


def jobs_in_states(trace: Trace, end: Ns) -> dict[int, Steps]:
    """Return how many jobs are in each state over time, those states that occur."""
    by: dict[int, list[Piece]] = {what: [] for what in STATES}
    for pieces in job_pieces(trace, len(trace.header.jobs), end, held=HELD):
        for piece in pieces:
            by[piece.what].append(piece)
    return {what: steps(some) for what, some in by.items() if some}


def cpus_in_states(lanes: Iterable[Iterable[Piece]]) -> dict[int, Steps]:
    """Return how many of these CPUs work for a job (0), switch, and idle over time."""
    by: dict[int, list[Piece]] = {0: [], SWITCH: [], IDLE: []}
    for lane in lanes:
        for piece in lane:
            by[min(piece.what, 0)].append(piece)
    return {what: steps(some) for what, some in by.items()}
