"""The multilevel feedback queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import HEAD, PREEMPTED, WOKE, Place, Policy, Queue, Rank, Why
from schedsim.policies.parameters import above_zero, not_below_zero, per_level
from schedsim.states import BLOCKED
from schedsim.times import Duration, Ns

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class MultilevelFeedbackQueue(Policy):
    """Multilevel feedback queue: who uses its slices up moves down a level; a boost lifts all again.

    Level 0 is the best. A task starts there, gets slices of ``quanta[level]``, and moves a level
    down when it has used up ``allotments[level]`` of them (0: never). What I/O leaves of a slice
    is kept, or renewed with the allotment under ``io_resets_allotment``. With ``io_bump`` a task
    comes back from I/O at the head of its level. ``levels`` repeats single entries.

    Good for: short and interactive jobs first, without knowing bursts.
    Fails when: a job games it (I/O just before the quantum ends, with ``io_resets_allotment``), or
        long jobs starve (no boost).
    Source: OSTEP, chapter 8; Silberschatz, Galvin, Gagne, 10th ed., 5.3.6; Corbato 1962.
    """

    name = "mlfq"
    preemptive = True
    levels: int = 0
    quanta: tuple[Duration, ...] = (Duration(2_000_000), Duration(4_000_000), Duration(8_000_000))
    allotments: tuple[int, ...] = (1,)
    boost: Duration = Duration(0)
    io_resets_allotment: bool = False
    io_bump: bool = False

    def check(self) -> None:
        """Refuse quanta that are not above 0 and lists that do not fit ``levels``."""
        levels = per_level("quanta", self.quanta, self.levels or len(self.quanta))
        per_level("allotments", self.allotments, levels)
        for quantum in self.quanta:
            above_zero("quanta", quantum)
        not_below_zero("boost", self.boost)
        object.__setattr__(self, "levels", levels)
        for name in ("quanta", "allotments"):
            value = getattr(self, name)
            object.__setattr__(self, name, value * levels if len(value) == 1 else value)

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return the level."""
        del queue
        return task.level

    def slice(self, task: Task, queue: Queue) -> Ns:
        """Return what is left of the slice of its level."""
        del queue
        return self.quanta[task.level] - task.used

    def ran(self, task: Task, ns: Ns, queue: Queue) -> None:
        """Count CPU time; a slice used up costs allotment, and the last one a level."""
        used = task.used + ns
        if task.state is BLOCKED:
            full = used >= self.quanta[task.level]
            if self.io_resets_allotment:
                used = task.spent = 0
            if full:
                used = 0
                if queue.exact_end_uses_up:
                    self._use_up(task)
        elif used >= self.quanta[task.level]:
            used = 0
            self._use_up(task)
        task.used = used

    def _use_up(self, task: Task) -> None:
        """Count a slice that was used up; the last one of the allotment costs a level."""
        task.spent += 1
        if 0 < self.allotments[task.level] <= task.spent:
            task.spent = 0
            if task.level < self.levels - 1:
                task.level += 1

    def joined(self, task: Task, why: Why, queue: Queue) -> Place | None:
        """Begin a preempted slice anew, unless it is kept; come back from I/O at the head if bumped."""
        if why is PREEMPTED and not queue.preempted_keeps_slice:
            task.used = 0
        return HEAD if self.io_bump and why is WOKE else None

    def boosted(self, task: Task, queue: Queue) -> None:
        """Lift the task to level 0 with a full slice and a full allotment."""
        del queue
        task.level = task.used = task.spent = 0
