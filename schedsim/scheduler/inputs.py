"""What a scheduler is told, as values, and the order at one instant.

An engine collects all that happened at an instant and hands it over in any order; ``in_order`` is
the one place that says what comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from schedsim.operations import Operation
from schedsim.scheduler.conventions import Conventions
from schedsim.scheduler.task import Task
from schedsim.times import Ns
from schedsim.trace import Kind


class Arrived(NamedTuple):
    """A job arrived; ``operation`` is the first of its program, or None for an empty one."""

    task: Task
    operation: Operation | None


class Reached(NamedTuple):
    """A running task's operation ended.

    ``order`` is the number of the start order it ran under: a late word about an earlier one is
    dropped. ``ran`` is the CPU time used since that order. ``operation`` is what the program does
    next, None at its end; ``yielded`` says that the operation that ended was a yield.
    """

    task: Task
    order: int
    ran: Ns
    operation: Operation | None
    yielded: bool = False


class Stopped(NamedTuple):
    """A running task left the CPU in the middle of an operation, ``why`` EXPIRED or PREEMPTED.

    A slice that expired is used up, also if ``ran`` is a little less than it.
    """

    task: Task
    order: int
    ran: Ns
    why: Kind


class IoDone(NamedTuple):
    """A task's I/O ended after ``served`` of service; ``operation`` is what it does next."""

    task: Task
    served: Ns
    operation: Operation | None


class Used(NamedTuple):
    """A running task has used ``ran`` of CPU time since the start order ``order``, and goes on.

    Only machines that measure say so (``Machine.measures``): of the others the scheduler knows it. It is
    charged when it matters, as there.
    """

    task: Task
    order: int
    ran: Ns


class Failed(NamedTuple):
    """A task's process died, whatever it was doing; ``ran`` is the CPU time it used since its start order.

    What else is said of the task at this instant has come before; what is said later is dropped.
    """

    task: Task
    ran: Ns


class WokenAt(NamedTuple):
    """A time asked for with ``Machine.wake_at`` has come."""

    token: int


class Closed(NamedTuple):
    """The run is cut off at this instant; nothing but ``Used`` is delivered with it, and nothing after it."""


class Step(IntEnum):
    """Steps of an instant that no engine reports: the scheduler does them between the inputs."""

    ADMIT = 0
    """Held jobs enter as far as the degree of multiprogramming lets them."""
    RETURN = 1
    """Expired, yielded and preempted tasks rejoin the ready queue."""


Input = Arrived | Reached | Stopped | IoDone | Used | Failed | WokenAt | Closed
Item = Input | Step

_STAGE: Final[dict[type, int]] = {
    Used: -1,
    Reached: 0,
    Stopped: 0,
    Failed: 1,
    WokenAt: 3,
    Step: 4,
    Arrived: 5,
    IoDone: 6,
    Closed: 8,
}
_RETURN_FIRST: Final = 2
_RETURN_LAST: Final = 7


def in_order(batch: Sequence[Input], conventions: Conventions) -> list[Item]:
    """Return what happened at one instant in the order in which it counts, with the steps between.

    1. what running tasks did (an operation ended, a slice expired), in the order of arrival, then of
       the mix; before that, what those that go on have used is noted; after it, processes that died;
    2. the policy's periodic work;
    3. held jobs are admitted; arrivals, in the order of the mix; then wake-ups, in the order in
       which the waits began;
    4. expired and preempted tasks rejoin the ready queue (with ``returns_first``: before 2).

    Dispatching, step 5, comes after all of them. The result does not depend on the order of
    ``batch``, and ``batch`` is not changed.
    """
    back = _RETURN_FIRST if conventions.returns_first else _RETURN_LAST

    def key(item: Item) -> tuple[int, Ns, int, int]:
        if isinstance(item, Step):
            return (back if item is Step.RETURN else _STAGE[Step]), 0, 0, 0
        stage = _STAGE[type(item)]
        match item:
            case Reached() | Used() | Failed():
                return stage, item.task.arrival, item.task.index, 0
            case Stopped():  # of a task whose operation ended as well this says nothing any more
                return stage, item.task.arrival, item.task.index, 1
            case Arrived():
                return stage, 0, item.task.index, 0
            case IoDone():
                return stage, 0, item.task.wait_number, 0
            case WokenAt():
                return stage, item.token, 0, 0
            case Closed():
                return stage, 0, 0, 0

    return sorted([*batch, Step.ADMIT, Step.RETURN], key=key)
