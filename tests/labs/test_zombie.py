"""The lab ``zombie``."""

from __future__ import annotations

import schedsim as ss
from schedsim.labs.zombie import ALIVE, ANSWER, ENDED, JOINED, KILLED, MEMORY, check, found
from schedsim.operations import Join

WITHOUT = [
    {ALIVE: "zombie"},
    {ENDED: "gone"},
    {KILLED: "gone"},
    {ANSWER: -9},
    {JOINED: "zombie"},
]


def test_a_parent_that_joins_at_once_has_no_zombie():
    """The child is gone as soon as it has ended, and this is seen."""
    mix = ss.load("zombie")
    parent = mix.jobs[0]
    steps = [step for step in parent.operations if not isinstance(step, Join)]
    steps.insert(2, Join("child"))
    values = found(mix._replace(jobs=(parent._replace(program=tuple(steps)), *mix.jobs[1:]))).values
    assert [
        "the child that had ended was gone, and no zombie",
        "a signal changed the zombie: it was gone",
    ] == [*check(values)]


def test_a_parent_that_never_joins_keeps_its_zombie():
    """For as long as it lives; and nobody is told the exit code."""
    mix = ss.load("zombie")
    parent = mix.jobs[0]
    steps = tuple(step for step in parent.operations if not isinstance(step, Join))
    values = found(mix._replace(jobs=(parent._replace(program=steps), *mix.jobs[1:]))).values
    assert [
        "the join told None, and not the exit code 3",
        "after the join the child was zombie",
    ] == [*check(values)]


def test_a_zombie_with_memory_is_refused():
    """As measured by the real part."""
    values = {ALIVE: "blocked", ENDED: "zombie", KILLED: "zombie", ANSWER: 3, JOINED: "gone", MEMORY: 12}
    assert ["the zombie had 12 kB of memory"] == [*check(values)]
