"""Policies that are right in an unusual way, and wrong ones, each wrong in one way."""

# ruff: noqa: D101, D102, ARG002
# A wrong policy needs no docstring, and its hooks must have the arguments that hooks have.

from __future__ import annotations

import itertools
import random
import time
from typing import ClassVar

import numpy

from schedsim.policies.base import Policy
from schedsim.states import RUNNING
from schedsim.times import Duration


class Minimal(Policy):
    """A docstring and nothing else."""


class Maximal(Policy):
    """Every hook, each of which does what it would have done without."""

    boost = Duration(5)

    def rank(self, task, queue):
        """Return the default."""
        return super().rank(task, queue)

    def slice(self, task, queue):
        """Return the default."""
        return super().slice(task, queue)

    def joined(self, task, why, queue):
        """Return the default."""
        return super().joined(task, why, queue)

    def ran(self, task, ns, queue):
        """Do nothing."""
        super().ran(task, ns, queue)

    def boosted(self, task, queue):
        """Do nothing."""
        super().boosted(task, queue)


class Documented(Policy):
    """The last comes first.

    Good for: an example.
    Fails when: many come.
    Source: none.
    """

    def rank(self, task, queue):
        """Return the later arrival first."""
        return -task.arrival


class Starving(Policy):
    """The first job alone runs on as long as it likes: that others starve is no mistake."""

    preemptive = True

    def rank(self, task, queue):
        """Put the first of the mix first."""
        return task.index


class NeedsLength(Policy):
    """A parameter without a default."""

    quantum: Duration


# Refused when made.


class Misspelt(Policy):
    def slise(self, task, queue):
        return 1


class TooFew(Policy):
    def rank(self, task):
        return 0


class NoMethod(Policy):
    rank = 3


# Wrong slices.


class SliceZero(Policy):
    def slice(self, task, queue):
        return 0


class SliceNegative(Policy):
    def slice(self, task, queue):
        return -4


class SliceFloat(Policy):
    def slice(self, task, queue):
        return 4.0


class SliceBool(Policy):
    def slice(self, task, queue):
        return True


class SliceNone(Policy):
    def slice(self, task, queue):
        pass


class SliceNumpy(Policy):
    def slice(self, task, queue):
        return numpy.int64(4)


# Wrong ranks.


class RankFloat(Policy):
    def rank(self, task, queue):
        return 0.5


class RankNone(Policy):
    def rank(self, task, queue):
        pass


class RankList(Policy):
    def rank(self, task, queue):
        return [1, 2]


class RankTupleOfFloats(Policy):
    def rank(self, task, queue):
        return (1, 0.5)


class RankNumpy(Policy):
    def rank(self, task, queue):
        return numpy.int64(1)


class RankMixed(Policy):
    def rank(self, task, queue):
        return task.index if task.index % 2 else (task.index, 0)


class RankMixedDynamic(RankMixed):
    dynamic = True


class RankMixedPreemptive(Policy):
    preemptive = True

    def rank(self, task, queue):
        return (0, 0) if task.state is RUNNING else 0


class RankMoves(Policy):
    def rank(self, task, queue):
        return queue.now


# Wrong answers of the others, and hooks that raise.


class JoinedWord(Policy):
    def joined(self, task, why, queue):
        return "head"


class Raises(Policy):
    def rank(self, task, queue):
        return 1 // task.vtime


class MisspeltField(Policy):
    def ran(self, task, ns, queue):
        task.vtme += ns


class BoostRaises(Policy):
    boost = Duration(1)

    def boosted(self, task, queue):
        raise RuntimeError("no boost today")


# Wrong writes.


class WritesLeft(Policy):
    def ran(self, task, ns, queue):
        task.left = 1


class WritesQueue(Policy):
    def joined(self, task, why, queue):
        queue.now = 5


class WritesFloat(Policy):
    def ran(self, task, ns, queue):
        task.vtime = ns / 2


class WritesTask(Policy):
    def joined(self, task, why, queue):
        task.level = task


class WritesItself(Policy):
    def joined(self, task, why, queue):
        self.last = 1


# State of one's own.


class StateInItself(Policy):
    def joined(self, task, why, queue):
        object.__setattr__(self, "joins", getattr(self, "joins", 0) + 1)


class StateInClass(Policy):
    joins: ClassVar[int] = 0

    def joined(self, task, why, queue):
        type(self).joins += 1


class StateInClassList(Policy):
    seen: ClassVar[list[str]] = []

    def joined(self, task, why, queue):
        self.seen.append(task.id)


JOINS = {}


class StateInModule(Policy):
    def joined(self, task, why, queue):
        JOINS[task.id] = JOINS.get(task.id, 0) + 1


class StateInDefault(Policy):
    def _remember(self, task, seen=[]):  # noqa: B006  # the mistake that is to be found
        seen.append(task.id)

    def joined(self, task, why, queue):
        self._remember(task)


class StateInCounter(Policy):
    _numbers = itertools.count()

    def rank(self, task, queue):
        if task.vtime == 0:
            task.vtime = next(self._numbers) + 1
        return -task.vtime


class RemembersTask(Policy):
    _tasks: ClassVar[list[object]] = []

    def joined(self, task, why, queue):
        self._tasks.append(task)


class StateHidden(Policy):
    _numbers = (number for number in range(1, 1_000_000))

    def slice(self, task, queue):
        return next(self._numbers)


# Not the same twice.


class Random(Policy):
    def slice(self, task, queue):
        return random.randrange(1_000_000, 10_000_000)


class Clock(Policy):
    def slice(self, task, queue):
        return time.perf_counter_ns()


# Clairvoyance that is not declared.


class ReadsLeft(Policy):
    def rank(self, task, queue):
        return task.left


class ReadsBurstLength(Policy):
    def slice(self, task, queue):
        return task.burst_length or 1


class ReadsCpuLeft(Policy):
    def rank(self, task, queue):
        return task.cpu_left


class ReadsBurst(Policy):
    def rank(self, task, queue):
        return task.burst


class ReadsRemaining(Policy):
    def joined(self, task, why, queue):
        task.vtime = task.remaining


class ReadsJob(Policy):
    def joined(self, task, why, queue):
        task.vtime = task.job.cpu


class ReadsEstimate(Policy):
    """Right: the estimate is what a real scheduler can know."""

    def rank(self, task, queue):
        """Return the estimate, or a middling guess."""
        return 4 if task.estimate is None else task.burst


# Wrong words about itself.


class PreemptiveWord(Policy):
    preemptive = "yes"


class BoostFraction(Policy):
    boost = 0.5


class RoundTheClock(Policy):
    """Right: slices so short that longer mixes would never end."""

    def slice(self, task, queue):
        """Return the shortest there is."""
        return 1
