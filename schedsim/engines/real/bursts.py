"""How far each task is in its present CPU burst, by its process' own clock.

The worker says it itself, in shared memory, ten million times a second. The kernel could be asked, too,
but of a process that runs on another CPU it only knows what it had used at the last timer tick.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from schedsim.engines.real import records
from schedsim.operations import Unsaid
from schedsim.scheduler.arrivals import NEVER
from schedsim.scheduler.inputs import Failed, Input, Reached, Stopped, Used
from schedsim.scheduler.task import Task

if TYPE_CHECKING:
    from schedsim.scheduler.processor import Processor
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
        self.ended: deque[records.Record] = deque()
        """What the worker said of ends of bursts and the scheduler has not been told: of this burst, then of
        those after it, if the worker went on before anybody listened."""


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
        # In this order: if the worker has not gone on to its next burst afterwards, it had not before.
        used = memory[first + records.PROGRESS]
        begun, number = memory[first + records.BURST], self.bursts[index].number
        if begun == number:
            return used
        # It has come to the end, and what it says of that is on its way; or it has not begun yet.
        return task.burst_length if abs(begun) > number else 0

    def used(self, task: Task) -> Ns:
        """Return the CPU time used under the present order."""
        return self.progress(task) - self.bursts[task.index].base

    def left_of_slice(self, task: Task, now: Ns) -> Ns:
        """Return what is left at ``now`` of the slice that the present order grants; 0 or less when it is over.

        What a process used before its turn does not shorten its slice: the scheduler is told no more than
        the time that passed, and a policy that was told less than the slice would not take it for used up.
        """
        burst, processor = self.bursts[task.index], task.processor
        used = self.used(task)
        return burst.length - (used if processor is None else min(used, now - processor.begins))

    def next_slice_end(self, on: Sequence[int | None]) -> tuple[Ns, int]:
        """Return when the first slice of those who are ``on`` a CPU should be over if nothing interrupts it, and where."""
        ends = [
            (NEVER if index is None else self.bursts[index].slice_end, place)
            for place, index in enumerate(on)
        ]
        return min(ends)

    def left(self, task: Task, now: Ns) -> Ns:
        """Return what the running task still needs to the end of its burst; below 0 if it should be over."""
        if task.processor is not None and isinstance(task.standing, Unsaid):
            return task.processor.begins - now  # it should say what it does at once
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

    def runs(self, task: Task) -> bool:
        """Return whether the scheduler has the task running, under the order that is counted here."""
        return task.processor is not None and task.processor.order == self.bursts[task.index].order

    def end(self, task: Task, when: Ns) -> Reached | None:
        """Return that the running task's burst has ended, or what it does next, if its worker has said so; None else.

        A burst that ended while the scheduler has its task waiting counts when it is dispatched again.
        """
        burst = self.bursts[task.index]
        if not burst.ended or not self.runs(task):
            return None
        record = burst.ended.popleft()
        ran = self.tell(task, record.cpu - burst.base, when)
        if record.kind == records.SAID:
            return Reached(task, burst.order, ran, task.advance())
        burst.number, burst.told, burst.base = record.burst + 1, 0, 0
        burst.slice_end = NEVER
        return Reached(task, burst.order, ran, task.advance())

    def inputs(self, happened: Sequence[Input | Task], when: Ns) -> Iterator[Input]:
        """Yield what happened as the scheduler is told it at ``when``: under the orders that hold by then.

        A task in ``happened`` stands for an end of its burst.
        """
        ended: set[int] = set()
        for item in happened:
            if isinstance(item, Task) and item.index not in ended:
                reached = self.end(item, when)
                if reached is not None:
                    ended.add(item.index)
                    yield reached
        for item in happened:
            if isinstance(item, Failed) and item.task.processor is not None:
                ran = self.tell(item.task, self.used(item.task), when) if self.runs(item.task) else 0
                yield Failed(item.task, max(ran, item.task.processor.charged))
            # A task that came to the end of its burst is not stopped at the same instant.
            elif not isinstance(item, Task) and not (isinstance(item, Stopped) and item.task.index in ended):
                yield item

    def usage(self, processors: Sequence[Processor], batch: Sequence[Input], when: Ns) -> list[Input]:
        """Return what running tasks have used by ``when``; not of those of whom the batch says more."""
        told = {item.task.index for item in batch if isinstance(item, Reached | Stopped | Failed)}
        return [
            Used(task, processor.order, self.tell(task, self.used(task), when))
            for processor in processors
            if (task := processor.task) is not None and task.index not in told and self.runs(task)
        ]
