"""Looking ahead: commit slices at once while nothing else can happen before they end.

When one CPU is busy and the machine promises quiet until some time, every slice that ends before
that time ends as it must, so it need not go through the machine's event queue. The trace is the
same as without; only the time it takes differs, which is why a property test runs both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.scheduler.inputs import Reached, Step, Stopped
from schedsim.trace import Kind

if TYPE_CHECKING:
    from schedsim.scheduler.core import Scheduler


def look_ahead(scheduler: Scheduler) -> None:
    """Commit every slice that nothing can interrupt, and leave the first one that something can."""
    unordered, idle, processors = scheduler.unordered, scheduler.idle, scheduler.processors
    while len(unordered) == 1 and len(idle) == len(processors) - 1 and not scheduler.held:
        processor = unordered[0]
        task = processor.task
        if task is None or processor.stopping:
            return
        left, slice_ = task.left, processor.slice
        expires = 0 < slice_ < left
        length = slice_ if expires else left
        if processor.begins + length >= scheduler.machine.quiet_until():
            return
        unordered.clear()
        scheduler.advance_to(processor.begins + length)
        if expires:
            scheduler.acts[Stopped](Stopped(task, processor.order, length, Kind.EXPIRED))
            scheduler.acts[Step](Step.RETURN)
        else:
            yielded = left == 0
            scheduler.acts[Reached](Reached(task, processor.order, length, task.advance(), yielded))
            if scheduler.returning:
                scheduler.acts[Step](Step.RETURN)
        scheduler.dispatch()
