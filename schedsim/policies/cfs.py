"""Completely fair scheduling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import ARRIVED, WOKE, Place, Policy, Queue, Rank, Why
from schedsim.policies.parameters import NICE_0_WEIGHT, above_zero
from schedsim.states import RUNNING
from schedsim.times import Duration, Ns

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class CompletelyFairScheduler(Policy):
    """Completely fair: the least virtual run time runs next; it grows by 1024 / weight of the time used.

    A slice is ``sched_latency`` shared out by weight among the ready and itself, at least
    ``min_granularity``. Newcomers start at the least virtual time; who comes back from I/O is put at
    most half a latency before it. A running task gives way to one that is behind it by more than
    ``min_granularity``. Weights are Linux's for nice values.

    Good for: sharing a CPU by weight, and answering soon those who mostly wait.
    Fails when: very many are ready: slices become ``min_granularity``, and a turn takes long.
    Source: Love, Linux Kernel Development, 3rd ed., chapter 4; OSTEP, 9.7.
    """

    name = "cfs"
    preemptive = True
    sched_latency: Duration = Duration(6_000_000)
    min_granularity: Duration = Duration(1_000_000)

    def check(self) -> None:
        """Refuse lengths that are not above 0."""
        above_zero("sched_latency", self.sched_latency)
        above_zero("min_granularity", self.min_granularity)

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return the virtual run time; a running task's is lower, so that it is not disturbed for little."""
        del queue
        return task.vtime - self.min_granularity if task.state is RUNNING else task.vtime

    def slice(self, task: Task, queue: Queue) -> Ns:
        """Return its share of the latency."""
        share = self.sched_latency * task.weight // (task.weight + queue.weight)
        return max(share, self.min_granularity)

    def joined(self, task: Task, why: Why, queue: Queue) -> Place | None:
        """Start at the least virtual time, or little before it after a wait."""
        if why is ARRIVED:
            task.vtime = queue.least_vtime
        elif why is WOKE:
            task.vtime = max(task.vtime, queue.least_vtime - self.sched_latency // 2)
        return None

    def ran(self, task: Task, ns: Ns, queue: Queue) -> None:
        """Charge the time by weight; ``used`` keeps what the division leaves, so that nothing is lost."""
        del queue
        grown, task.used = divmod(task.used + ns * NICE_0_WEIGHT, task.weight)
        task.vtime += grown
