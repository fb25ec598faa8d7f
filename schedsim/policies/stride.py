"""Stride scheduling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import ARRIVED, WOKE, Place, Policy, Queue, Rank, Why
from schedsim.policies.parameters import above_zero, one_of
from schedsim.times import Duration, Ns

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class Stride(Policy):
    """Stride: the least pass value runs a quantum and moves on by its stride, stride1 / tickets.

    A pass is counted in strides times nanoseconds, so that a task that blocks early is charged for
    what it used. One that joins later starts at the least pass there is.

    Good for: sharing a CPU in proportion, exactly, quantum by quantum.
    Fails when: tasks come and go much: passes must be handed on.
    Source: Waldspurger, Weihl, Stride scheduling, MIT/LCS/TM-528, 1995; OSTEP, chapter 9.
    """

    name = "stride"
    quantum: Duration = Duration(1_000_000)
    stride1: int = 1 << 20
    initial_pass: str = "zero"

    def check(self) -> None:
        """Refuse a quantum or stride that is not above 0 and an unknown first pass."""
        above_zero("quantum", self.quantum)
        above_zero("stride1", self.stride1)
        one_of("initial_pass", self.initial_pass, ("zero", "stride"))

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return the pass: what was charged, after a first stride if passes begin there."""
        del queue
        first = self.stride1 // task.tickets * self.quantum if self.initial_pass == "stride" else 0
        return task.vtime + first

    def slice(self, task: Task, queue: Queue) -> Ns:
        """Return the quantum."""
        del task, queue
        return self.quantum

    def joined(self, task: Task, why: Why, queue: Queue) -> Place | None:
        """Start at the least pass, or not behind it after a wait."""
        if why is ARRIVED:
            if task.tickets > self.stride1:
                raise ValueError(f"it has {task.tickets} tickets, more than stride1; write a larger stride1")
            task.vtime = queue.least_vtime
        elif why is WOKE:
            task.vtime = max(task.vtime, queue.least_vtime)
        return None

    def ran(self, task: Task, ns: Ns, queue: Queue) -> None:
        """Move the pass on by the stride, in proportion to the CPU time used."""
        del queue
        task.vtime += self.stride1 // task.tickets * ns
