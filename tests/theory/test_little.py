"""Little's law, L = lambda W (Little 1961), holds exactly for a run that ends empty, whatever the policy."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest

from schedsim.experiment import run
from schedsim.generate import generate
from schedsim.metrics import job_metrics
from schedsim.policies import NAMES
from schedsim.trace import Kind

ENTERS = {Kind.ARRIVED, Kind.HELD}
BECOMES_READY = {Kind.ARRIVED, Kind.WOKE, Kind.EXPIRED, Kind.PREEMPTED, Kind.YIELDED}
GAINS = {
    "lottery": {"tickets": "1-5"},
    "stride": {"tickets": "1-5"},
    "mlq": {"priorities": "1-2"},
    "priority": {"priorities": "1-3"},
    "priority-rr": {"priorities": "1-3"},
}
"""What a policy's mix has more, so that the policy has something to decide by."""

MIX = {"seed": 7, "load": 0.8, "cpus": 2, "io": "exponential:mean=20"}


def mean_number(trace, enters, leaves):
    """Return the mean number of jobs that entered and have not left, from 0 to the trace's end, with that end."""
    rows = list(trace)
    area = number = 0
    for row, following in pairwise(rows):
        number += (row.kind in enters) - (row.kind in leaves)
        area += number * (following.time - row.time)
    return Fraction(area, rows[-1].time), rows[-1].time


@pytest.fixture(scope="module", params=NAMES)
def drained(request):
    """A run of 200 jobs with I/O on two CPUs under each policy, to its end."""
    mix = generate(200, **MIX, **GAINS.get(request.param, {}))
    return run(mix, request.param, notes=False, **options(request.param))


def options(name):
    """Return options without which the policy cannot run."""
    queues = [{"priority": 1, "algo": "rr", "quantum": 2}, {"priority": 2, "algo": "fcfs"}]
    return {"queues": queues} if name == "mlq" else {}


def test_in_the_system(drained):
    """The mean number in the system is the arrival rate times the mean turnaround."""
    jobs = job_metrics(drained.trace)
    number, end = mean_number(drained.trace, ENTERS, {Kind.FINISHED})
    assert number == Fraction(len(jobs), end) * Fraction(sum(job.turnaround or 0 for job in jobs), len(jobs))


def test_in_the_ready_queue(drained):
    """The mean number of ready jobs is the arrival rate times the mean wait."""
    jobs = job_metrics(drained.trace)
    number, end = mean_number(drained.trace, BECOMES_READY, {Kind.DISPATCHED})
    assert number == Fraction(len(jobs), end) * Fraction(sum(job.waiting for job in jobs), len(jobs))


def test_not_in_a_run_that_is_cut_off():
    """The check can fail: jobs that are still there have no turnaround yet, and are in the number all the same."""
    cut = run(generate(200, **MIX), "rr", notes=False, until=500)
    jobs = [job for job in job_metrics(cut.trace) if job.finish is not None]
    number, end = mean_number(cut.trace, ENTERS, {Kind.FINISHED})
    assert 0 < len(jobs) < 200
    assert number > Fraction(sum(job.turnaround or 0 for job in jobs), end)
