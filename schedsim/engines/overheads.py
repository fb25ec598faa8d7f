"""Virtual time as on a real machine: a dispatch costs CPU time, and what was observed in a run happens again.

The scheduler is told what a real machine would tell it: when things happen, and how much CPU time
was used, which here is not the time that passed. With all overheads 0 and nothing observed it is
the plain simulation.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any, Final, cast

from schedsim.engines.simulated import SimulatedMachine, following
from schedsim.jobs import Job
from schedsim.observed import Observed, Overheads, Stolen
from schedsim.operations import Io, Operation
from schedsim.scheduler.inputs import Input, IoDone, Reached, Stopped, Used
from schedsim.scheduler.task import Task
from schedsim.states import READY, RUNNING, TERMINATED, ZOMBIE
from schedsim.times import Ns
from schedsim.trace import Kind

# Read here once: reading a member from its enumeration costs ten times as much.
_EXPIRED: Final = Kind.EXPIRED
_PREEMPTED: Final = Kind.PREEMPTED


class Work:
    """How much work a CPU can have done by when: all the time but what was stolen."""

    __slots__ = ("before", "done", "ends", "starts")

    def __init__(self, stolen: Sequence[Stolen]) -> None:
        """Join the windows of one CPU that touch."""
        self.starts: list[Ns] = []
        self.ends: list[Ns] = []
        for window in sorted(stolen, key=lambda window: window.start):
            if self.ends and window.start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], window.end)
            elif window.end > window.start:
                self.starts.append(window.start)
                self.ends.append(window.end)
        self.before: list[Ns] = [0]
        """What was stolen in all windows before each, and in all."""
        self.done: list[Ns] = []
        """The work done when each window begins, and until it ends."""
        for start, end in zip(self.starts, self.ends, strict=True):
            self.done.append(start - self.before[-1])
            self.before.append(self.before[-1] + end - start)

    def by(self, time: Ns) -> Ns:
        """Return the work done by ``time``."""
        place = bisect_right(self.starts, time) - 1
        if place < 0:
            return time
        return self.done[place] + max(0, time - self.ends[place])

    def when(self, work: Ns) -> Ns:
        """Return the first instant by which so much work is done."""
        return work + self.before[bisect_left(self.done, work)]


class Lane:
    """One CPU: whose context is on it, and what that has to do before it computes."""

    __slots__ = ("ended", "left_at", "on", "order", "owed", "since", "task", "work")

    def __init__(self, stolen: Sequence[Stolen]) -> None:
        """Start idle."""
        self.work = Work(stolen)
        self.task: Task | None = None
        """Who ran last."""
        self.on = False
        """Whether it runs still, as far as was reported."""
        self.order = 0
        self.since: Ns = 0
        """The work the CPU had done when that order began."""
        self.owed: Ns = 0
        """What was to be paid then before the task computes."""
        self.left_at: Ns = -1
        """When the task last came to the end of something."""
        self.ended = False
        """Whether it then needed the CPU no more: it blocked or ended."""

    def ran(self, now: Ns) -> Ns:
        """Return the CPU time that the task has used under this order."""
        return max(0, self.work.by(now) - self.since - self.owed) if self.on else 0

    def stops(self, now: Ns, *, ended: bool) -> None:
        """Note that the task may be off the CPU from now on."""
        self.on, self.left_at, self.ended = False, now, ended


class MeasuredMachine(SimulatedMachine):
    """CPUs on which a dispatch costs time, and a run in which things happened as they were observed."""

    measures = True

    def __init__(
        self, jobs: Sequence[Job], until: Ns | None, cpus: int, overheads: Overheads, observed: Observed
    ) -> None:
        """Prepare to run ``jobs`` in virtual time, up to ``until`` (left out) if given."""
        super().__init__(jobs, until, dict(observed.releases))
        self.overheads = overheads
        self.lanes = [
            Lane([window for window in observed.stolen if window.cpu == number]) for number in range(cpus)
        ]
        self.sleeps = {(index, number): length for index, number, length in observed.sleeps}
        self.begun: dict[int, int] = {}
        """How many I/Os each job has begun, by its place in the mix."""
        self.woken: dict[int, Ns] = {}
        """When each last had what it waited for: its I/O, or another job."""

    def hand_over(self, now: Ns, batch: list[Input]) -> None:
        """Deliver ``batch``, and what those that run on have used."""
        running = [lane for lane in self.lanes if lane.on]
        batch += [Used(lane.task, lane.order, lane.ran(now)) for lane in running if lane.task is not None]
        super().hand_over(now, batch)

    def start(self, task: Task, cpu: int, order: int, begins: Ns, length: Ns) -> None:
        """Have the end of the slice or of the operation happen when its overhead is paid and its work done."""
        lane, done = self.lanes[cpu], self.lanes[cpu].work.by(begins)
        if lane.task is not None and lane.task.state not in (READY, RUNNING):
            lane.ended = True  # it did something that takes no time, and then waited or ended
        stays = lane.task is task and (lane.on or (lane.left_at == begins and not lane.ended))
        owed = max(0, lane.owed - (done - lane.since)) if stays else self._overhead(lane, task, begins)
        lane.task, lane.on, lane.order, lane.since, lane.owed = task, True, order, done, owed
        if task.standing is not None:  # and what it does takes no time
            when = max(begins, lane.work.when(done + owed))  # in stolen time so much was done before
            if when == self.scheduler.now:  # in the same round as a yield that takes none either
                self._does_now(task, order, lane, when)
            else:
                self._at(when, self._does, (task, order, lane))
            return
        left = task.left + (task.processor.charged if task.processor is not None else 0)
        runs = self._runs(length, left)
        if owed + runs:
            self._at(self._due(lane, done + owed + runs), self._comes_to_an_end, (task, order, runs, lane))
        else:  # it stands at a yield, which takes no time
            self._reaches(task, order, 0, lane, begins)

    def _runs(self, length: Ns, left: Ns) -> Ns:
        """Return how long a task computes that is granted ``length`` and has ``left`` to do."""
        return length if 0 < length < left else left

    def _due(self, lane: Lane, work: Ns) -> Ns:
        """Return when a task comes to its end that is there when its CPU has done so much work."""
        return lane.work.when(work)

    def _overhead(self, lane: Lane, task: Task, now: Ns) -> Ns:
        """Return what it costs to dispatch ``task``, whose context is not on the CPU."""
        if lane.left_at == now:
            return self.overheads.completion if lane.ended else self.overheads.preemption
        return self.overheads.wake if self.woken.get(task.index) == now else self.overheads.arrival

    def stop(self, task: Task, cpu: int, order: int) -> None:
        """Stop as soon as it is possible, also while its overhead is paid."""
        lane, now, after = self.lanes[cpu], self.scheduler.now, self._stops_after()
        if after:
            self._at(now + after, self._stops, (task, order, lane))
            return
        ran = lane.ran(now)
        lane.stops(now, ended=False)
        self.inbox.append(Stopped(task, order, ran, _PREEMPTED))

    def _stops_after(self) -> Ns:
        """Return how long after this moment a task that is to stop leaves its CPU."""
        return self.overheads.stop

    def begin_io(self, task: Task, operation: Io, now: Ns) -> None:
        """Have the I/O end when it is due, or after as long as it was observed to take."""
        length = self._sleeps(task, operation)
        self._at(now + length, self._io_over, (task, length))

    def _sleeps(self, task: Task, operation: Io) -> Ns:
        """Return how long the task's next I/O takes."""
        number = self.begun.get(task.index, 0)
        self.begun[task.index] = number + 1
        return self.sleeps.get((task.index, number), operation.ns)

    def kill(self, task: Task) -> None:
        """Note that its CPU is free."""
        for lane in self.lanes:
            if lane.task is task and lane.on:
                lane.stops(self.scheduler.now, ended=True)

    def answer(self, task: Task, result: object) -> Operation | None:
        """Note that it woke."""
        self.woken[task.index] = self.scheduler.now
        return super().answer(task, result)

    def quiet_until(self) -> Ns:
        """Promise nothing, as a real machine does."""
        return 0

    # SimPy's events.

    def _comes_to_an_end(self, event: Any) -> None:
        task, order, runs, lane = cast("tuple[Task, int, Ns, Lane]", event.value)
        processor = task.processor
        if processor is None or processor.order != order:
            return  # it was preempted, or got a fresh slice
        left = task.left + processor.charged - runs
        overrun = min(self.overheads.overrun, left)
        if left == 0:
            self._reaches(task, order, runs, lane, self._now())
        elif overrun and self.scheduler.next_in_line() is not None:
            end = lane.work.when(lane.work.by(self._now()) + overrun)
            self._at(end, self._expires, (task, order, runs + overrun, lane))
        else:
            self._expires(event)

    def _does(self, event: Any) -> None:
        task, order, lane = cast("tuple[Task, int, Lane]", event.value)
        if task.processor is not None and task.processor.order == order and task.standing is not None:
            self._does_now(task, order, lane, self._now())

    def _does_now(self, task: Task, order: int, lane: Lane, now: Ns) -> None:
        lane.stops(now, ended=False)
        self.inbox.append(Reached(task, order, 0, task.standing))

    def _expires(self, event: Any) -> None:
        task, order, runs, lane = cast("tuple[Task, int, Ns, Lane]", event.value)
        processor = task.processor
        if processor is None or processor.order != order:
            return  # it was preempted at the last moment
        if runs == task.left + processor.charged:
            self._reaches(task, order, runs, lane, self._now())
            return
        lane.stops(self._now(), ended=False)
        self.inbox.append(Stopped(task, order, runs, _EXPIRED))

    def _stops(self, event: Any) -> None:
        task, order, lane = cast("tuple[Task, int, Lane]", event.value)
        processor, now = task.processor, self._now()
        if processor is None or processor.order != order or not lane.on:
            return  # it came to the end of its burst or of its slice before, if only just
        ran = lane.ran(now)
        lane.stops(now, ended=False)
        self.inbox.append(Stopped(task, order, ran, _PREEMPTED))

    def _reaches(self, task: Task, order: int, runs: Ns, lane: Lane, now: Ns) -> None:
        operation = following(task)
        lane.stops(now, ended=operation is None or isinstance(operation, Io))
        self.inbox.append(Reached(task, order, runs, operation, yielded=runs == 0))

    def _io_over(self, event: Any) -> None:
        task, length = cast("tuple[Task, Ns]", event.value)
        if task.state in (TERMINATED, ZOMBIE):
            return  # it was killed meanwhile
        self.woken[task.index] = self._now()
        self.inbox.append(IoDone(task, length, following(task)))

    def _now(self) -> Ns:
        """Return the instant of the present event; between events SimPy's clock may lag behind arrivals."""
        return int(self.environment.now)
