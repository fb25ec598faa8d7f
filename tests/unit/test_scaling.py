"""Stretching a mix and its policy: the same schedule, slower."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from schedsim.errors import UsageError
from schedsim.experiment import simulate_trace
from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Io, Yield
from schedsim.policies.options import make_policy
from schedsim.scaling import read_scale, scaled_mix, scaled_policy
from schedsim.times import LONGEST

MIX = Mix(
    (
        Job("A", 3, (Cpu(5), Io(2, "disk"), Yield(), Cpu(1)), estimate=4, deadline=30),
        Job("B", 0, (Io(7), Cpu(2)), period=50, priority=9, nice=3, tickets=7),
    ),
    unit="ns",
    until=40,
    switch_cost=2,
    grace=1,
    degree=2,
)


def program():
    """Yield nothing: lengths that nobody knows in advance."""
    yield from ()


@pytest.mark.parametrize(
    ("value", "factor"),
    [
        (10, Fraction(10)),
        ("10", Fraction(10)),
        (0.5, Fraction(1, 2)),
        ("1e2", Fraction(100)),
        ("0.1", Fraction(1, 10)),
    ],
)
def test_a_factor_is_read_exactly(value, factor):
    """A tenth is a tenth, also of a float."""
    assert factor == read_scale(value)


@pytest.mark.parametrize(
    "value", [0, -1, "ten", "", None, True, "nan", "inf", "1e99", 1e-99, [], "1/2"], ids=repr
)
def test_what_is_no_factor(value):
    """It says what to write."""
    with pytest.raises(UsageError) as caught:
        read_scale(value)
    assert f"scale is {value!r}; write a number above 0, such as 10 or 0.5" == str(caught.value)


def test_every_time_of_a_mix():
    """Arrivals, bursts, estimates, periods, deadlines, the cut-off, costs; and nothing else."""
    found = scaled_mix(MIX, Fraction(10))
    assert (
        Job("A", 30, (Cpu(50), Io(20, "disk"), Yield(), Cpu(10)), estimate=40, deadline=300),
        Job("B", 0, (Io(70), Cpu(20)), period=500, priority=9, nice=3, tickets=7),
    ) == found.jobs
    assert (400, 20, 10, 2, "ns") == (found.until, found.switch_cost, found.grace, found.degree, found.unit)


def test_by_one():
    """Nothing changes, also not a generator, which could not be scaled."""
    mix = Mix((Job("A", 0, program),))
    assert mix is scaled_mix(mix, Fraction(1))
    policy = make_policy("rr", {"quantum": 4})
    assert policy is scaled_policy(policy, Fraction(1))


def test_shorter():
    """Also what becomes shorter, as long as it stays whole."""
    assert 2 == scaled_mix(Mix((Job("A", 4, (Cpu(6),)),)), Fraction(1, 2)).jobs[0].arrival


@pytest.mark.parametrize(
    ("mix", "factor", "message"),
    [
        (Mix((Job("A", 0, (Cpu(5),)),)), Fraction(1, 2), "5 ns times 0.5 is not a whole number of nanoseconds"),
        (
            Mix((Job("A", 0, (Cpu(LONGEST - 1),)),)),
            Fraction(2),
            f"{LONGEST - 1} ns times 2 is longer than schedsim can count (146 years)",
        ),
        (
            Mix((Job("A", 0, program),)),
            Fraction(2),
            "job 'A' has a generator program, which cannot be scaled; leave --scale out",
        ),
    ],
    ids=["not whole", "too long", "generator"],
)  # fmt: skip
def test_what_cannot_be_scaled(mix, factor, message):
    """It is refused with the reason."""
    with pytest.raises(UsageError) as caught:
        scaled_mix(mix, factor)
    assert message == str(caught.value)


def test_every_length_of_a_policy():
    """Lengths, lists of lengths, and those of the policies of a multilevel queue's queues; and nothing else."""
    mlfq = make_policy("mlfq", {"quanta": "2/4", "boost": 9, "allotments": "1/1"}, "ns")
    found: Any = scaled_policy(mlfq, Fraction(10))
    assert ((20, 40), 90, (1, 1)) == (found.quanta, found.boost, found.allotments)
    mlq: Any = scaled_policy(make_policy("mlq", {"queues": "rr 2/fcfs"}, "ns"), Fraction(10))
    assert [(1, {"quantum": 20}), (2, {})] == [
        (priority, {name: getattr(policy, name) for name in policy.fields if name == "quantum"})
        for priority, policy in mlq.queues
    ]
    lottery: Any = scaled_policy(make_policy("lottery", {"quantum": 3, "seed": 7}, "ns"), Fraction(10))
    assert (30, 7) == (lottery.quantum, lottery.seed)


@pytest.mark.parametrize(
    ("algo", "options"),
    [("rr", {"quantum": 2}), ("mlfq", {"quanta": "1/2", "boost": 9}), ("srtf", {}), ("stride", {"quantum": 2}),
     ("priority", {"preemptive": True, "ageing": 5})],
)  # fmt: skip
def test_the_same_schedule_slower(algo, options):
    """Every row comes ten times as late, and nothing else changes."""
    mix = MIX._replace(jobs=(MIX.jobs[0], MIX.jobs[1]._replace(period=None)))
    policy = make_policy(algo, options, "ns")
    plain = simulate_trace(mix, policy)
    slow = simulate_trace(scaled_mix(mix, Fraction(10)), scaled_policy(policy, Fraction(10)))
    rows = [row._replace(time=10 * row.time, value=max(10 * row.value, -1)) for row in plain]
    assert rows == [*slow]
