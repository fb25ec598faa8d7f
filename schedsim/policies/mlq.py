"""Multilevel queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import HEAD, PREEMPTED, Place, Policy, Queue, Rank, Why
from schedsim.policies.parameters import above_zero
from schedsim.states import RUNNING
from schedsim.times import Duration, Ns

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class MultilevelQueue(Policy):
    """Multilevel queue: a job's priority names its queue; a better queue preempts a worse one.

    ``queues`` lists ``(priority, policy)``, the best first. Without it every priority of the mix is
    a round-robin queue of ``quantum``, the lowest number first. A preempted task goes to the tail
    of a queue with a quantum, and back to the head of one without.

    Good for: kinds of jobs that need different rules: interactive above batch.
    Fails when: the upper queues never empty: the lower ones starve.
    Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.5.
    """

    name = "mlq"
    preemptive = True
    queues: tuple[tuple[int, Policy], ...] = ()
    quantum: Duration = Duration(4_000_000)

    @property
    def clairvoyant(self) -> bool:  # type: ignore[override]  # a constant elsewhere, read-only here
        """Return whether a queue's policy is."""
        return any(policy.clairvoyant for _, policy in self.queues)

    def check(self) -> None:
        """Refuse two queues of one priority and policies that cannot share a CPU with others."""
        above_zero("quantum", self.quantum)
        priorities = [priority for priority, _ in self.queues]
        for priority, policy in self.queues:
            if priorities.count(priority) > 1:
                raise ValueError(f"queues has priority {priority} twice; give each queue its own")
            if getattr(policy, "tick", 0):
                raise ValueError("queues has rr with a tick; only rr by itself counts ticks, so leave it out")
            if policy.dynamic or policy.boost or policy.hooks() & {"joined", "ran", "boosted"}:
                raise ValueError(
                    f"queues has {policy.name}; a queue can be fcfs, rr, sjf, srtf, priority, priority-rr or edf"
                )

    def _queue(self, task: Task) -> tuple[int, Policy | None]:
        if not self.queues:
            return task.priority, None
        for place, (priority, policy) in enumerate(self.queues):
            if priority == task.priority:
                return place, policy
        known = ", ".join(str(priority) for priority, _ in self.queues)
        raise ValueError(f"job {task.id!r} has priority {task.priority}; the queues are {known}")

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return the queue's place, then the rank in the queue, which never preempts where its policy does not."""
        place, policy = self._queue(task)
        if policy is None:
            return (place, 0, 0)
        if task.state is RUNNING and not policy.preemptive:
            return (place, 0, 0)
        rank = policy.rank(task, queue)
        return (place, 1, rank if isinstance(rank, int) else rank[0])

    def slice(self, task: Task, queue: Queue) -> Ns:
        """Return the slice that the queue's policy grants."""
        policy = self._queue(task)[1]
        return self.quantum if policy is None else policy.slice(task, queue)

    def joined(self, task: Task, why: Why, queue: Queue) -> Place | None:
        """Put a preempted task back at the head of a queue without a quantum."""
        policy = self._queue(task)[1]
        if why is PREEMPTED and policy is not None and "slice" not in policy.hooks():
            return HEAD
        return None
