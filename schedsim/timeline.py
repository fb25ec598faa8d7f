"""Who had which CPU when, and what each job did meanwhile: what Gantt charts are drawn from."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Final, NamedTuple

from schedsim.times import Ns
from schedsim.trace import ENDED, ENDS_SLICE, Kind, never_came

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schedsim.trace import Trace

IDLE: Final = -1
"""Stands for a job's number while a CPU is idle."""
SWITCH: Final = -2
"""Likewise while it switches from one task to another."""
MANY: Final = -3
"""Likewise for a column of a picture in which more than one job ran."""

RUNS: Final = 0
WAITS: Final = 1
BLOCKED: Final = 2
SWITCHES: Final = 3
HELD: Final = 5  # 4 is what a text chart adds to these
ZOMBIE: Final = 6
AWAITS: Final = 7
"""What a job does; SWITCHES: it was dispatched and the context switch goes on; HELD: it is not admitted yet.

BLOCKED is by I/O, AWAITS by another job: it waits for a mutex, a queue, or the end of a child.
"""

_TURNS: Final = {
    **dict.fromkeys((Kind.ARRIVED, Kind.HELD, Kind.ADMITTED, Kind.WOKE), WAITS),
    **dict.fromkeys((Kind.EXPIRED, Kind.PREEMPTED, Kind.YIELDED, Kind.RENEWED), WAITS),
    Kind.BLOCKED: BLOCKED,
    Kind.FINISHED: None,
    Kind.STOPPED: None,
    Kind.FAILED: None,
    Kind.KILLED: None,
    Kind.ZOMBIE: ZOMBIE,
    Kind.REAPED: None,
}
"""What a job does after a row of the trace; None: nothing more."""


class Piece(NamedTuple):
    """A length of time in which one thing went on."""

    start: Ns
    end: Ns
    what: int
    """On a CPU: the job's place in the mix, IDLE or SWITCH. Of a job: what it does."""


class Timeline(NamedTuple):
    """The CPUs of one run."""

    lanes: tuple[list[Piece], ...]
    """For each CPU, pieces without gaps from 0 to ``end``."""
    end: Ns
    slices: int
    """How many pieces are slices of jobs."""

    @property
    def step(self) -> Ns:
        """The largest length of which every boundary is a multiple."""
        step = self.end
        for lane in self.lanes:
            for piece in lane:
                step = gcd(step, piece.end)
                if step == 1:
                    return step
        return step

    def joined(self) -> Timeline:
        """Return the same with adjacent slices of one job joined."""
        lanes = tuple(_joined(lane) for lane in self.lanes)
        return Timeline(lanes, self.end, sum(piece.what >= 0 for lane in lanes for piece in lane))


def _joined(lane: list[Piece]) -> list[Piece]:
    found: list[Piece] = []
    for piece in lane:
        if found and found[-1].what == piece.what >= 0:
            found[-1] = Piece(found[-1].start, piece.end, piece.what)
        else:
            found.append(piece)
    return found


def timeline(trace: Trace) -> Timeline:
    """Return what each CPU did from time 0 to the end of the run."""
    busy: list[list[Piece]] = [[] for _ in range(trace.header.cpus)]
    begins: dict[int, Ns] = {}
    switched: dict[int, Ns] = {}
    dispatched, switching = int(Kind.DISPATCHED), int(Kind.SWITCHED)
    over, ends = {int(kind) for kind in ENDED}, {int(kind) for kind in ENDS_SLICE}
    killed = int(Kind.KILLED)
    last: Ns = 0
    slices = done = 0
    for time, kind, task, cpu, value in zip(*trace.columns(), strict=True):
        if kind == dispatched:
            begins[cpu] = max(time, switched.get(cpu, time))
        elif kind == switching:
            switched[cpu] = time + value
            busy[cpu].append(Piece(time, time + value, SWITCH))
        elif kind in ends:
            done += kind in over
            last = time
            if cpu >= 0:
                began = begins.pop(cpu)
                if time > began:
                    busy[cpu].append(Piece(began, time, task))
                    slices += 1
                elif kind == killed:
                    _cut(busy[cpu], time)
    until = trace.header.until
    end = last if until is None or done == len(trace.header.jobs) else until
    return Timeline(tuple(_without_gaps(lane, end) for lane in busy), end, slices)


def _cut(lane: list[Piece], now: Ns) -> None:
    """End the last piece now, if it was to go on: whoever is killed during the switch to it waits for no end of it."""
    if lane and lane[-1].end > now:
        start, _, what = lane.pop()
        if start < now:
            lane.append(Piece(start, now, what))


def _without_gaps(lane: list[Piece], end: Ns) -> list[Piece]:
    """Return the pieces up to ``end``, idle ones between them."""
    found: list[Piece] = []
    now: Ns = 0
    for piece in lane:
        if piece.start > now:
            found.append(Piece(now, piece.start, IDLE))
        if piece.start < end:
            found.append(piece._replace(end=min(piece.end, end)))
            now = found[-1].end
    if now < end:
        found.append(Piece(now, end, IDLE))
    return found


def job_pieces(trace: Trace, most: int, end: Ns, *, held: int = WAITS) -> list[list[Piece]]:
    """Return what each of the first ``most`` jobs did from its arrival to its end.

    ``held`` says what a job does that has arrived and is not admitted yet.
    """
    found: list[list[Piece]] = [[] for _ in trace.header.jobs[:most]]
    doing: dict[int, tuple[Ns, int]] = {}
    switched: dict[int, Ns] = {}
    awaits: set[int] = set()

    def turn(task: int, now: Ns, to: int | None) -> None:
        since, what = doing.pop(task, (now, WAITS))
        if now > since:
            found[task].append(Piece(since, now, what))
        else:
            _cut(found[task], now)
        if to is not None:
            doing[task] = (now, to)

    for time, raw, task, cpu, value in zip(*trace.columns(), strict=True):
        if raw == Kind.SWITCHED:
            switched[cpu] = time + value
        if not 0 <= task < most:
            continue
        kind = Kind(raw)
        if kind is Kind.DISPATCHED:
            ready = min(switched.get(cpu, time), end)
            turn(task, time, SWITCHES if ready > time else RUNS)
            if ready > time:
                turn(task, ready, RUNS)
        elif kind in (Kind.WAITS, Kind.JOINS):
            awaits.add(task)
        elif kind is Kind.BLOCKED and task in awaits:
            awaits.discard(task)
            turn(task, time, AWAITS)
        elif kind in _TURNS:
            turn(task, time, held if kind is Kind.HELD else _TURNS[kind])
    for task in list(doing):
        turn(task, end, None)
    return found


def dues(trace: Trace) -> dict[int, Ns]:
    """Return when each job is due that has a deadline, those left out that never came."""
    absent = never_came(trace)
    return {
        place: job.arrival + job.deadline
        for place, job in enumerate(trace.header.jobs)
        if job.deadline is not None and place not in absent
    }


def shares(pieces: Iterable[Piece], columns: int, end: Ns) -> list[dict[int, int]]:
    """Return for each of ``columns`` equal parts of the time what went on in it, and for how much of it.

    The parts of one column add up to ``end`` where the pieces have no gaps.
    """
    found: list[dict[int, int]] = [{} for _ in range(columns)]
    for start, stop, what in pieces:
        first, last = start * columns // end, (stop * columns - 1) // end
        for place in range(first, last + 1):
            part = min(stop * columns, (place + 1) * end) - max(start * columns, place * end)
            here = found[place]
            here[what] = here.get(what, 0) + part
    return found


def columns_for(line: Timeline, room: int) -> int:
    """Return how many columns to draw in, at most ``room``: a whole number for each step if there are enough."""
    steps = line.end // line.step
    return steps * (room // steps) if steps <= room else room


def nice_step(end: Ns, unit: Ns, most: int) -> Ns:
    """Return a round length (1, 2 or 5 times a power of ten units) with at most ``most`` of it up to ``end``."""
    step, factors = 1, (2, 5, 10)
    # Below a unit as well, but never below a nanosecond.
    start = unit
    while start > 10 and end // start < most and start % 10 == 0:
        start //= 10
    number = 0
    while end // (start * step) > most:
        step = 10 ** (number // 3) * factors[number % 3]
        number += 1
    return start * step
