"""Highest response ratio next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import Policy, Queue, Rank

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class HighestResponseRatioNext(Policy):
    """Highest response ratio next: the greatest (waiting + burst) / burst, to the end of the burst.

    Good for: short jobs first, yet a long one cannot starve: waiting raises its ratio.
    Fails when: nobody knows the bursts, or a long job has just begun.
    Source: Stallings, Operating Systems, 9th ed., 9.2 (Brinch Hansen 1971).
    """

    name = "hrrn"
    dynamic = True
    clairvoyant = True

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return minus the response ratio, in whole 2**-62ths: equal ratios are equal ranks."""
        burst = task.burst
        if burst <= 0:  # it stands at a yield and needs no CPU time: no ratio is higher
            return -(1 << 125)
        return -(((queue.now - task.ready_since + burst) << 62) // burst)
