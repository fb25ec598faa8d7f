"""What must change nothing: names, the order of a file, the unit of time, the order inside an engine, a later end."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schedsim.operations import Cpu, Io
from schedsim.policies import NAMES
from schedsim.scheduler.core import Scheduler
from schedsim.testing import strategies
from schedsim.trace import Kind
from schedsim.validate import validate
from tests.simulations import BlindMachine, simulated

# Lottery lays tickets end to end in the order of the mix, so there the order is part of the policy.
ORDER_FREE = [name for name in NAMES if name != "lottery"]

# Shares by weight are rounded down to whole nanoseconds, and a finer unit rounds less.
EXACT = [name for name in NAMES if name != "cfs"]


@settings(max_examples=150)
@given(strategies.runs(until=True))
def test_renaming_jobs_changes_only_names(run):
    """What jobs are called decides nothing: not even whose name comes first in the alphabet."""
    mix, policy = run
    renamed = [job._replace(id=name) for job, name in zip(mix.jobs, "zyxwvutsrq", strict=False)]
    trace, other = simulated(mix, policy), simulated(mix._replace(jobs=tuple(renamed)), policy)
    assert trace.columns() == other.columns()
    assert [job.id for job in other.header.jobs] == [job.id for job in renamed]


@pytest.mark.slow
@pytest.mark.parametrize("name", ORDER_FREE)
def test_the_order_of_jobs_that_arrive_apart_changes_nothing(name):
    """Jobs with different arrivals may stand in any order in the file."""

    @settings(max_examples=60)
    @given(st.data(), strategies.runs(name, until=True))
    def check(data, run):
        mix, policy = run
        assume(len({job.arrival for job in mix.jobs}) == len(mix.jobs))
        order = data.draw(st.permutations(range(len(mix.jobs))))
        other = simulated(mix._replace(jobs=tuple(mix.jobs[place] for place in order)), policy)
        named = [row._replace(task=order[row.task] if row.task >= 0 else -1) for row in other]
        assert list(simulated(mix, policy)) == named

    check()


def longer_policy(policy, factor):
    """Return the policy with all its lengths multiplied."""
    changed = {}
    for name, kind in policy.fields.items():
        value = getattr(policy, name)
        if name == "queues":
            value = tuple((priority, longer_policy(inner, factor)) for priority, inner in value)
        elif "tuple" in str(kind) and "Duration" in str(kind):
            value = tuple(length * factor for length in value)
        elif "Duration" in str(kind):
            value *= factor
        changed[name] = value
    return type(policy)(**changed)


def longer_step(step, factor):
    """Return the operation with its length multiplied."""
    if isinstance(step, Io):
        return Io(step.ns * factor, step.device)
    return Cpu(step.ns * factor) if isinstance(step, Cpu) else step


def longer_mix(mix, factor):
    """Return the mix with all times multiplied."""
    jobs = tuple(
        job._replace(
            arrival=job.arrival * factor,
            program=tuple(longer_step(step, factor) for step in job.program),
            estimate=None if job.estimate is None else job.estimate * factor,
            deadline=None if job.deadline is None else job.deadline * factor,
        )
        for job in mix.jobs
    )
    return mix._replace(
        jobs=jobs,
        switch_cost=mix.switch_cost * factor,
        grace=mix.grace * factor,
        until=None if mix.until is None else mix.until * factor,
    )


@settings(max_examples=200)
@given(strategies.runs(*EXACT, until=True), st.integers(2, 1000))
def test_scaling_all_times_scales_the_results(run, factor):
    """All times and all lengths of the policy multiplied: the same schedule, in a smaller unit."""
    mix, policy = run
    trace = simulated(mix, policy)
    scaled = simulated(longer_mix(mix, factor), longer_policy(policy, factor))
    expected = [
        row._replace(time=row.time * factor, value=row.value * factor if row.value > 0 else row.value)
        for row in trace
    ]
    assert expected == list(scaled)


@pytest.mark.slow
@settings(max_examples=300)
@given(strategies.runs(until=True, generators=True), st.randoms(use_true_random=False))
def test_the_order_in_which_an_engine_reports_changes_nothing(run, random):
    """What happened at one instant may be handed over in any order: the scheduler puts it into one."""

    class Shuffled(Scheduler):
        """A scheduler whose engine reports in a random order."""

        def deliver(self, now, batch):
            batch = list(batch)
            random.shuffle(batch)
            super().deliver(now, batch)

    mix, policy = run
    assert simulated(mix, policy) == simulated(mix, policy, BlindMachine, Shuffled)


@settings(max_examples=200)
@given(strategies.runs(), st.integers(1, 50))
def test_a_run_that_is_cut_off_is_the_beginning_of_the_whole_run(run, until):
    """Up to the end both are the same; then only those that run are stopped."""
    mix, policy = run
    whole = simulated(mix, policy)
    cut = list(simulated(mix._replace(until=until), policy))
    beginning = [row for row in whole if row.time < until]
    assert beginning == cut[: len(beginning)]
    rest = cut[len(beginning) :]
    assert all(row.kind is Kind.STOPPED and row.time == until for row in rest)


@settings(max_examples=100)
@given(strategies.runs(until=True))
def test_a_second_run_is_the_same(run):
    """Neither a policy object nor anything else remembers the first run."""
    trace = simulated(*run)
    validate(trace)
    assert trace == simulated(*run)
