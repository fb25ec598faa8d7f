"""A trace as tracks: one for each CPU and one for each task, on which one thing goes on at a time.

Everything comes as a stream, so a trace of any length needs no more memory than it has CPUs and
jobs. A span comes when it is over; those of one track come in order and do not overlap.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final, NamedTuple

from schedsim.deadlock import deadlock_of, headline
from schedsim.happenings import ON_OBJECTS, Happenings
from schedsim.times import Ns
from schedsim.trace import ENDED, ENDS_SLICE, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.deadlock import Deadlock
    from schedsim.trace import Row, Trace

NEW: Final = "new"
READY: Final = "ready"
SWITCHING: Final = "switching"
RUNNING: Final = "running"
BLOCKED: Final = "blocked"
"""In I/O; ``blocked on mutex m`` and the like where it waits for another job."""
ZOMBIE: Final = "zombie"
STATES: Final = (NEW, READY, SWITCHING, RUNNING, BLOCKED, ZOMBIE)
"""What a task can be, in the order in which it first comes to it. A new one waits to be admitted."""

_BECOMES: Final = {
    Kind.HELD: NEW,
    Kind.BLOCKED: BLOCKED,
    **dict.fromkeys((Kind.ARRIVED, Kind.ADMITTED, Kind.WOKE), READY),
    **dict.fromkeys((Kind.EXPIRED, Kind.PREEMPTED, Kind.YIELDED), READY),
    Kind.ZOMBIE: ZOMBIE,
    **dict.fromkeys(ENDED | {Kind.STOPPED, Kind.REAPED}, ""),
}
"""What a task is after a row of the trace; ``""``: nothing more."""

_COMES: Final = frozenset({Kind.ARRIVED, Kind.HELD, Kind.FAILED, Kind.KILLED})
_MARKED: Final = (ON_OBJECTS - {Kind.WAITS}) | {
    Kind.SPAWNED,
    Kind.SIGNALLED,
    Kind.ADOPTED,
    Kind.KILLED,
    Kind.REAPED,
    Kind.EXITED,
}
"""What a task does that takes no time, and what is done to it."""

FRESH: Final = "it goes on with a fresh slice, without a choice"
"""Why a task runs on after a row that renews its slice."""


class Dispatch(NamedTuple):
    """What gave a CPU to a task."""

    task: int
    cpu: int
    since: Ns
    """When it has the CPU, and a context switch begins if there is one."""
    begins: Ns
    """When it can run: the context switch is over."""
    slice: Ns
    """How long it may run, -1 until it blocks."""
    why: str
    """``""`` where nobody can say."""


class Span(NamedTuple):
    """A length of time in which one thing went on, on the track of a task or (``task`` is -1) of a CPU."""

    start: Ns
    end: Ns
    state: str
    """One of ``STATES``, or ``blocked on`` something; of a CPU RUNNING or SWITCHING."""
    task: int
    cpu: int
    """-1 where none is concerned."""
    on_cpu: bool
    """Whether it is on the track of the CPU, and not on that of the task."""
    dispatch: Dispatch | None = None
    """Of RUNNING and SWITCHING: what led to it."""
    ended: str = ""
    """Of RUNNING: what ended it, by the name of its row: ``expired``."""


class Mark(NamedTuple):
    """An instant at which something happened to a task, or (``task`` is -1) to all."""

    time: Ns
    what: str
    task: int = -1


class Count(NamedTuple):
    """How many tasks were ready, and how many CPUs ran and switched, from ``time`` on."""

    time: Ns
    ready: int
    running: int
    switching: int


Item = Span | Mark | Count


def items(trace: Trace, reasons: Iterator[str] | None = None) -> Iterator[Item]:
    """Return all that there is on the tracks of ``trace``.

    ``reasons`` say of its dispatches, in order, why each was made.
    """
    return _Walk(trace, reasons).items()


def end_of(trace: Trace) -> Ns:
    """Return when the run ended: where it was cut off, or with its last row."""
    last = trace.time[-1] if len(trace) else 0
    until = trace.header.until
    return last if until is None else max(last, until)


class _Walk:
    """Goes through a trace once."""

    def __init__(self, trace: Trace, reasons: Iterator[str] | None) -> None:
        self.trace = trace
        self.reasons = reasons
        self.end = end_of(trace)
        self.doing: dict[int, tuple[Ns, str]] = {}
        """Task -> since when it is in which state."""
        self.on: dict[int, Dispatch] = {}
        """CPU -> what gave it to whom."""
        self.switched: dict[int, Ns] = {}
        """CPU -> when its last context switch is over."""
        self.over: list[tuple[Ns, int]] = []
        """A heap of the ends of the context switches that go on, with their CPUs."""
        self.renewed: dict[int, Dispatch] = {}
        """CPUs whose next dispatch is no choice, with the one before it."""
        self.come: set[int] = set()
        """The tasks that have arrived and not finished."""
        self.due: list[tuple[Ns, int]] = []
        """A heap of the deadlines of those, with their tasks."""
        self.ready = self.running = self.switching = 0
        self.told: Count | None = None
        self.happenings = Happenings(trace.header)
        self.deadlock: Deadlock | None = deadlock_of(trace)
        """The one that is still to be told."""

    def items(self) -> Iterator[Item]:
        """Yield everything: spans when they are over, marks and counts in order of time."""
        now: Ns = 0
        for row in self.trace:
            if row.time != now:
                yield from self._passed(now, row.time)
                now = row.time
            if row.task < 0:
                yield Mark(now, "boost")
                continue
            if row.kind is Kind.SWITCHED:
                self.switched[row.cpu] = now + row.value
            elif row.kind is Kind.DISPATCHED:
                yield from self._dispatched(row)
            else:
                yield from self._happened(row)
                if row.kind in _MARKED:
                    yield Mark(now, self.happenings.words(row), row.task)
            self.happenings.take(row)
        yield from self._passed(now, self.end + 1)
        for dispatch in self.on.values():  # where the trace ends before its run did
            yield from self._spent(dispatch, self.end, "")
        for task, (since, state) in sorted(self.doing.items()):
            yield Span(since, self.end, state, task, -1, on_cpu=False)

    def _passed(self, now: Ns, then: Ns) -> Iterator[Item]:
        """Yield what is to be told of the instant ``now``, and what comes of itself before ``then``."""
        instant = now
        while True:
            while self.over and self.over[0][0] <= instant:
                heappop(self.over)
                self.switching -= 1
                self.running += 1
            yield from self._count(instant)
            if not self.over or self.over[0][0] >= then:
                break
            instant = self.over[0][0]
        if self.deadlock is not None and self.deadlock.time < then:
            yield Mark(self.deadlock.time, headline(self.deadlock))
            self.deadlock = None
        while self.due and self.due[0][0] < then:
            due, task = heappop(self.due)
            if task in self.come:
                yield Mark(due, "deadline missed", task)

    def _count(self, now: Ns) -> Iterator[Count]:
        count = Count(now, self.ready, self.running, self.switching)
        if self.told is None or count[1:] != self.told[1:]:
            self.told = count
            yield count

    def _turns(self, task: int, now: Ns, state: str) -> tuple[Ns, str]:
        """Return since when the task was in which state, and let it be in ``state``."""
        before = self.doing.pop(task, (now, ""))
        self.ready += (state == READY) - (before[1] == READY)
        if state:
            self.doing[task] = (now, state)
        return before

    def _dispatched(self, row: Row) -> Iterator[Span]:
        """Give the CPU to a task."""
        now, cpu, task = row.time, row.cpu, row.task
        begins = max(now, self.switched.get(cpu, now))
        before = self.renewed.pop(cpu, None)
        if before is None:
            why = "" if self.reasons is None else next(self.reasons, "")
            self.on[cpu] = Dispatch(task, cpu, now, begins, row.value, why)
        elif now > before.begins:
            self.on[cpu] = Dispatch(task, cpu, now, begins, row.value, FRESH)
        else:  # it had not run yet: the switch to it, and why, are those of before
            self.on[cpu] = before._replace(slice=row.value)
        since, state = self._turns(task, now, "")
        if state and now > since:
            yield Span(since, now, state, task, -1, on_cpu=False)
        if begins > now:
            self.switching += 1
            heappush(self.over, (begins, cpu))
        else:
            self.running += 1

    def _happened(self, row: Row) -> Iterator[Item]:
        """Change the state of a task."""
        now, kind, task, cpu = row.time, row.kind, row.task, row.cpu
        if kind in _COMES and task not in self.come:
            self.come.add(task)
            yield Mark(now, "arrives", task)
            job = self.trace.header.jobs[task]
            if job.deadline is not None:
                heappush(self.due, (job.arrival + job.deadline, task))
        if kind is Kind.RENEWED:
            self.renewed[cpu] = self.on[cpu]
        if kind in ENDS_SLICE and cpu >= 0:
            yield from self._left(row)
        becomes = _BECOMES.get(kind)
        if becomes is None:
            return
        awaits = self.happenings.awaited(task)
        becomes = f"{BLOCKED} on {awaits}" if becomes == BLOCKED and awaits else becomes
        since, state = self._turns(task, now, becomes)
        if state and now > since:
            yield Span(since, now, state, task, -1, on_cpu=False)
        if kind is Kind.FINISHED:
            self.come.discard(task)

    def _left(self, row: Row) -> Iterator[Span]:
        """Take the CPU from its task."""
        dispatch = self.on.pop(row.cpu)
        now = row.time
        if (dispatch.begins, row.cpu) in self.over:
            # Cut off in the middle of the switch, or taken back at its end before the task ran.
            self.over.remove((dispatch.begins, row.cpu))
            self.over.sort()
            self.switching -= 1
        else:
            self.running -= 1
        if row.kind is not Kind.RENEWED or now > dispatch.begins:
            yield from self._spent(dispatch, now, row.kind.name.lower())

    def _spent(self, dispatch: Dispatch, now: Ns, ended: str) -> Iterator[Span]:
        """Yield what became of a dispatch up to ``now``, when it ended: a switch, and a run."""
        task, cpu, begins = dispatch.task, dispatch.cpu, dispatch.begins
        for start, end, state in ((dispatch.since, min(begins, now), SWITCHING), (begins, now, RUNNING)):
            if end > start:
                for on_cpu in (True, False):
                    said = ended if state == RUNNING else ""
                    yield Span(start, end, state, task, cpu, on_cpu, dispatch, said)
