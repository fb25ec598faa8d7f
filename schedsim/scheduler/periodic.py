"""Step 2 of an instant: the policy's periodic work, such as the boost of an MLFQ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.scheduler.machine import BOOST
from schedsim.trace import Kind

if TYPE_CHECKING:
    from schedsim.policies.base import Rank
    from schedsim.scheduler.core import Scheduler
    from schedsim.scheduler.inputs import WokenAt
    from schedsim.scheduler.processor import Processor
    from schedsim.scheduler.task import Task


def woken(scheduler: Scheduler, item: WokenAt) -> None:
    """A time that was asked for has come."""
    if item.token == BOOST:
        scheduler.boost_due = -1
        if scheduler.unfinished:
            boost(scheduler)


def boost(scheduler: Scheduler) -> None:
    """Let the policy boost every unfinished task; running ones then get a fresh slice."""
    scheduler.settle()
    scheduler.row(scheduler.now, Kind.BOOSTED, -1, -1, 0)
    boosted = scheduler.consult.boosted
    if boosted is None:
        return  # the policy only wants its ranks looked at again
    running = [processor for processor in scheduler.processors if processor.task is not None]
    queued = [task for _, _, task in scheduler.ready.entries()]
    queued += [processor.task for processor in running if processor.task is not None]
    before = [_rank(scheduler, task) for task in queued]
    scheduler.settle(whole=True)
    for task in scheduler.unfinished.values():
        boosted(task)
        task.kept = 0
    if scheduler.conventions.boost_lowest_first:
        _queue_lowest_first(scheduler, queued, before)
    scheduler.ready.rebuild()
    for processor in running:
        # A task that is being stopped is on its way out: its stop still counts under the old order.
        if processor.task is not None and not processor.stopping:
            _renew(scheduler, processor, processor.task)


def _rank(scheduler: Scheduler, task: Task) -> Rank:
    return scheduler.consult.rank(task) if scheduler.consult.rank is not None else 0


def _queue_lowest_first(scheduler: Scheduler, queued: list[Task], before: list[Rank]) -> None:
    """Put the moved tasks behind those that were there: the lowest rank first, each in its own order."""
    moved = [
        (rank, task) for rank, task in zip(before, queued, strict=True) if rank != _rank(scheduler, task)
    ]
    moved.sort(key=lambda pair: pair[1].place)
    moved.sort(key=lambda pair: pair[0], reverse=True)
    for _, task in moved:
        scheduler.tail += 1
        task.place = scheduler.tail


def _renew(scheduler: Scheduler, processor: Processor, task: Task) -> None:
    now, index, number = scheduler.now, task.index, processor.number
    scheduler.row(now, Kind.RENEWED, index, number, processor.ran + scheduler.used(processor))
    processor.slice = scheduler.slice_of(task)
    scheduler.row(now, Kind.DISPATCHED, index, number, processor.slice)
    processor.ran = 0
    scheduler.order(processor, max(now, processor.begins))
