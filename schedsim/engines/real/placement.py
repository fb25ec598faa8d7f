"""Whose process is let run on which CPU, and who is armed to come next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schedsim.scheduler.arrivals import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schedsim.engines.real.crew import Worker
    from schedsim.engines.real.drivers import Driver
    from schedsim.scheduler.core import Scheduler
    from schedsim.scheduler.task import Task


class Placement:
    """What the driver has been told."""

    def __init__(
        self,
        driver: Driver,
        workers: Sequence[Worker],
        cpus: Sequence[int | None],
        settle: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Start with idle CPUs.

        ``cpus`` are the machine's numbers of the measured ones. ``settle`` is called before a worker that may
        be running is kept from it, and returns when it may be.
        """
        self.driver, self.cpus, self.settle = driver, cpus, settle
        self.processes = [worker.process for worker in workers]
        self.alive = set(range(len(workers)))
        self.on: list[int | None] = [None] * len(cpus)
        """Whose process is let run on each CPU."""
        self.armed: int | None = None

    def run(self, index: int, cpu: int) -> None:
        """Let a worker run there, and then keep whoever did from it."""
        before = self.on[cpu]
        if before == index:
            return
        if before is not None and before in self.alive:
            self.settle(before)
        self.driver.run(self.processes[index], self.cpus[cpu])
        self.free(index)
        self.on[cpu] = index
        if self.armed == index:
            self.armed = None
        if before is not None and before in self.alive:
            self.driver.hold(self.processes[before])

    def next_after(self, task: Task, scheduler: Scheduler) -> Task | None:
        """Return who is to run at once when the running task's slice is over, None if nobody can be sure.

        Where all who wait are worse than the task is now, it may be the best still when its slice is used
        up: whoever was let run in its place would run, and be stopped, for nothing.
        """
        following, rank = scheduler.next_in_line(), scheduler.consult.rank
        if following is None or following.index not in self.alive:
            return None
        if rank is not None:
            mine: Any = rank(task)
            if rank(following) > mine:
                return None
        return following

    def rest(self, index: int) -> None:
        """Note that a worker blocked or ended by itself."""
        self.free(index)
        if index in self.alive:
            self.settle(index)
            self.driver.rest(self.processes[index])

    def free(self, index: int) -> None:
        """Note that a worker runs nowhere."""
        for place, other in enumerate(self.on):
            if other == index:
                self.on[place] = None

    def end(self, index: int) -> None:
        """Kill a worker."""
        if index in self.alive:
            self.settle(index)
            self.driver.end(self.processes[index])
        self.bury(index)

    def bury(self, index: int) -> None:
        """Note that a worker is dead."""
        self.alive.discard(index)
        self.free(index)
        if self.armed == index:
            self.armed = None

    def arm(self, scheduler: Scheduler) -> None:
        """Have the next in line start by itself when a running task blocks or ends."""
        following = scheduler.next_in_line()
        index = None if following is None else following.index
        if index is not None and (index in self.on or index not in self.alive):
            index = None
        if index == self.armed:
            return
        if self.armed is not None and self.armed not in self.on:
            self.driver.hold(self.processes[self.armed])
        self.armed = index
        if index is not None:
            self.driver.arm(self.processes[index], self.cpus[self._soonest(scheduler)])

    def _soonest(self, scheduler: Scheduler) -> int:
        """Return the CPU whose task should be the first to end."""
        left = [
            NEVER if processor.task is None else processor.task.left for processor in scheduler.processors
        ]
        return left.index(min(left))
