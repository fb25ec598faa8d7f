"""The lab ``multiprogramming``."""

from __future__ import annotations

from typing import Any

import pytest

import schedsim as ss
from schedsim.labs.multiprogramming import CARDS, DEGREES, ERAS, MANY, SPOOL, UNIT, check, found, mix, rule

LAST = [*ERAS][-1]
WITHOUT = [
    {f"{SPOOL}: {UNIT}": 8.7},
    *({f"{era}: {UNIT}": 25} for era in MANY),
    {f"{LAST}: {UNIT}": 69},
]


def test_a_degree_that_nobody_heeds_is_seen():
    """With one program in memory throughout, more memory uses no more of the CPU."""
    runs = {era: ss.run(mix(era, None), "fcfs", degree=1) for era in ERAS}
    missing = list(check(found(runs).values))
    assert len(DEGREES) + 2 == len(missing)


@pytest.mark.parametrize("seed", range(20))
def test_one_program_is_as_the_rule_says(seed):
    """With one in memory 1 - p is exact; with more the rule says too little."""
    said: Any = rule(seed)
    runs = {era: ss.run(mix(era, seed), "fcfs", degree=degree) for era, degree in ERAS.items()}
    used: Any = found(runs).values
    for era in (CARDS, SPOOL):
        assert said[f"{era}: {UNIT}"] == pytest.approx(used[f"{era}: {UNIT}"])
    assert all(said[f"{era}: {UNIT}"] < used[f"{era}: {UNIT}"] for era in MANY)


def test_the_eras_compute_alike():
    """Their CPU bursts are the same, to the nanosecond."""
    assert len({tuple(job.cpu for job in mix(era, 5).jobs) for era in ERAS}) == 1
