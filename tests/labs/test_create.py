"""The lab ``create``."""

from __future__ import annotations

import schedsim as ss
from schedsim.labs import create
from schedsim.labs.create import BEGINS, FILE, IS_GIVEN, SEES, WAYS, check, simulate

FORKED, _, SPAWNED, _ = WAYS
WITHOUT = [
    {f"{FORKED}: {SEES}": 0},
    {f"{SPAWNED}: {SEES}": 7},
    {f"{SPAWNED}: {IS_GIVEN}": 0},
    {f"{SPAWNED}: {BEGINS}": 1},
    {f"{FORKED}: {BEGINS}": 60},
]


def test_without_the_cost_of_starting_there_is_no_difference_in_time(monkeypatch):
    """And it is noticed that there is none."""
    monkeypatch.setattr(create, "STARTING", create.COPYING)
    assert ["spawning does not take longer than forking"] == [*check(simulate(None).values)]


def test_a_file_that_is_open_in_the_wrong_child_is_noticed():
    """Or not open in the right one."""
    values = {**simulate(None).values, f"{FORKED}: {FILE}": "no", f"{SPAWNED}: {FILE}": "yes"}
    assert [
        f"{FORKED}: the parent's file is not open in the child",
        f"{SPAWNED}: the parent's file is open in the child",
    ] == [*check(values)]


def test_the_mix_is_about_its_cost():
    """create: 321 ms on one CPU, 81 on four, which is what the parent would need alone."""
    assert [321, 161, 81] == [ss.run("create", cpus=cpus).system["makespan"] for cpus in (1, 2, 4)]
