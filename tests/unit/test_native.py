"""What a native run refuses before anything runs, and what it asks of the kernel."""

from __future__ import annotations

import pytest

from schedsim.engines.native import classes
from schedsim.engines.native.classes import Kernel, admitted, kernel_class
from schedsim.engines.native.rebuild import Slices
from schedsim.engines.real.host import Host
from schedsim.errors import HostError, UsageError
from schedsim.jobs import Job, Mix
from schedsim.native import beside, kernel_of, native, prepare_native
from schedsim.operation_text import parse_program
from schedsim.operations import Cpu

MS = 1_000_000
LONG = 4194 * MS


@pytest.fixture(autouse=True)
def _on_linux(monkeypatch):
    """Have a Linux with 4 ms ticks, a SCHED_RR of 100 ms and periods up to 4.194 s, whatever is there."""
    monkeypatch.setattr(classes, "LINUX", True)
    monkeypatch.setattr(classes, "tick", lambda: (4 * MS, 0))
    monkeypatch.setattr(classes, "round_robin_slice", lambda: 100 * MS)
    monkeypatch.setattr(classes, "longest_period", lambda: LONG)
    monkeypatch.setattr("os.cpu_count", lambda: 2)


def mix_of(*programs, **settings):
    """Return a mix of jobs A, B, ... with these programs, or pairs of one and a dict of a job's other fields."""
    jobs = []
    for name, each in zip("ABCDEFGH", programs, strict=False):
        program, fields = each if isinstance(each, tuple) else (each, {})
        jobs.append(Job(name, 0, parse_program(program, "ms"), **fields))
    return Mix(tuple(jobs), **settings)


def due(program, deadline):
    """Return a job with that deadline in milliseconds, for ``mix_of``."""
    return program, {"deadline": deadline * MS}


def generated():
    """Be a program."""
    yield Cpu(MS)


@pytest.mark.parametrize(
    ("kind", "mix", "message"),
    [
        ("batch", mix_of("cpu 1"), "the kernel's class is 'batch'; write fifo, rr, other or deadline"),
        (
            "fifo",
            mix_of("cpu 1", degree=1),
            "without a dispatcher nobody holds jobs back; leave degree out",
        ),
        (
            "rr",
            mix_of("cpu 1", cpus=2),
            "on several CPUs the kernel keeps a queue for each, and the simulation one for all; write --cpus 1",
        ),
        (
            "deadline",
            mix_of(due("cpu 1", 9)),
            "processes under SCHED_DEADLINE cannot be pinned: the mix has 1 of 2 CPUs; write --cpus 2",
        ),
        (
            "fifo",
            mix_of("cpu 1", "cpu 1; io 2 disk; cpu 1"),
            "job 'B' has I/O on 'disk', and without a dispatcher nobody grants a device; leave the device's name out",
        ),
        (
            "other",
            mix_of("cpu 1; yield; cpu 1"),
            "job 'A' yields, which is no place at the tail in this class; leave its yields out",
        ),
        *(
            (
                "rr",
                mix_of(program),
                "job 'A' has a yield that does not stand between two CPU bursts, and nobody would see it; leave it out",
            )
            for program in (
                "yield; cpu 1",
                "cpu 1; yield",
                "cpu 1; yield; yield; cpu 1",
                "cpu 1; yield; io 1",
            )
        ),
        (
            "deadline",
            mix_of(due("cpu 1", 9), "cpu 1", cpus=2),
            "job 'B' has no deadline; every job needs one under SCHED_DEADLINE",
        ),
        (
            "deadline",
            mix_of(due("cpu 8.5", 9), cpus=2),
            (
                "job 'A' has a deadline of 9 ms; SCHED_DEADLINE takes none that is shorter than its CPU time and 1 ms, "
                "or longer than 4194 ms"
            ),
        ),
        (
            "deadline",
            mix_of(due("cpu 8", 4195), cpus=2),
            (
                "job 'A' has a deadline of 4195 ms; SCHED_DEADLINE takes none that is shorter than its CPU time and 1 "
                "ms, or longer than 4194 ms"
            ),
        ),
        (
            "deadline",
            mix_of(*[due("cpu 1500", 4000)] * 5, cpus=2),
            (
                "the jobs need 8275 ms of CPU time in all, and SCHED_DEADLINE takes on 7465.32 ms at once here; leave "
                "some out, or scale them down"
            ),
        ),
        (
            "deadline",
            Mix((Job("A", 0, generated, deadline=MS),), cpus=2),
            "job 'A' has a generator program, and SCHED_DEADLINE has to be told how long it computes",
        ),
    ],
)
def test_what_is_refused(kind, mix, message):
    """In one sentence, that says what to write instead."""
    with pytest.raises(UsageError) as caught:
        kernel_class(kind, mix, (1,), 2)
    assert message == str(caught.value)


def test_another_system_is_refused(monkeypatch):
    """The classes are Linux' own."""
    monkeypatch.setattr(classes, "LINUX", False)
    with pytest.raises(HostError, match="on Linux alone"):
        kernel_class("fifo", mix_of("cpu 1"), (1,), 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"quantum": 5},
            "'quantum' is no option of a native run: the kernel schedules there, and has its own",
        ),
        ({"cpus": 0}, "cpus is 0; write 1 or more (at most 1024)"),
    ],
)
def test_options_that_are_refused(options, message):
    """Only how the mix is run is the user's to say."""
    with pytest.raises(UsageError) as caught:
        native(mix_of("cpu 1"), "fifo", **options)
    assert message == str(caught.value)


def test_a_job_that_would_wake_after_its_deadline_is_refused():
    """On two CPUs C begins at 60 and is back at 110; the kernel would let it wait until its next period."""
    mix = mix_of(due("cpu 60", 70), due("cpu 60", 70), due("cpu 30; io 20; cpu 30", 100), cpus=2)
    with pytest.raises(UsageError) as caught:
        kernel_of(mix, "deadline", Host((0, 1), True, True, None, False, False))
    expected = (
        "job 'C' comes back from I/O at 110 ms, and its deadline is at 100: SCHED_DEADLINE would let it wait for "
        "seconds; give it a later deadline"
    )
    assert expected == str(caught.value)


def test_what_the_kernel_says_is_left_out_of_the_mix():
    """Costs and grace are not the mix's to say; the scale is."""
    mix = mix_of("cpu 2", switch_cost=5, charge_first_switch=True, grace=7)
    assert mix_of("cpu 20") == prepare_native(mix, 10, {})


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("fifo", ("fcfs", {})),
        ("rr", ("rr", {"quantum": "100000000ns", "tick": "4000000ns", "phase": "2500000ns"})),
        ("other", ("cfs", {"sched_latency": "1ms", "min_granularity": "1ms"})),
        ("deadline", ("edf", {})),
    ],
)
def test_what_each_class_is_set_beside(kind, expected):
    """A policy by name, with options as the command line takes them."""
    mix = mix_of(due("cpu 1", 9), cpus=2 if kind == "deadline" else 1)
    assert expected == beside(kernel_class(kind, mix, (1,), 2))


def test_round_robin_without_known_ticks():
    """Its quantum is not counted then."""
    kernel = Kernel("rr", slices=Slices(length=20 * MS))
    assert ("rr", {"quantum": "20000000ns"}) == beside(kernel)


def test_round_robin_without_the_right_to_it():
    """Nobody knows its slice then."""
    with pytest.raises(HostError, match="SCHED_RR needs the right to real-time priorities"):
        beside(Kernel("rr"))


def test_ticks_are_where_nothing_else_is():
    """A run begins so that its ticks are at 2.5 ms and every 4 ms from there: beside whole milliseconds."""
    assert 2_500_000 == Kernel("rr", tick=4 * MS).phase
    assert 625_000 == Kernel("rr", tick=MS).phase


class TestAdmission:
    """What each job asks of SCHED_DEADLINE: runtime, deadline and period."""

    def test_a_burst(self):
        """A tenth more than it needs, and 5 ms; a period as long as can be."""
        assert ((60 * MS, 300 * MS, LONG),) == admitted(mix_of(due("cpu 50", 300)))

    def test_a_tight_deadline(self):
        """Its runtime is no longer than the deadline."""
        assert ((52 * MS, 52 * MS, LONG),) == admitted(mix_of(due("cpu 50", 52)))

    def test_io(self):
        """A runtime as long as the deadline: what is cut on waking then lasts to the deadline, whenever that is."""
        assert ((300 * MS, 300 * MS, LONG),) == admitted(mix_of(due("cpu 30; io 10; cpu 20", 300)))

    def test_io_where_there_is_not_so_much_room(self):
        """What is left of 89 % of the CPU is shared out by what each would like."""
        # of 3732.66 ms the needs take 60 + 60 + 60: what is left is for 1940 + 3940
        mix = mix_of(due("cpu 50", 2000), *(due("cpu 30; io 10; cpu 20", each) for each in (2000, 4000)))
        room = LONG * 89 // 100 - 180 * MS
        expected = [60 * MS, *(60 * MS + room * each // 5880 for each in (1940, 3940))]
        assert expected == [runtime for runtime, _, _ in admitted(mix)]
