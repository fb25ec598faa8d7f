"""A policy under which nobody ever runs ends with a word, and does not hang."""

from __future__ import annotations

import pytest

from schedsim.errors import PolicyError, ProgramError
from schedsim.experiment import run
from schedsim.mixfile import parse_jobs
from schedsim.policies.base import Policy
from schedsim.times import ms

PROGRESS = (
    r"^nobody makes progress: 10,001 dispatches in a row, the last of job '[AB]' at \d+ ms, were preempted during "
    "the context switch; make the switch cost shorter than the time after which ranks change$"
)


def test_preempted_during_every_switch():
    """Ageing as short as the switch: each waits long enough to preempt the other's switch, for ever."""
    mix = parse_jobs("A 0 3, B 0 1", unit="ms")
    with pytest.raises(ProgramError, match=PROGRESS):
        run(mix, "priority", preemptive=True, ageing=2, switch_cost=2, notes=False)


def test_ageing_longer_than_the_switch_makes_progress():
    """The same mix ends when the ageing is longer than the switch."""
    mix = parse_jobs("A 0 3, B 0 1", unit="ms")
    assert run(mix, "priority", preemptive=True, ageing=4, switch_cost=2, notes=False).finished


class ChangesForm(Policy):
    """Ranks are ints before a boost and tuples after it, for every other task."""

    boost = ms(2)

    def rank(self, task, queue):
        """Return one form or the other."""
        del queue
        return (0, 0) if task.level and task.index % 2 else 0

    def boosted(self, task, queue):
        """Make ranks change their form."""
        del queue
        task.level = 1


def test_ranks_that_change_their_form_at_a_boost():
    """Ranks that cannot be compared are named also when a boost asks them again."""
    mix = parse_jobs("A 0 9, B 0 1, C 0 1, D 0 1", unit="ms")
    with pytest.raises(PolicyError, match=r"ChangesForm\.rank at 2 ms .*cannot be compared"):
        run(mix, ChangesForm(), notes=False)
