"""What single policies promise: an order, a bound, or the least of all means (by brute force)."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu
from schedsim.policies import NAMES
from schedsim.policies.options import make_policy
from schedsim.policies.parameters import NICE_WEIGHTS
from schedsim.results import Run
from schedsim.testing import strategies
from schedsim.trace import Kind, slices
from tests.simulations import simulated


def mix_of(jobs):
    """Return a mix of one burst for each pair of arrival and length."""
    return Mix(
        tuple(Job("ABCDEFGH"[place], arrival, (Cpu(ns),)) for place, (arrival, ns) in enumerate(jobs)),
        unit="ns",
    )


def total(mix, algo, metric, **options):
    """Return the sum of a metric over the jobs."""
    trace = simulated(mix, make_policy(algo, options, "ns"))
    return sum(getattr(job, metric) for job in Run(trace).jobs)


@given(strategies.mixes(io=False, yields=False, until=False))
def test_fcfs_starts_in_order_of_arrival(mix):
    """Whoever came first, and at one instant whoever stands first in the mix, is dispatched first."""
    trace = simulated(mix, make_policy("fcfs"))
    order = sorted(range(len(mix.jobs)), key=lambda place: (mix.jobs[place].arrival, place))
    # Not who computes first: of two CPUs the one that never ran anybody pays no context switch.
    assert order == [row.task for row in trace if row.kind is Kind.DISPATCHED]


@given(st.lists(st.integers(1, 20), min_size=1, max_size=6))
def test_sjf_waits_least_of_all_orders(bursts):
    """All there at the start, no order that runs each job to its end has a lower mean waiting."""
    mix = mix_of([(0, burst) for burst in bursts])
    assert least_waiting(bursts) == total(mix, "sjf", "waiting")


@pytest.mark.parametrize("bursts", [(7, 3, 9, 3, 1, 20, 4), (1, 2, 3, 4, 5, 6, 7), (5, 5, 5, 2, 2, 8, 8)])
def test_sjf_waits_least_of_the_orders_of_seven(bursts):
    """The same for seven jobs, and fcfs does not reach it unless they stand in that order."""
    mix = mix_of([(0, burst) for burst in bursts])
    least = least_waiting(bursts)
    assert least == total(mix, "sjf", "waiting")
    assert (least == total(mix, "fcfs", "waiting")) == (list(bursts) == sorted(bursts))


def least_waiting(bursts):
    """Return the least sum of waiting over all orders."""
    return min(
        sum(burst * (len(order) - 1 - place) for place, burst in enumerate(order))
        for order in set(permutations(bursts))
    )


def least_turnaround(jobs):
    """Return the least sum of turnarounds of all schedules on one CPU, preempting at whole instants."""
    arrivals = [arrival for arrival, _ in jobs]

    @cache
    def least(now, left):
        """Return the least sum of finish times from here on."""
        ready = [place for place, rest in enumerate(left) if rest and arrivals[place] <= now]
        if not any(left):
            return 0
        if not ready:
            return least(now + 1, left)
        best = None
        for place in ready:
            after = (*left[:place], left[place] - 1, *left[place + 1 :])
            cost = least(now + 1, after) + (now + 1 if not after[place] else 0)
            best = cost if best is None else min(best, cost)
        return best

    return least(0, tuple(burst for _, burst in jobs)) - sum(arrivals)


SMALL_JOBS = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4)), min_size=1, max_size=4)


@settings(max_examples=60)
@given(SMALL_JOBS)
def test_srtf_turns_around_least_of_all_schedules(jobs):
    """No schedule of one CPU, preemptive or not, has a lower mean turnaround."""
    assert least_turnaround(jobs) == total(mix_of(jobs), "srtf", "turnaround")


@given(
    strategies.mixes(io=False, yields=False, most_cpus=1, switch_cost=False, degree=False, estimates=False)
)
def test_no_policy_turns_around_faster_than_srtf(mix):
    """The bound holds against every policy there is, on mixes too large for brute force."""
    least = total(mix, "srtf", "turnaround", remaining="total")
    for name in NAMES:
        assert least <= total(mix, name, "turnaround")


@given(
    st.lists(st.integers(1, 30), min_size=2, max_size=6),
    st.integers(1, 7),
)
def test_round_robin_waits_at_most_one_turn_of_all_others(bursts, quantum):
    """Between two turns of n jobs that are all there, a job waits at most n - 1 quanta; also for its first turn."""
    mix = mix_of([(0, burst) for burst in bursts])
    trace = simulated(mix, make_policy("rr", {"quantum": quantum}, "ns"))
    bound = (len(bursts) - 1) * quantum
    for job in mix.jobs:
        turns = [piece for piece in slices(trace) if piece.job == job.id]
        assert turns[0].start <= bound
        assert all(after.start - before.end <= bound for before, after in pairwise(turns))
        assert all(piece.end - piece.start <= quantum for piece in turns)


@given(st.lists(st.integers(1, 30), min_size=2, max_size=6), st.integers(1, 7))
def test_round_robin_reaches_its_bound(bursts, quantum):
    """The bound is no larger than it must be: of equal long jobs each waits n - 1 quanta between turns."""
    mix = mix_of([(0, 3 * quantum)] * len(bursts))
    turns = [
        piece
        for piece in slices(simulated(mix, make_policy("rr", {"quantum": quantum}, "ns")))
        if piece.job == "A"
    ]
    assert [(len(bursts) - 1) * quantum] * 2 == [
        after.start - before.end for before, after in pairwise(turns)
    ]


DUE_JOBS = st.lists(
    st.tuples(st.integers(0, 10), st.integers(1, 5), st.integers(1, 20)), min_size=1, max_size=6
)


def due_mix(jobs):
    """Return a mix of one burst for each triple of arrival, length and deadline."""
    mix = mix_of([(arrival, ns) for arrival, ns, _ in jobs])
    due = [job._replace(deadline=deadline) for job, (_, _, deadline) in zip(mix.jobs, jobs, strict=True)]
    return mix._replace(jobs=tuple(due))


@settings(max_examples=300)
@given(DUE_JOBS)
def test_edf_meets_all_deadlines_if_any_schedule_can(jobs):
    """It fails only where, between an arrival and a deadline, more is asked for than there is time."""
    instants = [(arrival, arrival + deadline, ns) for arrival, ns, deadline in jobs]
    feasible = all(
        sum(ns for began, due, ns in instants if begin <= began and due <= end) <= max(0, end - begin)
        for begin, _, _ in instants
        for _, end, _ in instants
    )
    assert feasible == (not Run(simulated(due_mix(jobs), make_policy("edf"))).misses)


@given(DUE_JOBS)
def test_no_policy_has_a_lesser_greatest_lateness_than_edf(jobs):
    """The most that a job is late, or the least that it is early, cannot be less under another policy."""
    mix = due_mix(jobs)
    least = max(Run(simulated(mix, make_policy("edf"))).lateness.values())
    for name in NAMES:
        assert least <= max(Run(simulated(mix, make_policy(name, unit="ns"))).lateness.values())


@given(
    st.lists(st.integers(-20, 19), min_size=2, max_size=5),
    st.integers(1, 2000),
    st.integers(1, 300),
    st.integers(1, 20_000),
)
def test_cfs_never_favours_a_job_by_more_than_a_slice(nices, latency, granularity, until):
    """While all want the CPU, nobody's CPU time by weight is ahead of another's by more than one slice of its own."""
    mix = mix_of([(0, until + 1)] * len(nices))
    jobs = tuple(job._replace(nice=nice) for job, nice in zip(mix.jobs, nices, strict=True))
    policy = make_policy("cfs", {"sched_latency": latency, "min_granularity": granularity}, "ns")
    used = [job.cpu for job in Run(simulated(mix._replace(jobs=jobs, until=until), policy)).jobs]
    weights = [NICE_WEIGHTS[nice + 20] for nice in nices]
    shares = [Fraction(cpu, weight) for cpu, weight in zip(used, weights, strict=True)]
    slices_ = [Fraction(max(latency * weight // sum(weights), granularity), weight) for weight in weights]
    # Virtual times are whole: two that are equal may hide a difference of less than one.
    assert max(shares) - min(shares) < max(slices_) + Fraction(1, 1024)
