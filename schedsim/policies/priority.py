"""Priority scheduling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import Policy, Queue, Rank
from schedsim.policies.parameters import not_below_zero, one_of
from schedsim.states import READY
from schedsim.times import Duration

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class Priority(Policy):
    """Priority: the best priority first; preemptive or not, with or without ageing.

    With ``ageing`` a task's priority improves by one for each such length it has waited since it
    became ready; a running task has its own priority again. A preemptive run looks at the ages
    when something happens and at every multiple of ``ageing``.

    Good for: work whose importance is known.
    Fails when: important work keeps coming: the rest starves, unless it ages.
    Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.4.
    """

    name = "priority"
    preemptive: bool = False
    priority_order: str = "low-first"
    ageing: Duration = Duration(0)

    def check(self) -> None:
        """Refuse an unknown order and an ageing below 0."""
        one_of("priority_order", self.priority_order, ("low-first", "high-first"))
        not_below_zero("ageing", self.ageing)

    @property
    def dynamic(self) -> bool:  # type: ignore[override]  # a constant elsewhere, read-only here
        """Return whether ranks change while tasks wait: they do when they age."""
        return self.ageing > 0

    @property
    def boost(self) -> Duration:  # type: ignore[override]  # as above
        """Return how often ranks are looked at again."""
        return self.ageing if self.preemptive else Duration(0)

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return the priority, so that lower is better, less one for each ``ageing`` waited."""
        rank = task.priority if self.priority_order == "low-first" else -task.priority
        if self.ageing > 0 and task.state is READY:
            rank -= (queue.now - task.ready_since) // self.ageing
        return rank
