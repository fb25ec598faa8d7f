"""Virtual time on SimPy: arrivals, slice ends, I/O and the policy's timers are SimPy events.

The engine only collects what happens at an instant and hands it over; the scheduler decides. There
is about one event a slice and never one a tick, and where the scheduler can look ahead, fewer.
This is the only file that imports simpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import simpy

from schedsim.jobs import Job, Mix
from schedsim.operations import Io
from schedsim.policies.base import Policy
from schedsim.scheduler.conventions import conventions_named
from schedsim.scheduler.core import Observer, Scheduler
from schedsim.scheduler.inputs import Arrived, Closed, Input, IoDone, Reached, Stopped, WokenAt
from schedsim.scheduler.task import Task
from schedsim.times import LONGEST, Ns
from schedsim.trace import Kind, Trace


class SimulatedMachine:
    """CPUs and devices that take exactly as long as they are told."""

    def __init__(self, jobs: Sequence[Job], until: Ns | None) -> None:
        """Prepare to run ``jobs`` in virtual time, up to ``until`` (left out) if given."""
        self.environment = simpy.Environment()
        self.until: Ns = LONGEST if until is None else until
        self.inbox: list[Input] = []
        """What happened at the present instant and has not been delivered."""
        self.scheduler: Scheduler
        # The last job first, so that the next arrival is taken off the end.
        self.coming = sorted(range(len(jobs)), key=lambda index: (jobs[index].arrival, index), reverse=True)
        self.jobs = jobs
        self._expect_arrival(0)

    def run(self, scheduler: Scheduler) -> None:
        """Deliver everything that happens, instant by instant, until nothing is left to happen."""
        self.scheduler = scheduler
        environment, until = self.environment, self.until
        peek, step = environment.peek, environment.step
        time: Any = peek()
        while time < until:
            step()
            while peek() == time:
                step()
            if self.inbox:  # otherwise all that came was the end of a slice that had ended before
                batch, self.inbox = self.inbox, []
                scheduler.deliver(time, batch)
                while self.inbox:
                    batch, self.inbox = self.inbox, []
                    scheduler.deliver(scheduler.now, batch)
            time = peek()
        if self.until < LONGEST:
            scheduler.deliver(max(self.until, scheduler.now), [Closed()])

    # The five orders, and the promise.

    def start(self, task: Task, cpu: int, order: int, begins: Ns, length: Ns) -> None:
        """Have the end of the slice or of the operation happen when it is due."""
        del cpu
        left = task.left
        if left == 0:
            self.inbox.append(Reached(task, order, 0, task.advance(), yielded=True))
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
            self._at(processor.begins, self._stopped, Stopped(task, order, 0, Kind.PREEMPTED))
        else:
            self.inbox.append(Stopped(task, order, now - processor.begins, Kind.PREEMPTED))

    def wake_at(self, time: Ns, token: int) -> None:
        """Wake the scheduler at ``time``."""
        self._at(time, self._woken, token)

    def begin_io(self, task: Task, operation: Io, now: Ns) -> None:
        """Have the I/O end when it is due."""
        self._at(now + operation.ns, self._io_ended, (task, operation.ns))

    def quiet_until(self) -> Ns:
        """Return when the next event is due, or the run is cut off, whichever comes first."""
        due = self.environment.peek()
        return self.until if due > self.until else int(due)

    # SimPy's events.

    def _at(self, time: Ns, callback: Any, value: object) -> None:
        """Schedule an event; SimPy's own clock may lag behind when slices were committed ahead."""
        event = self.environment.timeout(time - self.environment.now, value)
        event.callbacks.append(callback)

    def _expect_arrival(self, now: Ns) -> None:
        """Schedule the next arrival only: the queue of events stays short however many jobs there are."""
        if self.coming:
            event = self.environment.timeout(self.jobs[self.coming[-1]].arrival - now)
            event.callbacks.append(self._arrived)

    def _arrived(self, event: simpy.Event) -> None:
        del event
        now = int(self.environment.now)
        coming, jobs = self.coming, self.jobs
        while coming and jobs[coming[-1]].arrival == now:
            index = coming.pop()
            task = Task(index, jobs[index])
            self.inbox.append(Arrived(task, task.advance()))
        self._expect_arrival(now)

    def _slice_ended(self, event: simpy.Event) -> None:
        task, order, runs = event.value
        processor = task.processor
        if processor is None or processor.order != order:
            return  # it was preempted, or got a fresh slice
        if runs == task.left + processor.charged:
            self.inbox.append(Reached(task, order, runs, task.advance()))
        else:
            self.inbox.append(Stopped(task, order, runs, Kind.EXPIRED))

    def _stopped(self, event: simpy.Event) -> None:
        self.inbox.append(event.value)

    def _woken(self, event: simpy.Event) -> None:
        self.inbox.append(WokenAt(event.value))

    def _io_ended(self, event: simpy.Event) -> None:
        task, served = event.value
        self.inbox.append(IoDone(task, served, task.advance()))


def simulate(mix: Mix, policy: Policy, trace: Trace, *, observer: Observer | None = None) -> Trace:
    """Run ``mix`` under ``policy`` in virtual time and return ``trace``, filled."""
    machine = SimulatedMachine(mix.jobs, mix.until)
    scheduler = Scheduler(
        policy,
        machine,
        trace,
        cpus=mix.cpus,
        conventions=conventions_named(mix.conventions),
        switch_cost=mix.switch_cost,
        charge_first_switch=mix.charge_first_switch,
        degree=mix.degree,
        observer=observer,
    )
    machine.run(scheduler)
    return trace
