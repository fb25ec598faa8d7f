"""Mutexes and bounded queues: who has what, and who waits for it in which order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class Mutex:
    """A mutex: who holds it, and who waits for it, first come, first served."""

    __slots__ = ("inherits", "name", "owner", "waiting")

    def __init__(self, name: str) -> None:
        """Start free."""
        self.name = name
        self.owner: Task | None = None
        """Who holds it, also after its end: nobody else can give it up."""
        self.waiting: list[Task] = []
        self.inherits = False
        """Whether its owner goes before everyone whom a task that waits for it goes before."""


class BoundedQueue:
    """A queue of items, and who waits for room in it, or for an item, first come, first served."""

    __slots__ = ("capacity", "getters", "items", "name", "putters")

    def __init__(self, name: str, capacity: int) -> None:
        """Start empty."""
        self.name, self.capacity = name, capacity
        self.items: deque[object] = deque()
        self.getters: deque[Task] = deque()
        self.putters: deque[tuple[Task, object]] = deque()

    def leave(self, task: Task) -> None:
        """Take out a task that waits here and will never come back."""
        if task in self.getters:
            self.getters.remove(task)
        self.putters = deque(pair for pair in self.putters if pair[0] is not task)
