"""Feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import EXPIRED, Place, Policy, Queue, Rank, Why
from schedsim.policies.parameters import above_zero
from schedsim.times import Duration, Ns

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class Feedback(Policy):
    """Feedback: a task that uses its quantum up while others wait goes one queue down.

    New tasks enter queue 0. A task alone at the end of its quantum stays in its queue. An arrival
    does not cut a running quantum short. Queue i has ``quanta[i]``; the last one repeats.

    Good for: preferring short jobs without knowing bursts.
    Fails when: short jobs keep coming: long ones starve in the lower queues.
    Source: Stallings, Operating Systems, 9th ed., 9.2 (FB).
    """

    name = "feedback"
    quanta: tuple[Duration, ...] = (Duration(1_000_000),)

    def check(self) -> None:
        """Refuse an empty list and quanta that are not above 0."""
        if not self.quanta:
            raise ValueError("quanta is empty; write at least one, such as quanta=1/2/4")
        for quantum in self.quanta:
            above_zero("quanta", quantum)

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return the queue the task is in."""
        del queue
        return task.level

    def slice(self, task: Task, queue: Queue) -> Ns:
        """Return the quantum of its queue."""
        del queue
        return self.quanta[min(task.level, len(self.quanta) - 1)]

    def joined(self, task: Task, why: Why, queue: Queue) -> Place | None:
        """Move an expired task down if anyone else waits for the CPU."""
        if why is EXPIRED and queue.crowded:
            task.level += 1
        return None
