"""Committing slices ahead gives the very trace that going through every event gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from schedsim.generate import generate
from schedsim.policies import NAMES
from schedsim.policies.options import make_policy
from schedsim.testing import assert_same_trace, strategies
from schedsim.trace import GATHER
from schedsim.validate import validate
from tests.simulations import BlindMachine, simulated

# What the fast way is made for: one CPU, no switch cost, nobody held; there it has most to go wrong.
FAST = {"most_cpus": 1, "switch_cost": False, "degree": False}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_looking_ahead_changes_nothing(name):
    """With every policy, on any mix, the trace is the same row by row."""

    @settings(max_examples=150)
    @given(strategies.runs(name, until=True, generators=True))
    def check(run):
        mix, policy = run
        assert_same_trace(simulated(mix, policy, BlindMachine), simulated(mix, policy))

    check()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_fast_way_changes_nothing(name):
    """The same where whole runs of slices are committed at once, with I/O and yields in between."""

    @settings(max_examples=150)
    @given(strategies.runs(name, until=True, most_jobs=8, latest=40, **FAST))
    def check(run):
        mix, policy = run
        assert_same_trace(simulated(mix, policy, BlindMachine), simulated(mix, policy))

    check()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_fast_way_changes_nothing_for_bursts_alone(name):
    """The same for one burst a job, so that nothing ever leaves the fast way but ties."""

    @settings(max_examples=100)
    @given(strategies.runs(name, most_jobs=8, latest=40, io=False, yields=False, most=1, **FAST))
    def check(run):
        mix, policy = run
        assert_same_trace(simulated(mix, policy, BlindMachine), simulated(mix, policy))

    check()


# More slices than a trace gathers before it moves them into its columns, and more events than a drawn mix has.
LONG = generate(
    600, seed=3, load=0.9, bursts_per_job="1-3", io="exponential:mean=8", priorities="0-3", tickets="1-5"
)
LONG = LONG._replace(
    jobs=tuple(
        job._replace(nice=place % 7 - 3, deadline=job.cpu * (3 + place % 5) if place % 3 else None)
        for place, job in enumerate(LONG.jobs)
    )
)
LONG_OPTIONS = {"rr": {"quantum": 1}, "mlfq": {"boost": 150}, "priority": {"preemptive": True}}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_looking_ahead_changes_nothing_in_a_long_run(name):
    """The same over thousands of slices, and both are schedules."""
    policy = make_policy(name, LONG_OPTIONS.get(name, {}), LONG.unit)
    trace = simulated(LONG, policy)
    assert_same_trace(simulated(LONG, policy, BlindMachine), trace)
    validate(trace)
    assert len(trace) > (GATHER // 5 if name == "rr" else len(LONG.jobs))
