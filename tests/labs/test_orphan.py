"""The lab ``orphan``."""

from __future__ import annotations

import schedsim as ss
from schedsim.labs.orphan import ENDED, FIRST, LIVES, MAKER, REAPED, REAPER, THEN, check, found
from schedsim.operations import Join

WITHOUT = [
    {FIRST: "init"},
    {THEN: MAKER},
    {LIVES: "gone"},
    {ENDED: "gone"},
    {REAPER: MAKER},
    {REAPED: "zombie"},
]


def test_a_child_that_is_joined_is_no_orphan():
    """Its parent keeps it, and reaps it."""
    mix = ss.load("orphan")
    parent = mix.jobs[0]
    joins = parent._replace(program=(*parent.operations, Join("child")))
    values = found(mix._replace(jobs=(joins, *mix.jobs[1:]))).values
    assert (MAKER, MAKER) == (values[THEN], values[REAPER])
    assert ["the child was not adopted"] == [*check(values)]
