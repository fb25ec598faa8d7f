"""Every policy on real processes: a schedule, the simulation's, and the same again from its recording."""

from __future__ import annotations

import pytest

import schedsim as ss
from schedsim.policies import NAMES
from tests.real.machine import MS, computed, dispatches, hold_correct, in_peace, measured

# Some milliseconds between any two things that happen, so that nothing hangs on how late they are.
JOBS = (
    ss.Job("A", 0, (ss.Cpu(46 * MS),), priority=2, tickets=3, deadline=400 * MS),
    ss.Job("B", 8 * MS, (ss.Cpu(12 * MS), ss.Io(28 * MS), ss.Cpu(14 * MS)), priority=1, deadline=180 * MS),
    ss.Job("C", 18 * MS, (ss.Cpu(34 * MS),), priority=3, deadline=140 * MS),
)
MIX = ss.Mix(JOBS, name="three")
OPTIONS = {
    "rr": {"quantum": 10},
    "priority": {"preemptive": True},
    "priority-rr": {"quantum": 10},
    "mlq": {"queues": "fcfs/rr 10/fcfs"},
    "mlfq": {"quanta": "10/20/40", "boost": 100},
    "feedback": {"quanta": "10/20"},
    "lottery": {"quantum": 10, "seed": 3},
    "stride": {"quantum": 10},
}


@pytest.mark.parametrize("name", NAMES)
def test_a_policy(name, tmp_path):
    """Its trace is a schedule, its recording is the same run again, and each job has its program's CPU time."""
    options = OPTIONS.get(name, {})

    def check(run):
        assert [] == [error for error in computed(run, MIX) if abs(error) >= 0.01]

    run = in_peace(MIX, name, check, **options)
    hold_correct(run, MIX, name, options, tmp_path / "recording")
    assert ["terminated"] * 3 == [job.state for job in run.jobs]
    assert ("real", name) == (run.trace.header.engine, run.algo)


@pytest.mark.parametrize("name", ["fcfs", "sjf", "srtf", "rr", "priority", "mlfq", "edf"])
def test_the_order_of_the_simulation(name):
    """Who is dispatched after whom is the same in both, where nothing hangs on how late things are."""
    options = OPTIONS.get(name, {})
    expected = dispatches(ss.run(MIX, name, grace=0.3, **options))

    def check(run):
        assert expected == dispatches(run)

    in_peace(MIX, name, check, **options)


def test_the_times_of_the_simulation():
    """Each job ends when it does there, within a millisecond."""
    simulated = ss.run(MIX, "srtf")

    def check(run):
        for expected, actual in zip(simulated.jobs, run.jobs, strict=True):
            assert abs(expected.finish - actual.finish) < 1

    in_peace(MIX, "srtf", check)


def test_a_scale():
    """Everything takes three times as long."""
    mix = ss.Mix((ss.Job("A", 0, (ss.Cpu(3 * MS),)), ss.Job("B", MS, (ss.Cpu(3 * MS),))))

    def check(run):
        assert all(abs(job.cpu - 9) < 0.1 for job in run.jobs)
        assert {"quantum": 6} == run.options

    in_peace(mix, "rr", check, quantum=2, scale=3)


def test_a_class_and_an_object():
    """A policy can be given in every form that a simulation takes."""
    mix = ss.Mix((ss.Job("A", 0, (ss.Cpu(3 * MS),)),))
    for algo in (
        ss.RoundRobin,
        ss.RoundRobin(quantum=ss.ms(2)),
        {"algo": "rr", "quantum": 2},
        "rr:quantum=2",
    ):
        assert "rr" == measured(mix, algo).algo


def test_facts():
    """Driver, CPUs, clock and machine are known, and differ from nothing that was asked for."""
    run = measured(MIX, "fcfs")
    facts = run.facts
    assert facts.driver in ("bands", "signals")
    assert 1 == len(facts.measured)
    assert facts.dispatcher is not None
    assert facts.shared == (facts.dispatcher in facts.measured)
    assert "fork" == facts.start_method
    assert 3 == len(run.observed.releases)
    assert [(1, 0)] == [(job, which) for job, which, _ in run.observed.sleeps]
    assert run.observed.sleeps[0][2] >= 28 * MS
