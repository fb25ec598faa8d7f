"""Round robin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import Policy, Queue
from schedsim.policies.parameters import above_zero, not_below_zero
from schedsim.times import Duration, Ns

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class RoundRobin(Policy):
    """Round robin: everyone in turn, for one quantum at a time.

    With ``tick`` above 0 a quantum is counted in ticks of the clock, whole ones and at least one: a
    slice ends at the tick that is the last of as many since it began.

    Good for: response time when many wait.
    Fails when: the quantum nears the cost of a context switch, or all jobs are equally long.
    Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.3.
    """

    name = "rr"
    unsaid = ("tick",)
    quantum: Duration = Duration(4_000_000)
    tick: Duration = Duration(0)

    def check(self) -> None:
        """Refuse a quantum that is not above 0 and a tick below 0."""
        above_zero("quantum", self.quantum)
        not_below_zero("tick", self.tick)

    def slice(self, task: Task, queue: Queue) -> Ns:
        """Return the quantum, or the time to the tick that ends it."""
        del task
        if self.tick:
            return max(1, self.quantum // self.tick) * self.tick - queue.now % self.tick
        return self.quantum
