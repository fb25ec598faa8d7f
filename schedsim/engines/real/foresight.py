"""Whether a task will have to wait at what it comes to next: a guess, by which a CPU is left at once.

A worker that is going to wait need not keep its CPU until it is told so. The guess may be wrong, since
others go on meanwhile; then it costs a little time, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.engines.real.performing import does_at_once, needs_answer
from schedsim.operations import Get, Join, Lock, Operation, Put
from schedsim.states import TERMINATED, ZOMBIE

if TYPE_CHECKING:
    from collections.abc import Callable

    from schedsim.scheduler.core import Scheduler
    from schedsim.scheduler.task import Task
    from schedsim.scheduler.together import Together


def foresee(scheduler: Scheduler, expect: Callable[[int, bool], None]) -> None:
    """Tell ``expect`` of those that run whether they will have to wait when their bursts are over."""
    if scheduler.together.used:
        for processor in scheduler.processors:
            task = processor.task
            if task is not None:
                expect(task.index, would_wait(scheduler.together, next_question(task)))


def next_question(task: Task) -> Operation | None:
    """Return what the task has to ask for when its present burst is over; None where it asks, or says, nothing."""
    for step in task.steps[task.position + 1 :]:
        if needs_answer(step):
            return step
        if not does_at_once(step):
            return None
    return None


def would_wait(together: Together, operation: Operation | None) -> bool:
    """Return whether a task that came to it now would have to wait."""
    match operation:
        case Lock(mutex=name):
            mutex = together.mutexes.get(name)
            return mutex is not None and mutex.owner is not None
        case Get(queue=name, blocking=True):
            return name in together.queues and not together.queues[name].items
        case Put(queue=name, blocking=True):
            queue = together.queues.get(name)
            return queue is not None and not queue.getters and len(queue.items) >= queue.capacity
        case Join(job=name):
            child = together.family.members.get(together.family.index(name) or 0)
            return child is not None and child.id == name and child.state not in (ZOMBIE, TERMINATED)
        case _:
            return False
