"""Who watches a scheduler decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from schedsim.policies.base import Queue
    from schedsim.scheduler.ready import Entry
    from schedsim.scheduler.task import Task
    from schedsim.times import Ns


class Observer(Protocol):
    """Who wants to see the decisions, not only their outcome; watching changes nothing."""

    def dispatching(self, now: Ns, cpu: int, entries: list[Entry], queue: Queue) -> None:
        """See who is ready, with ranks, the next one first, just before it is dispatched."""

    def preempting(self, now: Ns, cpu: int, victim: Task, rank: object, candidate: Entry) -> None:
        """See who takes the CPU from whom, with both ranks."""

    def inheriting(self, mutex: int) -> None:
        """See that from now on the holder of a mutex is lent ranks; it is a place in the header's objects."""
