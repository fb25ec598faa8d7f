"""Virtual time on SimPy: slice ends, I/O and the policy's timers are SimPy events.

Arrivals are known and sorted beforehand, so they are merged with the events, not queued among them.

The engine only collects what happens at an instant and hands it over; the scheduler decides. There
is about one event a slice and never one a tick, and where the scheduler can look ahead, fewer.
This is the only file that imports simpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import simpy

from schedsim.errors import InternalError, UsageError
from schedsim.jobs import Job, Mix
from schedsim.observed import Observed, Overheads
from schedsim.operations import Answered, Io, Operation, Unasked
from schedsim.policies.base import Policy
from schedsim.scheduler.arrivals import NEVER, Arrivals
from schedsim.scheduler.core import Scheduler
from schedsim.scheduler.inputs import Closed, Input, IoDone, Reached, Stopped, WokenAt
from schedsim.scheduler.observer import Observer
from schedsim.scheduler.of_mix import scheduler_of
from schedsim.scheduler.task import Task
from schedsim.states import TERMINATED, ZOMBIE
from schedsim.times import LONGEST, Ns, show
from schedsim.trace import Kind, Trace

# Read here once: reading a member from its enumeration costs ten times as much.
_EXPIRED = Kind.EXPIRED
_PREEMPTED = Kind.PREEMPTED
_UNASKED: Final = Unasked()


def following(task: Task) -> Operation | None:
    """Return what a task does next; a program of the user's runs on only when the scheduler comes to it.

    So nobody's code runs at the instant at which it is killed, if who kills it acts first.
    """
    return task.advance() if task.generator is None else _UNASKED


class SimulatedMachine:
    """CPUs and devices that take exactly as long as they are told."""

    measures = False

    def __init__(
        self, jobs: Sequence[Job], until: Ns | None, releases: Mapping[int, Ns] | None = None
    ) -> None:
        """Prepare to run ``jobs`` in virtual time, up to ``until`` (left out) if given.

        ``releases`` are instants at which jobs come in place of their arrivals, by their places in the mix.
        """
        self.environment = simpy.Environment()
        self.until: Ns = LONGEST if until is None else until
        self.inbox: list[Input] = []
        """What happened at the present instant and has not been delivered."""
        self.scheduler: Scheduler
        self.arrivals = Arrivals(jobs, releases)

    def run(self, scheduler: Scheduler) -> None:
        """Deliver everything that happens, instant by instant, until nothing is left to happen."""
        self.scheduler = scheduler
        peek, step, next_arrival = self.environment.peek, self.environment.step, self.arrivals.next_time
        while True:
            time: Any = peek()
            arrival = next_arrival()
            if arrival < time:
                time = arrival
            if time >= self.until:  # also when nothing is left: SimPy then says infinity
                break
            if arrival >= NEVER and scheduler.together.stuck and self.until >= LONGEST:
                break  # a deadlock: only the policy's timers would go on, for ever
            while peek() == time:
                step()
            batch = self.inbox
            if arrival == time:
                batch += self.arrivals.take_all(arrival)
            while batch:  # empty when all that came was the end of a slice that had ended before
                self.inbox = []
                self.hand_over(time, batch)
                batch = self.inbox
        if self.until < LONGEST:
            self.hand_over(self.until, [Closed()])
        elif (scheduler.unfinished or scheduler.held) and not scheduler.together.waits:
            raise InternalError("nothing is left to happen, and not every job has ended")

    def hand_over(self, now: Ns, batch: list[Input]) -> None:
        """Deliver what happened; slices that were committed ahead may have taken the scheduler further."""
        self.scheduler.deliver(max(now, self.scheduler.now), batch)

    # The five orders, and the promise.

    def start(self, task: Task, cpu: int, order: int, begins: Ns, length: Ns) -> None:
        """Have the end of the slice or of the operation happen when it is due."""
        del cpu
        if task.standing is not None:  # and what it does takes no time
            if begins == self.scheduler.now:
                self.inbox.append(Reached(task, order, 0, task.standing))
            else:
                self._at(begins, self._stands, (task, order))
            return
        # What was charged under this order already is part of what it runs.
        left = task.left + (task.processor.charged if task.processor is not None else 0)
        if left == 0 and begins == self.scheduler.now:  # it stands at a yield, which takes no time
            self.inbox.append(Reached(task, order, 0, following(task), yielded=True))
            return
        runs = length if 0 < length < left else left
        self._at(begins + runs, self._slice_ended, (task, order, runs))

    def stop(self, task: Task, cpu: int, order: int) -> None:
        """Stop at once, or at the end of the context switch."""
        del cpu
        processor, now = task.processor, self.scheduler.now
        if processor is None:
            return
        if processor.begins > now:
            self._at(processor.begins, self._stopped, Stopped(task, order, 0, _PREEMPTED))
        else:
            self.inbox.append(Stopped(task, order, now - processor.begins, _PREEMPTED))

    def wake_at(self, time: Ns, token: int) -> None:
        """Wake the scheduler at ``time``."""
        self._at(time, self._woken, token)

    def begin_io(self, task: Task, operation: Io, now: Ns) -> None:
        """Have the I/O end when it is due."""
        self._at(now + operation.ns, self._io_ended, (task, operation.ns))

    def kill(self, task: Task) -> None:
        """Do nothing: what would still have come of it is under an order that is over."""

    def advance(self, task: Task, result: object) -> Operation | None:
        """Let the program say what comes next."""
        return task.advance(result)

    def answer(self, task: Task, result: object) -> Operation | None:
        """Let a list say what comes next; what a program of the user's does then nobody knows before it runs."""
        return task.advance(result) if task.generator is None else Answered(result)

    def spawn(self, index: int) -> Task:
        """Return the task."""
        return Task(index, self.arrivals.jobs[index])

    def first(self, task: Task) -> Operation | None:
        """Let its program say."""
        return task.advance()

    def quiet_until(self) -> Ns:
        """Return when the next event is due, or the run is cut off, whichever comes first."""
        due = self.environment.peek()
        return self.until if due > self.until else int(due)

    # SimPy's events.

    def _at(self, time: Ns, callback: Any, value: object) -> None:
        """Schedule an event; SimPy's own clock may lag behind when slices were committed ahead."""
        event = self.environment.timeout(time - self.environment.now, value)
        event.callbacks.append(callback)

    def _slice_ended(self, event: simpy.Event) -> None:
        task, order, runs = cast("tuple[Task, int, Ns]", event.value)
        processor = task.processor
        if processor is None or processor.order != order:
            return  # it was preempted, or got a fresh slice
        if runs == task.left + processor.charged:
            self.inbox.append(Reached(task, order, runs, following(task), yielded=runs == 0))
        else:
            self.inbox.append(Stopped(task, order, runs, _EXPIRED))

    def _stands(self, event: simpy.Event) -> None:
        task, order = cast("tuple[Task, int]", event.value)
        if task.processor is not None and task.processor.order == order and task.standing is not None:
            self.inbox.append(Reached(task, order, 0, task.standing))

    def _stopped(self, event: simpy.Event) -> None:
        self.inbox.append(cast("Stopped", event.value))

    def _woken(self, event: simpy.Event) -> None:
        self.inbox.append(WokenAt(cast("int", event.value)))

    def _io_ended(self, event: simpy.Event) -> None:
        task, served = cast("tuple[Task, Ns]", event.value)
        if task.state is not TERMINATED and task.state is not ZOMBIE:  # or it was killed meanwhile
            self.inbox.append(IoDone(task, served, following(task)))


def simulate(
    mix: Mix,
    policy: Policy,
    trace: Trace,
    *,
    observer: Observer | None = None,
    overheads: Overheads | None = None,
    observed: Observed | None = None,
) -> Trace:
    """Run ``mix`` under ``policy`` in virtual time and return ``trace``, filled.

    With ``overheads`` or ``observed`` it is a simulation of a real machine: dispatches cost CPU time by
    what came before them, jobs are let go, I/O takes as long, and CPUs are stolen as was observed. The
    trace's header then says what the overheads were.

    Raises:
        UsageError: overheads are below 0, or the mix has a switch cost as well.
    """
    if overheads is None and observed is None:
        machine = SimulatedMachine(mix.jobs, mix.until)
    else:
        from schedsim.engines.overheads import MeasuredMachine

        costs = overheads or Overheads()
        _refuse(mix, costs)
        trace.header = trace.header._replace(overheads=costs._asdict())
        machine = MeasuredMachine(mix.jobs, mix.until, mix.cpus, costs, observed or Observed())
    return run_on(machine, mix, policy, trace, observer)


def run_on(
    machine: SimulatedMachine, mix: Mix, policy: Policy, trace: Trace, observer: Observer | None = None
) -> Trace:
    """Run ``mix`` under ``policy`` on ``machine``, which was made for its jobs, and return ``trace``, filled."""
    scheduler = scheduler_of(mix, policy, machine, trace, observer)
    machine.run(scheduler)
    return trace


def _refuse(mix: Mix, overheads: Overheads) -> None:
    """Refuse what a dispatch cannot cost."""
    if mix.switch_cost:
        cost = show(mix.switch_cost, mix.unit)
        raise UsageError(
            f"switch_cost is {cost}, and overheads say what a dispatch costs here; leave the switch cost out"
        )
    for name, length in overheads._asdict().items():
        if length < 0:
            raise UsageError(f"the overhead of {name} is {length} ns; write 0 or more")
