"""Step 3 of an instant: who enters the ready queue from outside, by arriving, being admitted or waking."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from schedsim.operations import Answered, Cpu, Io, Operation, Unasked, Unsaid, Yield
from schedsim.policies.base import ARRIVED, WOKE
from schedsim.scheduler.performing import PERFORMS
from schedsim.scheduler.together import ARRIVAL, WAKE_UP
from schedsim.states import BLOCKED, TERMINATED, ZOMBIE
from schedsim.trace import Kind

if TYPE_CHECKING:
    from schedsim.scheduler.core import Scheduler
    from schedsim.scheduler.inputs import Arrived, IoDone
    from schedsim.scheduler.task import Task
    from schedsim.times import Ns

# Read here once: reading a member from its enumeration costs ten times as much.
_ADMITTED = Kind.ADMITTED
_ARRIVED = Kind.ARRIVED
_BLOCKED = Kind.BLOCKED
_FINISHED = Kind.FINISHED
_HELD = Kind.HELD
_SERVED = Kind.SERVED
_WOKE = Kind.WOKE


def arrived(scheduler: Scheduler, item: Arrived) -> None:
    """A job arrived: it is admitted, or held when there are as many as the degree allows."""
    if scheduler.together.entering:
        scheduler.together.enter((ARRIVAL, item.task.index))
    if item.task.state in (TERMINATED, ZOMBIE):
        return  # its process had died before
    if scheduler.degree is not None and len(scheduler.unfinished) >= scheduler.degree:
        scheduler.row(scheduler.now, _HELD, item.task.index, -1, 0)
        scheduler.held.append((item.task, item.operation))
    else:
        _enter(scheduler, item.task, item.operation, _ARRIVED, 0)


def admit(scheduler: Scheduler) -> None:
    """Admit held jobs, first come first, as far as the degree of multiprogramming allows."""
    while scheduler.held and scheduler.degree is not None and len(scheduler.unfinished) < scheduler.degree:
        task, operation = scheduler.held.popleft()
        _enter(scheduler, task, operation, _ADMITTED, 0)


def io_done(scheduler: Scheduler, item: IoDone) -> None:
    """A task's I/O ended."""
    if scheduler.together.entering:
        scheduler.together.enter((WAKE_UP, item.task.wait_number))
    if item.task.index not in scheduler.unfinished:
        return  # its process had died before
    scheduler.devices.end(item.task, scheduler.now)
    _enter(scheduler, item.task, item.operation, _WOKE, item.served)


def wake(scheduler: Scheduler, task: Task, operation: Operation | None) -> None:
    """A task has what it waited for; ``operation`` is what it does next."""
    _enter(scheduler, task, operation, _WOKE, 0)


def begin_io(scheduler: Scheduler, task: Task, operation: Io) -> None:
    """Let a task wait for its I/O; its state is BLOCKED already."""
    scheduler.waits += 1
    task.wait_number = scheduler.waits
    scheduler.devices.begin(task, operation, scheduler.now)


def _enter(scheduler: Scheduler, task: Task, operation: Operation | None, kind: Kind, value: Ns) -> None:
    scheduler.unfinished[task.index] = task
    if scheduler.settles:
        scheduler.settle()
    ENTERS[type(operation)](scheduler, task, operation, kind, value)


def _enter_ready(scheduler: Scheduler, task: Task, operation: Operation, kind: Kind, value: Ns) -> None:
    scheduler.row(scheduler.now, kind, task.index, -1, value)
    task.set_burst(operation)
    scheduler.join(task, WOKE if kind is _WOKE else ARRIVED)


def _enter_standing(scheduler: Scheduler, task: Task, operation: Operation, kind: Kind, value: Ns) -> None:
    scheduler.together.used = True  # whoever looks ahead must know of it before it is done
    _enter_ready(scheduler, task, operation, kind, value)


def _enter_io(scheduler: Scheduler, task: Task, operation: Io, kind: Kind, value: Ns) -> None:
    scheduler.row(scheduler.now, _SERVED if kind is _WOKE else kind, task.index, -1, value)
    scheduler.row(scheduler.now, _BLOCKED, task.index, -1, 0)
    task.state = BLOCKED
    begin_io(scheduler, task, operation)


def _enter_end(scheduler: Scheduler, task: Task, operation: None, kind: Kind, value: Ns) -> None:
    del operation
    scheduler.row(scheduler.now, _SERVED if kind is _WOKE else kind, task.index, -1, value)
    scheduler.row(scheduler.now, _FINISHED, task.index, -1, 0)
    task.state = TERMINATED
    del scheduler.unfinished[task.index]
    if scheduler.together.used:
        scheduler.together.family.ended(task)


def _enter_unasked(scheduler: Scheduler, task: Task, operation: Unasked, kind: Kind, value: Ns) -> None:
    """Ask the program."""
    del operation
    following = scheduler.machine.advance(task, None)
    ENTERS[type(following)](scheduler, task, following, kind, value)


ENTERS: Final[dict[type, Callable[[Scheduler, Task, Any, Kind, Ns], None]]] = {
    Cpu: _enter_ready,
    Yield: _enter_ready,
    Unasked: _enter_unasked,
    Io: _enter_io,
    type(None): _enter_end,
    **dict.fromkeys((Unsaid, Answered, *PERFORMS), _enter_standing),
}
"""What an operation does to a task that comes to it off the CPU."""
