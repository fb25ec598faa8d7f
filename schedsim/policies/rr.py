"""Round robin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import Policy, Queue
from schedsim.policies.parameters import above_zero
from schedsim.times import Duration, Ns

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class RoundRobin(Policy):
    """Round robin: everyone in turn, for one quantum at a time.

    Good for: response time when many wait.
    Fails when: the quantum nears the cost of a context switch, or all jobs are equally long.
    Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.3.
    """

    name = "rr"
    quantum: Duration = Duration(4_000_000)

    def check(self) -> None:
        """Refuse a quantum that is not above 0."""
        above_zero("quantum", self.quantum)

    def slice(self, task: Task, queue: Queue) -> Ns:
        """Return the quantum."""
        del task, queue
        return self.quantum
