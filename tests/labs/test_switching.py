"""The lab ``switching``."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.labs.switching import CLOCK, IO, QUANTA, SWITCH, check, found, mix, rule, simulate, use

WITHOUT = [
    {f"quantum 1 ms: {CLOCK}": 9},
    {f"quantum 20 ms: {CLOCK}": 0},
    {f"quantum 5 ms: {IO}": 0},
    {SWITCH: 0},
    {use(1): 98.5},
    {use(20): 80},
]


def test_where_switching_is_free_it_costs_nothing():
    """And this is seen."""
    runs = {quantum: ss.run(mix(), "rr", quantum=quantum) for quantum in QUANTA}
    used = {quantum: run.system["utilization"] for quantum, run in runs.items()}
    assert ["switching takes no time", "a short quantum does not cost utilization"] == list(
        check(found(runs, 0, used).values)
    )


@pytest.mark.parametrize("quantum", QUANTA)
def test_the_formula_is_near(quantum):
    """The simulation comes within a per cent of q / (q + s)."""
    assert rule(None)[use(quantum)] == pytest.approx(simulate(None).values[use(quantum)], abs=1)
