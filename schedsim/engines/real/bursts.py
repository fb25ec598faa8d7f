"""How far each task is in its present CPU burst, by its process' own clock.

The worker says it itself, in shared memory, ten million times a second. The kernel could be asked, too,
but of a process that runs on another CPU it only knows what it had used at the last timer tick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.engines.real import records
from schedsim.scheduler.arrivals import NEVER

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task
    from schedsim.times import Ns


class Burst:
    """The present CPU burst of one task."""

    __slots__ = ("base", "ended", "length", "number", "order", "slice_end", "told")

    def __init__(self) -> None:
        """Start before the first burst."""
        self.number = 1
        """Which burst of its worker this is, from 1."""
        self.told: Ns = 0
        """CPU time of this burst that the scheduler has been told of."""
        self.base: Ns = 0
        """The same when the present order began."""
        self.order = -1
        self.length: Ns = -1
        """The slice that the present order grants, -1 until the burst ends."""
        self.slice_end: Ns = NEVER
        """When that slice should be over if nothing interrupts it."""
        self.ended: records.Record | None = None
        """What the worker said of the burst's end when the scheduler did not have it running."""


class Bursts:
    """The present bursts of all tasks."""

    def __init__(self, count: int, memory: memoryview[int]) -> None:
        """Start before the first burst of each of ``count`` workers; ``memory`` holds their slots."""
        self.memory = memory
        self.bursts = [Burst() for _ in range(count)]

    def __getitem__(self, index: int) -> Burst:
        """Return the burst of the job at that place of the mix."""
        return self.bursts[index]

    def progress(self, task: Task) -> Ns:
        """Return the CPU time (nanoseconds) that the process has used in its present burst, just now."""
        index = task.index
        memory, first = self.memory, index * records.SLOT
        if memory[first + records.BURST] != self.bursts[index].number:
            return 0  # it has not begun yet
        return memory[first + records.PROGRESS]

    def used(self, task: Task) -> Ns:
        """Return the CPU time used under the present order."""
        return self.progress(task) - self.bursts[task.index].base

    def left(self, task: Task) -> Ns:
        """Return what the running task still needs to the end of its burst; below 0 if it should be over."""
        charged = 0 if task.processor is None else task.processor.charged
        return task.left + charged - self.used(task)

    def begin(self, task: Task, order: int, length: Ns, now: Ns) -> None:
        """Count from here on under a new order."""
        burst = self.bursts[task.index]
        burst.order, burst.length, burst.base = order, length, burst.told
        burst.slice_end = NEVER if length < 0 else now + length - self.used(task)

    def tell(self, task: Task, ran: Ns, when: Ns) -> Ns:
        """Return what to say that the task has used by ``when``, and note that it has been said.

        It is never more than the time that passed, because a schedule could not be: what a process
        used before its turn (the kernel had let it in first) counts in its next one.
        """
        processor = task.processor
        if processor is not None:
            ran = max(processor.charged, min(ran, when - processor.begins), 0)
        burst = self.bursts[task.index]
        burst.told = burst.base + ran
        return ran

    def end(self, task: Task, record: records.Record, when: Ns) -> Ns:
        """Return what to say that the task has used now that its burst has ended."""
        burst = self.bursts[task.index]
        ran = self.tell(task, record.cpu - burst.base, when)
        burst.number, burst.told, burst.base = record.burst + 1, 0, 0
        burst.slice_end = NEVER
        return ran
