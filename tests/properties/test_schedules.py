"""What every schedule keeps, for random mixes under every policy, by direct count and by ``validate``."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings

from schedsim.operations import Cpu, Io
from schedsim.policies import NAMES
from schedsim.results import Run
from schedsim.testing import strategies
from schedsim.trace import slices
from schedsim.validate import validate
from tests.simulations import simulated


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_run_is_a_schedule(name):
    """No rule that ``validate`` holds is broken: legal moves, nobody idle in vain, all at its time, ..."""

    @settings(max_examples=150)
    @given(strategies.runs(name, until=True))
    def check(run):
        validate(simulated(*run))

    check()


@settings(max_examples=150)
@given(strategies.runs(until=True, generators=True))
def test_every_run_of_generators_is_a_schedule(run):
    """The same where nobody knows what a program will do next."""
    validate(simulated(*run))


@settings(max_examples=150)
@given(strategies.runs())
def test_cpu_and_io_time_are_conserved(run):
    """A finished job has used the CPU and been served exactly as long as its program says, in slices and metrics."""
    mix, policy = run
    trace = simulated(mix, policy)
    pieces = slices(trace)
    asked = [
        (
            sum(step.ns for step in job.program if isinstance(step, Cpu)),
            sum(step.ns for step in job.program if isinstance(step, Io)),
        )
        for job in mix.jobs
    ]
    results = Run(trace).jobs
    assert asked == [(job.cpu, job.io) for job in results]
    assert [cpu for cpu, _ in asked] == [
        sum(piece.end - piece.start for piece in pieces if piece.job == job.id) for job in mix.jobs
    ]
    assert {"terminated"} == {job.state for job in results}


@settings(max_examples=150)
@given(strategies.runs(until=True))
def test_nothing_overlaps(run):
    """A CPU runs one job at a time, and a job runs on one CPU at a time."""
    trace = simulated(*run)
    for key in ("cpu", "job"):
        last: dict[object, int] = {}
        for piece in slices(trace):
            assert last.get(getattr(piece, key), 0) <= piece.start < piece.end
            last[getattr(piece, key)] = piece.end


@settings(max_examples=150)
@given(strategies.runs(switch_cost=False, degree=False, io=False, yields=False))
def test_no_cpu_idles_while_a_job_waits(run):
    """Between two instants as many CPUs are busy as there are unfinished jobs, or all of them."""
    mix, policy = run
    trace = simulated(mix, policy)
    pieces = slices(trace)
    jobs: Any = Run(trace).jobs
    instants = sorted({time for piece in pieces for time in (piece.start, piece.end)} | {0})
    for begin, end in pairwise(instants):
        busy = sum(piece.start <= begin and end <= piece.end for piece in pieces)
        there = sum(job.arrival <= begin and end <= job.finish for job in jobs)
        arriving = {job.arrival for job in mix.jobs if begin < job.arrival < end}
        assert arriving or min(there, mix.cpus) == busy


@settings(max_examples=150)
@given(strategies.runs())
def test_metrics_add_up(run):
    """Turnaround is waiting, running, switching and waiting for I/O; busy, idle and switching fill the makespan."""
    mix, policy = run
    result = Run(simulated(mix, policy))
    system: Any = result.system
    jobs: Any = result.jobs
    assert mix.cpus * system["makespan"] == system["busy"] + system["idle"] + system["switching"]
    assert system["idle"] >= 0
    for job in jobs:
        assert job.finish - job.arrival == job.turnaround
        assert job.start is None or 0 <= job.response == job.start - job.arrival
        assert job.turnaround >= job.waiting + job.cpu + job.io
        if (
            not mix.switch_cost
            and mix.degree is None
            and not any(isinstance(step, Io) and step.device for other in mix.jobs for step in other.program)
        ):
            assert job.turnaround == job.waiting + job.cpu + job.io
