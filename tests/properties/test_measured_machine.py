"""A simulated machine on which dispatches cost time: nothing is lost, and what costs nothing changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schedsim.engines.overheads import MeasuredMachine
from schedsim.engines.simulated import simulate
from schedsim.experiment import header_of
from schedsim.metrics import job_metrics, system_metrics
from schedsim.observed import Observed, Overheads, Stolen
from schedsim.operations import Cpu
from schedsim.scheduler.core import Scheduler
from schedsim.testing import RecordingMachine, assert_same_trace, strategies, together
from schedsim.trace import ENDS_SLICE, Kind, Row, Trace
from schedsim.validate import validate
from tests.differential.test_replay import replay
from tests.simulations import scheduler_for, simulated

WANTS_IT = (Kind.EXPIRED, Kind.PREEMPTED, Kind.YIELDED)
COSTS = st.builds(Overheads, *[st.integers(0, 3)] * len(Overheads._fields))
WINDOWS = st.lists(
    st.builds(
        lambda cpu, start, length: Stolen(cpu, start, start + length, stranger=False),
        st.integers(0, 1),
        st.integers(0, 30),
        st.integers(0, 6),
    ),
    max_size=4,
)
RUNS = strategies.runs(switch_cost=False, generators=True, most_cpus=2, until=True)
TOGETHER = together.runs_together(switch_cost=False, generators=True, most_cpus=2, until=True)


@st.composite
def observations(draw, mix):
    """Return what may have been observed of a run of ``mix``; no job is let go before it arrives."""
    places = st.integers(0, len(mix.jobs) - 1)
    late = draw(st.dictionaries(places, st.integers(0, 9)))
    sleeps = draw(st.dictionaries(st.tuples(places, st.integers(0, 2)), st.integers(0, 20)))
    return Observed(
        releases=tuple((index, mix.jobs[index].arrival + delay) for index, delay in late.items()),
        sleeps=tuple((*which, length) for which, length in sleeps.items()),
        stolen=tuple(window for window in draw(WINDOWS) if window.cpu < mix.cpus),
    )


def measured(mix, policy, overheads, observed=None):
    """Return the trace of ``mix`` under ``policy`` on such a machine."""
    return simulate(mix, policy, Trace(header_of(mix, policy, None)), overheads=overheads, observed=observed)


@pytest.mark.slow
@settings(max_examples=400)
@given(RUNS)
def test_what_costs_nothing_changes_nothing(run):
    """With all overheads 0 and nothing observed the rows are those of the plain simulation."""
    mix, policy = run
    trace = measured(mix, policy, Overheads(), Observed())
    assert simulated(mix, policy).columns() == trace.columns()


@pytest.mark.slow
@settings(max_examples=200)
@given(st.data(), RUNS, COSTS)
def test_nothing_is_lost(data, run, overheads):
    """Every job ends with all its CPU time, and time is busy, lost or idle."""
    mix, policy = run
    # Or the task that is dispatched is preempted before it has computed, again and again.
    assume(not 0 < getattr(policy, "ageing", 0) <= max(overheads) + 6)
    observed = data.draw(observations(mix))
    trace = measured(mix, policy, overheads, observed)
    validate(trace)
    for job, result in zip(mix.jobs, job_metrics(trace), strict=True):
        steps = job.program if isinstance(job.program, tuple) else tuple(job.program())
        asked = sum(step.ns for step in steps if isinstance(step, Cpu))
        assert (result.cpu <= asked) if mix.until else (("terminated", asked) == (result.state, result.cpu))
    system = system_metrics(trace)
    lost, idle = lost_and_idle(trace, system.makespan)
    assert system.makespan * mix.cpus == system.busy + lost + idle
    assert 0 <= lost
    assert 0 <= idle


@pytest.mark.slow
@settings(max_examples=300)
@given(st.data(), TOGETHER, st.just(Overheads()) | COSTS)
def test_jobs_that_work_together_may_be_disturbed_like_others(data, run, overheads):
    """Whatever a CPU was away for, and whenever: it is a schedule."""
    mix, policy = run
    assume(not 0 < getattr(policy, "ageing", 0) <= max(overheads) + 6)
    validate(measured(mix, policy, overheads, data.draw(observations(mix))))


def lost_and_idle(trace, makespan):
    """Return how long CPUs had a task that did not compute, and how long they had none."""
    lost, left = 0, [0] * trace.header.cpus
    idle, since = 0, list(left)
    for row in trace:
        if row.cpu < 0:
            continue
        if row.kind is Kind.DISPATCHED:
            idle += row.time - left[row.cpu]
            since[row.cpu] = left[row.cpu] = row.time
        elif row.kind in ENDS_SLICE:
            lost += row.time - since[row.cpu] - row.value
            left[row.cpu] = row.time
    return lost, idle + sum(makespan - time for time in left)


@pytest.mark.slow
@settings(max_examples=200)
@given(st.data(), RUNS, COSTS)
def test_every_dispatch_costs_what_it_must(data, run, overheads):
    """Told from the rows alone: between a dispatch and the end of its slice is lost what it costs, and what was stolen."""
    mix, policy = run
    assume(not 0 < getattr(policy, "ageing", 0) <= max(overheads) + 6)
    observed = data.draw(observations(mix))
    trace = measured(mix, policy, overheads, observed)
    came: dict[int, Row] = {}
    left: dict[int, Row] = {}
    """How each task became ready last, and which row left each CPU last."""
    open_: dict[int, tuple[Row, int]] = {}
    """The last dispatch on each CPU, and what it still has to pay."""
    for row in trace:
        if row.kind is Kind.WOKE or (row.kind is Kind.ARRIVED and row.cpu < 0):
            came[row.task] = row
        if row.cpu < 0:
            continue
        if row.kind is Kind.DISPATCHED:
            open_[row.cpu] = (
                row,
                cost(row, came.get(row.task), left.get(row.cpu), open_.get(row.cpu), overheads),
            )
        elif row.kind in ENDS_SLICE:
            dispatched, owed = open_[row.cpu]
            stolen = stolen_between(observed.stolen, row.cpu, dispatched.time, row.time)
            lost = row.time - dispatched.time - row.value - stolen
            if row.value:
                assert owed == lost
            assert 0 <= lost <= owed
            left[row.cpu] = row
            open_[row.cpu] = (dispatched, owed - lost)


def cost(row, came, left, before, overheads):
    """Return what the dispatch costs; ``before`` is the last one on that CPU, and what it still owed."""
    if left is not None and left.time == row.time:
        if left.kind is Kind.RENEWED or (left.kind in WANTS_IT and left.task == row.task):
            return before[1]
        return overheads.preemption if left.kind in WANTS_IT else overheads.completion
    woke = came is not None and came.kind is Kind.WOKE and came.time == row.time
    return overheads.wake if woke else overheads.arrival


def stolen_between(windows, cpu, start, end):
    """Return for how long the CPU was stolen between two instants, counting instant by instant."""
    return sum(
        any(window.cpu == cpu and window.start <= instant < window.end for window in windows)
        for instant in range(start, end)
    )


@pytest.mark.slow
@settings(max_examples=100)
@given(st.data(), RUNS, COSTS)
def test_what_it_tells_gives_the_same_decisions(data, run, overheads):
    """A recording of what the machine said, measured times included, fed to a new scheduler."""
    mix, policy = run
    assume(not 0 < getattr(policy, "ageing", 0) <= max(overheads) + 6)
    deliveries = []

    class Recorded(Scheduler):
        """A scheduler that writes down what it is told."""

        def deliver(self, now, batch):
            deliveries.append((now, tuple(batch)))
            super().deliver(now, batch)

    machine = MeasuredMachine(mix.jobs, mix.until, mix.cpus, overheads, data.draw(observations(mix)))
    scheduler = scheduler_for(mix, policy, machine, Recorded)
    machine.run(scheduler)
    again = replay(mix, policy, deliveries, RecordingMachine(measures=True))
    assert_same_trace(scheduler.trace, again)
