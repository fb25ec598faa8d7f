"""Earliest deadline first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schedsim.policies.base import Policy, Queue, Rank
from schedsim.times import LONGEST

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task

NO_DEADLINE: Final = 2 * LONGEST
"""The rank of a job without a deadline: later than any arrival and deadline can add up to."""


class EarliestDeadlineFirst(Policy):
    """Earliest deadline first: whose deadline comes first has the CPU, preemptively.

    A deadline counts from the arrival, and is the same for all bursts of a job. Jobs without one
    come after all that have one, in the order in which they became ready. A job that misses its
    deadline goes on to its end.

    Good for: deadlines: on one CPU it meets them all if any schedule can.
    Fails when: there is too much work: one late job makes the next ones late, whichever matters most.
    Source: Liu, Layland, Scheduling algorithms for multiprogramming in a hard-real-time environment,
        JACM 20, 1973; Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.6.4.
    """

    name = "edf"
    preemptive = True

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return the instant of the deadline."""
        del queue
        return NO_DEADLINE if task.deadline is None else task.arrival + task.deadline
