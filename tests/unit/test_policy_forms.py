"""The forms in which a policy can be handed over, and what must not get in the way of a run."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.errors import PolicyError, UsageError
from schedsim.experiment import compare, run
from schedsim.operations import Cpu
from schedsim.policies.base import Policy
from schedsim.policies.rr import RoundRobin
from schedsim.times import ms


@pytest.mark.parametrize(
    "algo",
    [
        "rr:quantum=3",
        "rr:q=3ms",
        {"algo": "rr", "quantum": 3},
        {"algo": "rr:quantum=3"},
        RoundRobin(quantum=ms(3)),
    ],
)
def test_one_policy_in_five_forms(algo):
    """Text, a mapping and an object mean the same, alone and in a comparison."""
    expected = run("first", "rr", quantum=3, notes=False).slices
    assert expected == run("first", algo, notes=False).slices
    assert expected == compare("first", [algo]).runs[0].slices
    assert expected == compare("first", algo).runs[0].slices


def test_a_class_takes_options():
    """A policy class is made with the options, in the mix's unit, like a name."""
    assert {"quantum": 3} == run("first", RoundRobin, quantum=3, notes=False).options
    assert {"quantum": 4} == compare("first", RoundRobin).runs[0].options


def test_a_mapping_without_a_policy():
    """A mapping that names no policy is refused with what to write."""
    with pytest.raises(UsageError, match=r'names no policy; write for instance \{"algo": "rr"'):
        run("first", {"quantum": 3})


def test_what_is_no_policy():
    """A number is no policy."""
    with pytest.raises(UsageError, match=r"^5 is no policy; write a name such as 'rr'"):
        run("first", 5)


def test_a_word_for_tickets_that_are_nobodys():
    """A bare number does not say whose tickets they are."""
    with pytest.raises(UsageError, match=r"^tickets is '3'; write whose they are, as in tickets=A=3/B=2$"):
        run("first", "lottery", tickets="3")


def test_stride_of_nothing():
    """More tickets than stride1 would be a stride of 0, under which all others starve."""
    with pytest.raises(PolicyError, match="it has 3 tickets, more than stride1; write a larger stride1"):
        run("first", "stride", stride1=2, tickets={"A": 3})


@pytest.mark.parametrize("name", ["sweep"])
def test_what_is_planned_says_so(name):
    """Names that the design promises are not simply unknown."""
    with pytest.raises(AttributeError, match=f"schedsim.{name} is planned, and not in this version"):
        getattr(ss, name)


class BreaksItself(Policy):
    """A policy whose own constructor writes what is frozen."""

    def __init__(self):
        """Write a field, as one would in an ordinary class."""
        super().__init__()
        self.count = 1


class BreaksInCheck(Policy):
    """A policy whose check divides by zero."""

    def check(self):
        """Raise."""
        raise ZeroDivisionError("no check today")


@pytest.mark.parametrize(
    ("policy", "error"), [(BreaksItself, "AttributeError"), (BreaksInCheck, "ZeroDivision")]
)
def test_a_class_that_cannot_be_made(policy, error):
    """Whatever a user's class raises when it is made is told as the policy's fault."""
    with pytest.raises(PolicyError, match=f"^{policy.__name__}: raised {error}"):
        run("first", policy)


def test_the_second_opinion_does_not_fail_the_first():
    """A run that only the other conventions break is returned."""
    jobs = [
        {"id": "J0", "arrival": 4, "burst": 1, "priority": 1},
        {"id": "J1", "arrival": 3, "burst": 1, "priority": 2},
        {"id": "J2", "burst": 1, "priority": 2},
    ]
    mix = {"jobs": jobs, "switch_cost": 3}
    assert run(mix, "priority", preemptive=True, ageing=3).finished


def test_a_generator_is_run_once():
    """A program is not run again, unasked, for the sake of a note."""
    starts = []

    def program():
        starts.append(1)
        yield Cpu(ms(2))

    assert run([ss.Job("A", 0, program)], "rr").finished
    assert [1] == starts


def test_feedback_on_two_cpus_treats_equals_alike():
    """Two jobs on two CPUs never wait for each other, so neither moves down: both drop only when C comes."""
    trace = run([("A", 0, 4), ("B", 0, 4)], "feedback", cpus=2, notes=False)
    assert [4, 4] == [job.finish for job in trace.jobs]
    decisions = ss.explain([("A", 0, 4), ("B", 0, 4), ("C", 3, 1)], "feedback", cpus=2)
    assert "queue 0" in str(decisions)
    assert "queue 2" not in str(decisions)
