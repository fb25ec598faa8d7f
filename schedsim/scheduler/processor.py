"""One CPU as the scheduler believes it to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.times import Ns

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class Processor:
    """A CPU: who runs on it since when, under which order, for how long."""

    __slots__ = (
        "begins",
        "charged",
        "fresh",
        "last",
        "measured",
        "number",
        "order",
        "ordered",
        "ran",
        "slice",
        "stopping",
        "task",
    )

    def __init__(self, number: int) -> None:
        """Start idle."""
        self.number = number
        self.task: Task | None = None
        self.last: Task | None = None
        """The task dispatched last: dispatching it again is no context switch."""
        self.order = 0
        """The number of the present start order; words about earlier ones are late."""
        self.ordered = True
        """Whether the machine has been told."""
        self.begins: Ns = 0
        self.slice: Ns = -1
        """What is granted from ``begins`` on, -1 until it blocks."""
        self.ran: Ns = 0
        """CPU time used since the dispatch, under earlier orders."""
        self.charged: Ns = 0
        """CPU time used under this order and charged already."""
        self.measured: Ns = 0
        """CPU time used under this order as its machine said last, if it is one that measures."""
        self.fresh = False
        """Whether its task was chosen at this very instant, so that nobody ready is better."""
        self.stopping = False
        """Whether the machine was asked to stop it."""

    def in_grace(self, task: Task, grace: Ns) -> bool:
        """Return whether the task's burst ends so near the end of its slice that it may end in peace.

        Also just before it: of a burst that is measured nobody knows the end to the nanosecond.
        """
        return self.slice > 0 and abs(task.left + self.charged - self.slice) <= grace
