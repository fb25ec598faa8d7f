"""Shortest job first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import Policy, Queue, Rank

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class ShortestJobFirst(Policy):
    """Shortest job first: of the ready tasks the one whose next CPU burst is shortest, to its end.

    Good for: the least mean waiting of all orders, when all are there at the start.
    Fails when: short jobs keep coming (long ones starve), or nobody knows the bursts.
    Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.2 (Stallings: SPN).
    """

    name = "sjf"
    clairvoyant = True

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return the length of the burst, as estimated or declared."""
        del queue
        return task.burst
