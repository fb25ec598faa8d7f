"""The dispatcher on a machine that is not there: late in every way, and nothing is ever lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedsim.engines.real.conductor import plain
from schedsim.engines.real.drivers import Bands, Signals
from schedsim.metrics import job_metrics
from schedsim.operations import Cpu
from schedsim.recording import Recording
from schedsim.testing import strategies
from schedsim.validate import validate
from tests.unit.virtual import run_virtually

LENGTH = 100_000
"""A unit of time in these runs, in nanoseconds; a look at the clock takes some hundred."""


def stretched(run):
    """Return the mix and the policy of ``run`` with every nanosecond made a unit."""
    from schedsim.scaling import scaled_mix, scaled_policy

    mix, policy = run
    return scaled_mix(mix._replace(switch_cost=0, charge_first_switch=False), LENGTH), scaled_policy(
        policy, LENGTH
    )


RUNS = strategies.runs(most_cpus=3, most_jobs=4, switch_cost=False, latest=12, longest=8).map(stretched)
PAUSES = st.lists(st.tuples(st.integers(0, 60 * LENGTH), st.integers(1, 20 * LENGTH)), max_size=6)
KILLS = st.lists(
    st.tuples(st.integers(0, 60 * LENGTH), st.integers(0, 3)), max_size=3, unique_by=lambda kill: kill[1]
)


def replays(mix, policy, machine):
    """Return whether a new scheduler that is told the same makes the same trace."""
    trace = machine.scheduler.trace
    recording = Recording(tuple(plain(machine.observations.deliveries)))
    return recording.replay(mix, policy, trace.header) == trace


@pytest.mark.slow
@settings(max_examples=60)
@given(RUNS, st.sampled_from((Bands, Signals)), st.integers(100, 900), st.sampled_from((0, LENGTH)))
def test_a_quick_dispatcher(run, driver, look, spin):
    """Every job ends, and has used all the CPU time of its program; the trace is a schedule, and replays."""
    mix, policy = run
    machine = run_virtually(mix, policy, driver=driver, look=look, spin=spin)
    trace = machine.scheduler.trace
    validate(trace)
    assert replays(mix, policy, machine)
    for job, result in zip(mix.jobs, job_metrics(trace), strict=True):
        bursts = [step.ns for step in job.program if isinstance(step, Cpu)]
        assert "terminated" == result.state
        assert abs(sum(bursts) - result.cpu) <= 12 * look * (len(trace) + 2)


@pytest.mark.slow
@settings(max_examples=100)
@given(
    RUNS,
    st.sampled_from((Bands, Signals)),
    PAUSES,
    KILLS,
    st.sampled_from((3, 300)),
    st.sampled_from((0, LENGTH)),
)
def test_a_dispatcher_that_is_kept_from_its_cpu(run, driver, pauses, kills, pipe, spin):
    """However late it hears of things, and whoever dies: every job ends or has failed, and nobody hangs."""
    mix, policy = run
    kills = [kill for kill in kills if kill[1] < len(mix.jobs)]
    machine = run_virtually(
        mix, policy, driver=driver, pauses=pauses, kills=kills, pipe=pipe, spin=spin, limit=10_000 * LENGTH
    )
    trace = machine.scheduler.trace
    validate(trace)
    assert replays(mix, policy, machine)
    killed = {index for _, index in kills}
    for index, result in enumerate(job_metrics(trace)):
        assert result.state in (("terminated", "failed") if index in killed else ("terminated",))
