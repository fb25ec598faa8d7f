"""The SimPy engine: it delivers what happens when it happens, and nothing more."""

from __future__ import annotations

import pytest

from schedsim.engines.simulated import SimulatedMachine, simulate
from schedsim.errors import ProgramError
from schedsim.experiment import header_of, run
from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Io, Yield
from schedsim.policies.options import make_policy
from schedsim.scheduler.core import Scheduler
from schedsim.trace import Kind, Trace
from tests.unit.playing import mix_of, play, schedule


def generated(program, algo="fcfs", **settings):
    """Return the schedule of one job A whose program is a generator, beside B that computes 3."""
    jobs = (Job("A", 0, program), Job("B", 0, (Cpu(3),)))
    return schedule(run(Mix(jobs, unit="ns", **settings), algo, notes=False))


def test_a_generator_runs_like_a_list():
    """Its operations are asked for one by one."""

    def program():
        yield Cpu(2)
        yield Io(4)
        yield Cpu(1)

    assert "A 0-2 B 2-5 A 6-7" == generated(program)
    assert "A 0-2 B 2-5 A 6-7" == play("fcfs", "A 0 cpu 2; io 4; cpu 1\nB 0 3")


def test_a_generator_that_yields_for_ever_ends_the_run():
    """It is named, once B has ended and nothing else runs; the run does not hang."""

    def program():
        while True:
            yield Yield()

    with pytest.raises(ProgramError, match=r"^job 'A' loops in zero time: it yielded 1,001 times at 3 ns"):
        generated(program)


@pytest.mark.parametrize(("following", "row"), [("; io 2", Kind.BLOCKED), ("", Kind.FINISHED)])
def test_a_yield_after_which_nothing_needs_the_cpu(following, row):
    """A does not queue behind B for what it can do without the CPU: it begins its I/O, or ends."""
    trace = run(mix_of(f"A 0 cpu 1; yield{following}\nB 0 cpu 9"), "fcfs", notes=False).trace
    assert [(1, row)] == [(each.time, each.kind) for each in trace if each.task == 0 and each.time == 1]


def test_a_yield_at_the_end_of_a_switch():
    """The switch to B lasts from 1 to 2: B's yield is at 2, and A is long done."""
    trace = run(mix_of("A 0 1\nB 0 yield; cpu 1"), "fcfs", switch_cost=1, notes=False).trace
    assert [2] == [row.time for row in trace if row.kind is Kind.YIELDED]


def test_a_stop_during_a_switch_takes_effect_at_its_end():
    """C comes at 3, in the switch from 2 to 5 to B: its own switch begins at 5."""
    assert "A 0-2 C 8-9 B 12-21" == play("srtf", "A 0 2\nB 0 9\nC 3 1", switch_cost=3)


def test_a_held_job_enters_when_the_last_one_ends_with_io():
    """Nothing else happens at 8."""
    assert "A 0-5 B 8-10" == play("fcfs", "A 0 cpu 5; io 3\nB 0 2", degree=1)


@pytest.mark.parametrize(
    ("until", "expected"), [(4, "A 0-4"), (5, "A 0-5"), (6, "A 0-5 B 5-6"), (99, "A 0-5 B 5-8")]
)
def test_until_is_half_open(until, expected):
    """What would happen at the cut-off itself does not happen any more."""
    result = run(mix_of("A 0 5\nB 0 3"), "fcfs", until=until, notes=False)
    assert expected == schedule(result)
    assert (until >= 8) == result.finished


def test_what_ends_at_the_cut_off_is_stopped_and_not_finished():
    """At 5 A would be done."""
    (piece,) = run(mix_of("A 0 5"), "fcfs", until=5, notes=False).slices
    assert ("stopped", 5) == (piece.why, piece.end)


def test_a_gap_between_jobs_is_skipped():
    """Many years of idleness cost one step."""
    assert f"A 0-1 B {2**60}-{2**60 + 1}" == play("rr", f"A 0 1\nB {2**60} 1", quantum=1)


class CountingMachine(SimulatedMachine):
    """Counts SimPy's events."""

    events = 0

    def _at(self, time, callback, value):
        """Count, then schedule."""
        self.events += 1
        super()._at(time, callback, value)


def test_events_are_of_slices_and_not_of_ticks():
    """A thousand slices of a million ticks each: at most an event a slice."""
    mix = mix_of("A 0 500000000\nB 0 500000000")
    policy = make_policy("rr", {"quantum": 1_000_000}, "ns")
    machine = CountingMachine(mix.jobs, None)
    scheduler = Scheduler(policy, machine, Trace(header_of(mix, policy, None)))
    machine.run(scheduler)
    assert 1000 == sum(row.kind is Kind.DISPATCHED for row in scheduler.trace)
    assert machine.events <= 1000


def test_simulate_fills_the_trace_it_is_given():
    """And returns it."""
    mix, policy = mix_of("A 0 1"), make_policy("fcfs")
    trace = Trace(header_of(mix, policy, None))
    assert simulate(mix, policy, trace) is trace
    assert [Kind.ARRIVED, Kind.DISPATCHED, Kind.FINISHED] == [row.kind for row in trace]
