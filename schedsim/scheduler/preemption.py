"""The end of step 5: a ready task that is strictly better takes the CPU from a running one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schedsim.policies.base import Rank
    from schedsim.scheduler.core import Scheduler
    from schedsim.scheduler.processor import Processor


def consider_preemption(scheduler: Scheduler) -> None:
    """Ask for the CPUs of the worst running tasks, as long as a better one is ready for each."""
    ready, rank, machine = scheduler.ready, scheduler.consult.rank, scheduler.machine
    if rank is None:
        return
    # One that stands at a yield (nothing left) is about to give its CPU up by itself.
    running = [
        processor
        for processor in scheduler.processors
        if (task := processor.task) is not None
        and task.left != 0
        and not processor.fresh
        and not processor.stopping
    ]
    claimed = sum(processor.stopping for processor in scheduler.processors)
    if not running or claimed >= len(ready):
        return
    scheduler.settle()
    keeps_place = scheduler.conventions.running_keeps_place
    entries = [ready.best()] if claimed == 0 else ready.entries()[claimed:]
    while True:
        worst: tuple[Rank, int, int] | None = None
        victim: Processor | None = None
        for processor in running:
            task = processor.task
            if task is not None:
                own = (rank(task), task.place, processor.number)
                try:
                    worse = worst is None or own > worst
                except TypeError as error:
                    raise scheduler.consult.incomparable(task, error) from error
                if worse:
                    worst, victim = own, processor
        candidate = entries[0]
        if victim is None or worst is None or victim.task is None:
            return
        try:
            better = candidate[:2] < worst[:2] if keeps_place else candidate[0] < worst[0]  # type: ignore[operator]  # ranks are of one form
        except TypeError as error:
            raise scheduler.consult.incomparable(candidate[2], error) from error
        if not better:
            return
        if scheduler.observer is not None:
            scheduler.observer.preempting(scheduler.now, victim.number, victim.task, worst[0], candidate)
        scheduler.tell(victim)  # a stop names the order that the machine goes by
        victim.stopping = True
        machine.stop(victim.task, victim.number, victim.order)
        running.remove(victim)
        claimed += 1
        if not running or claimed >= len(ready):
            return
        entries = ready.entries()[claimed:]
