"""The lab ``parallel-concurrent``."""

from __future__ import annotations

import schedsim as ss
from schedsim.labs.parallel_concurrent import ALGO, COMPUTED, ELAPSED, check, found, mix

WITHOUT = [
    {"speedup": 1},
    {f"2 CPUs: {COMPUTED}": 250},
    {f"1 CPU: {ELAPSED}": 250},
    {f"2 CPUs: {ELAPSED}": 500},
]


def test_where_nothing_runs_at_the_same_time_nothing_is_halved():
    """One CPU taken for two is found out."""
    one = ss.run(mix(), ALGO)
    assert ["two CPUs do not halve the elapsed time", "two CPUs do not compute at the same time"] == list(
        check(found({1: one, 2: one}).values)
    )


def test_what_cannot_be_cut_in_two_gains_nothing():
    """Neither does one long job."""
    whole = ss.Mix((ss.Job("A", 0, (ss.Cpu(ss.ms(500)),)),))
    runs = {cpus: ss.run(whole, ALGO, cpus=cpus) for cpus in (1, 2)}
    assert "two CPUs do not halve the elapsed time" in list(check(found(runs).values))
