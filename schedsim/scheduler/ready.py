"""The ready queue, in the three forms that policies need.

A policy without ranks is a plain queue: O(1). Ranks that stay while a task waits live in a heap:
O(log n). Ranks that change (``dynamic``) are asked again for everyone at each dispatch: O(n).
In all three, equal ranks go by place: who joined first.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Protocol

from schedsim.policies.base import Queue, Rank
from schedsim.scheduler.consult import Consult
from schedsim.scheduler.task import Task

Entry = tuple[Rank, int, Task]
"""Rank, place, task: comparing two never gets as far as the tasks, since places differ."""


class Ready(Protocol):
    """What the scheduler needs of a ready queue. ``Task.place`` is set before ``push``."""

    def push(self, task: Task) -> None:
        """Add ``task`` at its place."""

    def pop(self) -> Task:
        """Take out the task that goes next."""

    def best(self) -> Entry:
        """Return the entry that goes next, and leave it in."""

    def __len__(self) -> int:
        """Return how many tasks are ready."""

    def entries(self) -> list[Entry]:
        """Return all entries, the next one first."""

    def tickets(self) -> int:
        """Return the tickets of all ready tasks together."""

    def weight(self) -> int:
        """Return the weights of all ready tasks together."""

    def rebuild(self) -> None:
        """Ask all ranks again and go by the tasks' present places."""

    def remove(self, task: Task) -> None:
        """Take out a task that will never run again."""


class PlainQueue:
    """First come, first served."""

    __slots__ = ("tasks",)

    def __init__(self) -> None:
        """Start empty."""
        self.tasks: deque[Task] = deque()

    def push(self, task: Task) -> None:
        """Add at the tail, or at the head if its place is there."""
        if task.place < 0:
            self.tasks.appendleft(task)
        else:
            self.tasks.append(task)

    def pop(self) -> Task:
        """Take the head."""
        return self.tasks.popleft()

    def best(self) -> Entry:
        """Return the head's entry; everyone's rank is 0."""
        return 0, self.tasks[0].place, self.tasks[0]

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self.tasks)

    def entries(self) -> list[Entry]:
        """Return all, the head first."""
        return [(0, task.place, task) for task in self.tasks]

    def tickets(self) -> int:
        """Return the sum."""
        return sum(task.tickets for task in self.tasks)

    def weight(self) -> int:
        """Return the sum."""
        return sum(task.weight for task in self.tasks)

    def rebuild(self) -> None:
        """Sort by place."""
        tasks = sorted(self.tasks, key=lambda task: task.place)
        self.tasks.clear()
        self.tasks.extend(tasks)

    def remove(self, task: Task) -> None:
        """Take it out, wherever it is."""
        self.tasks.remove(task)


class RankedQueue:
    """Lowest rank first; a rank is asked when a task joins and holds while it waits."""

    __slots__ = ("consult", "heap", "rank", "total", "weighs")

    def __init__(self, consult: Consult, rank: Callable[[Task], Rank]) -> None:
        """Start empty."""
        self.consult = consult
        self.rank = rank
        self.heap: list[Entry] = []
        self.weighs = False
        """Whether ``total``, the sum of the weights, is kept up."""
        self.total = 0

    def push(self, task: Task) -> None:
        """Ask the rank and add."""
        try:
            heappush(self.heap, (self.rank(task), task.place, task))
        except TypeError as error:
            raise self.consult.incomparable(task, error) from error
        if self.weighs:
            self.total += task.weight

    def pop(self) -> Task:
        """Take the lowest."""
        task = heappop(self.heap)[2]
        if self.weighs:
            self.total -= task.weight
        return task

    def best(self) -> Entry:
        """Return the lowest."""
        return self.heap[0]

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self.heap)

    def entries(self) -> list[Entry]:
        """Return all, the lowest first."""
        return sorted(self.heap)

    def tickets(self) -> int:
        """Return the sum."""
        return sum(entry[2].tickets for entry in self.heap)

    def weight(self) -> int:
        """Return the sum, which is kept up once it was asked for: a fair share asks it at each dispatch."""
        if not self.weighs:
            self.weighs = True
            self.total = sum(entry[2].weight for entry in self.heap)
        return self.total

    def rebuild(self) -> None:
        """Ask all ranks again."""
        self.heap[:] = [(self.rank(task), task.place, task) for _, _, task in self.heap]
        try:
            heapify(self.heap)
        except TypeError as error:
            raise self.consult.incomparable(self.heap[0][2], error) from error

    def remove(self, task: Task) -> None:
        """Take it out, wherever it is."""
        self.heap[:] = [entry for entry in self.heap if entry[2] is not task]
        heapify(self.heap)
        if self.weighs:
            self.total -= task.weight


class WatchedQueue(RankedQueue):
    """A ranked queue of a policy from outside: a rank that moved while the task waited is refused."""

    __slots__ = ()

    def pop(self) -> Task:
        """Take the lowest, and ask its rank once more."""
        rank, _, task = self.heap[0]
        super().pop()
        again = self.rank(task)
        if again != rank:
            raise self.consult.refuse(
                "rank",
                task,
                f"answered {rank!r} when the task joined and {again!r} while it waited; write dynamic = True",
            )
        return task


class DynamicQueue:
    """Lowest rank first, asked of everyone whenever it matters, in the order of the mix."""

    __slots__ = ("consult", "members", "queue", "rank", "total")

    def __init__(self, consult: Consult, rank: Callable[[Task], Rank]) -> None:
        """Start empty."""
        self.consult = consult
        self.rank = rank
        self.queue: Queue = consult.queue
        self.members: list[Task] = []
        self.total = 0

    def push(self, task: Task) -> None:
        """Add; the rank is asked later."""
        insort(self.members, task, key=lambda member: member.index)
        self.total += task.tickets

    def entries(self) -> list[Entry]:
        """Ask everyone, and return all entries, the lowest first."""
        try:
            return sorted(self._asked())
        except TypeError as error:
            raise self.consult.incomparable(self.members[0], error) from error

    def best(self) -> Entry:
        """Ask everyone, and return the lowest."""
        try:
            return min(self._asked())
        except TypeError as error:
            raise self.consult.incomparable(self.members[0], error) from error

    def pop(self) -> Task:
        """Ask everyone, and take the lowest."""
        task = self.best()[2]
        self.members.remove(task)
        self.total -= task.tickets
        return task

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self.members)

    def tickets(self) -> int:
        """Return the sum, which is kept up: a lottery asks it of every task."""
        return self.total

    def weight(self) -> int:
        """Return the sum."""
        return sum(task.weight for task in self.members)

    def rebuild(self) -> None:
        """Do nothing: ranks are asked when they matter."""

    def remove(self, task: Task) -> None:
        """Take it out, wherever it is."""
        self.members.remove(task)
        self.total -= task.tickets

    def _asked(self) -> list[Entry]:
        queue, rank, entries = self.queue, self.rank, []
        queue.before = 0
        for task in self.members:
            entries.append((rank(task), task.place, task))
            queue.before += task.tickets
        return entries


def ready_queue(consult: Consult) -> Ready:
    """Return the cheapest form that the policy behind ``consult`` allows."""
    if consult.rank is None:
        return PlainQueue()
    if consult.policy.dynamic:
        return DynamicQueue(consult, consult.rank)
    return (WatchedQueue if consult.watched else RankedQueue)(consult, consult.rank)
