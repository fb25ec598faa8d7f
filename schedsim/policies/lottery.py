"""Lottery scheduling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedsim.policies.base import Policy, Queue, Rank
from schedsim.policies.parameters import above_zero, hash64
from schedsim.times import Duration, Ns

if TYPE_CHECKING:
    from schedsim.scheduler.task import Task


class Lottery(Policy):
    """Lottery: each quantum is drawn among the tickets of the ready tasks.

    The tickets lie end to end in the order of the mix; the task that holds number ``draw`` modulo
    the tickets in play, counted from 0, wins. ``draws`` gives the numbers; without it they are a
    hash of ``seed`` and the number of the draw, so a run needs no state and can be repeated.

    Good for: sharing a CPU in proportion, simply, without starvation.
    Fails when: the share must be right over a short time.
    Source: Waldspurger, Weihl, Lottery scheduling, OSDI 1994; OSTEP, chapter 9.
    """

    name = "lottery"
    dynamic = True
    quantum: Duration = Duration(1_000_000)
    draws: tuple[int, ...] = ()
    seed: int = 0

    def check(self) -> None:
        """Refuse a quantum that is not above 0 and negative draws."""
        above_zero("quantum", self.quantum)
        if any(draw < 0 for draw in self.draws):
            raise ValueError(f"draws has {min(self.draws)}; a draw is 0 or more")

    def rank(self, task: Task, queue: Queue) -> Rank:
        """Return 0 for the winner, 1 for the others."""
        number = queue.dispatches
        if not self.draws:
            draw = hash64(self.seed, number)
        elif number < len(self.draws):
            draw = self.draws[number]
        else:
            raise ValueError(
                f"draws has {len(self.draws)} numbers and the run needs more; add some, or leave it out"
            )
        return 0 if queue.before <= draw % queue.tickets < queue.before + task.tickets else 1

    def slice(self, task: Task, queue: Queue) -> Ns:
        """Return the quantum."""
        del task, queue
        return self.quantum
