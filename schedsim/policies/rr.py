"""Round robin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import EXPIRED, Place, Policy, Queue, Why
from schedsim.policies.parameters import above_zero, not_below_zero
from schedsim.times import Duration, Ns

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class RoundRobin(Policy):
    """Round robin: everyone in turn, for one quantum at a time.

    With ``tick`` above 0 a quantum is counted in ticks of the clock, as Linux's SCHED_RR counts it:
    whole ones and at least one, and what I/O leaves of it is not lost. The first tick is at ``phase``.

    Good for: response time when many wait.
    Fails when: the quantum nears the cost of a context switch, or all jobs are equally long.
    Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.3.
    """

    name = "rr"
    unsaid = ("tick", "phase")
    quantum: Duration = Duration(4_000_000)
    tick: Duration = Duration(0)
    phase: Duration = Duration(0)

    def check(self) -> None:
        """Refuse a quantum that is not above 0, and a tick and a phase below 0."""
        above_zero("quantum", self.quantum)
        not_below_zero("tick", self.tick)
        not_below_zero("phase", self.phase)

    def hooks(self) -> frozenset[str]:
        """Return the hooks; without ticks there is nothing to count."""
        return super().hooks() if self.tick else super().hooks() - {"joined", "ran"}

    def slice(self, task: Task, queue: Queue) -> Ns:
        """Return the quantum, or the time to the tick that ends it."""
        if self.tick:
            ticks = max(1, self.quantum // self.tick - task.used)
            return ticks * self.tick - (queue.now - self.phase) % self.tick
        return self.quantum

    def ran(self, task: Task, ns: Ns, queue: Queue) -> None:
        """Count the ticks that the task has seen of its quantum."""
        end = queue.now - self.phase
        task.used += end // self.tick - (end - ns) // self.tick

    def joined(self, task: Task, why: Why, queue: Queue) -> Place | None:
        """Begin a quantum anew when one is over."""
        del queue
        if why is EXPIRED:
            task.used = 0
        return None
