"""The lab ``join``."""

from __future__ import annotations

import schedsim as ss
from schedsim.labs.join import (
    ALIVE,
    ANSWER,
    DONE,
    GOES_ON,
    IN_TURN,
    JOINED,
    NEVER,
    TOGETHER,
    check,
    found,
    mix,
    programs,
)
from schedsim.operations import Cpu, Spawn
from schedsim.times import ms

WITHOUT = [
    {f"{NEVER}: {ALIVE}": "no"},
    {f"{JOINED}: {ALIVE}": "yes"},
    {f"{NEVER}: {GOES_ON}": 60},
    {f"{JOINED}: {GOES_ON}": 0},
    {ANSWER: 0},
    {f"{IN_TURN}: {DONE}": 62},
    {f"{TOGETHER}: {DONE}": 180},
]


def test_without_a_join_nobody_waits():
    """A parent that leaves it out goes on while its child lives, and is told nothing."""
    missing = list(check(found({**programs(), JOINED: mix(Spawn("child"))}).values))
    assert [
        "the parent that joins goes on while its child lives",
        "a join does not take as long as the child lives",
        "the join tells None, and not the exit code 3",
    ] == missing


def test_children_that_compute_gain_nothing_on_one_cpu():
    """They are as long together as in turn."""
    computes = {
        way: each._replace(
            jobs=tuple(job._replace(program=(Cpu(ms(60)),)) if job.spawned else job for job in each.jobs)
        )
        for way, each in programs().items()
    }
    values = found(computes).values
    assert values[f"{IN_TURN}: {DONE}"] == values[f"{TOGETHER}: {DONE}"] == 180
    assert "children that are started together take as long as in turn" in list(check(values))


def test_the_mix_takes_as_long_as_there_are_few_cpus():
    """join: three children that compute for 30 ms, on one CPU, two and three."""
    assert [93, 62, 33] == [ss.run("join", cpus=cpus).system["makespan"] for cpus in (1, 2, 3)]
