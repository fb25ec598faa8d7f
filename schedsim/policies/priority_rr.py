"""Priority scheduling with round robin among equals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import Policy, Queue, Rank
from schedsim.policies.parameters import above_zero, one_of
from schedsim.times import Duration, Ns

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class PriorityRoundRobin(Policy):
    """Priority with round robin: the best priority first, preemptively; equals in turn.

    Good for: important work first without one of many equals keeping the CPU.
    Fails when: important work keeps coming: the rest starves.
    Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.4.
    """

    name = "priority-rr"
    preemptive = True
    quantum: Duration = Duration(4_000_000)
    priority_order: str = "low-first"

    def check(self) -> None:
        """Refuse a quantum that is not above 0 and an unknown order."""
        above_zero("quantum", self.quantum)
        one_of("priority_order", self.priority_order, ("low-first", "high-first"))

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return the priority, so that lower is better."""
        del queue
        return task.priority if self.priority_order == "low-first" else -task.priority

    def slice(self, task: Task, queue: Queue) -> Ns:
        """Return the quantum."""
        del task, queue
        return self.quantum
