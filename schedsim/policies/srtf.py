"""Shortest remaining time first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import Policy, Queue, Rank
from schedsim.policies.parameters import one_of

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class ShortestRemainingTimeFirst(Policy):
    """Shortest remaining time first: the ready or running task with the least left to compute.

    Good for: the least mean turnaround of all policies.
    Fails when: short jobs keep coming (long ones starve), or nobody knows the bursts.
    Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.2; OSTEP 7 (STCF).
    """

    name = "srtf"
    preemptive = True
    clairvoyant = True
    remaining: str = "burst"

    def check(self) -> None:
        """Refuse anything but the two ways of counting."""
        one_of("remaining", self.remaining, ("burst", "total"))

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return what is left of the present CPU burst, or of the whole program."""
        del queue
        if self.remaining == "total":
            return task.cpu_left
        return task.left if task.estimate is None else task.remaining
