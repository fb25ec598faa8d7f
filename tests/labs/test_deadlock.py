"""The lab ``deadlock``."""

from __future__ import annotations

import schedsim as ss
from schedsim.deadlock import deadlock_of
from schedsim.labs.deadlock import HOLDS, OPPOSITE, SAME, STUCK, WAIT, check, draws, found, mix, simulate
from schedsim.labs.deadlock import Try as Attempt

WITHOUT = [
    {f"{OPPOSITE}: {STUCK}": 0},
    {f"{OPPOSITE}: {STUCK}": 20},
    {f"{SAME}: {STUCK}": 1},
    {f"{OPPOSITE}: who waits for whom then": "A -> A"},
    {f"{SAME}: {WAIT}": 200},
]


def test_it_gets_stuck_if_they_begin_less_apart_than_the_first_lock_is_held():
    """As the lab's reason says, try by try; at exactly that distance the first one is on time."""
    for seed in range(20):
        for starts in draws(seed):
            stuck = deadlock_of(ss.run(mix(starts, OPPOSITE), "fcfs", cpus=2).trace) is not None
            assert (abs(starts[0] - starts[1]) < HOLDS) == stuck, starts


def test_one_order_is_not_stuck_and_this_is_seen():
    """If both tries are made in the same order, the check misses the deadlock."""
    values = simulate(None).values
    tries = [Attempt((), 20.0)] * 20
    assert list(check(found({OPPOSITE: tries, SAME: tries}).values)) == [
        "in opposite order it never got stuck"
    ]
    assert list(check(values)) == []


def test_the_shipped_mix_gets_stuck_under_round_robin_alone():
    """As its notes say: with a quantum of 10, and neither with 30 nor under first come, first served."""
    deadlock = deadlock_of(ss.run("deadlock").trace)
    assert deadlock is not None
    assert {"A", "B"} == {wait.job for wait in deadlock.circle}
    for algo in ("fcfs", "rr:quantum=30"):
        assert deadlock_of(ss.run("deadlock", algo).trace) is None
