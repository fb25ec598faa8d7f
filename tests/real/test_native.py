"""Processes under the kernel's own classes, for real: they are scheduled as the simulation says, and nothing is left.

A machine on which others compete says nothing. Then these tests are inconclusive, and shown as skipped with the
reason: after three tries, each of which was looked at.
"""

from __future__ import annotations

import multiprocessing
import os
import signal

import pytest

from schedsim.engines.real.host import host
from schedsim.engines.real.linux import LINUX, throttling
from schedsim.errors import ProgramError
from schedsim.experiment import run
from schedsim.jobs import Job, Mix
from schedsim.native import counterpart, native
from schedsim.operation_text import parse_program
from schedsim.operations import Cpu, Io
from schedsim.validate import validate

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(not LINUX, reason="the kernel's classes are Linux' own"),
]

MS = 1_000_000
TRIES = 3
CPUS = os.cpu_count() or 1


def mix_of(*jobs, cpus=1):
    """Return a mix of jobs A, B, ... from arrival, program, and a dict of other fields, times in milliseconds."""
    made = []
    for name, (arrival, program, *fields) in zip("ABCDEFGH", jobs, strict=False):
        steps = parse_program(program, "ms") if isinstance(program, str) else program
        made.append(Job(name, arrival * MS, steps, **(fields[0] if fields else {})))
    return Mix(tuple(made), name="test", cpus=cpus)


def may(kind):
    """Skip the test where this process may not put others into that class."""
    if kind != "other" and not host().realtime:
        pytest.skip(f"inconclusive: no right to the class {kind} here")


def undisturbed(mix, kind, **options):
    """Return a run that counts; skip the test if there is none in a few tries."""
    may(kind)
    reasons: tuple = ()
    for _ in range(TRIES):
        measured = native(mix, kind, **options)
        validate(measured.trace)
        if measured.validity.valid:
            return measured
        reasons = measured.validity.reasons
    pytest.skip(f"inconclusive: {'; '.join(reasons)}")


def beside(mix, kind):
    """Return the simulated run that belongs beside a native one."""
    algo, options = counterpart(mix, kind)
    return run(mix, algo, notes=False, **options)


def mean(measured):
    """Return the mean turnaround in milliseconds."""
    return sum(job.turnaround for job in measured.jobs) / len(measured.jobs)


def order(measured):
    """Return the jobs in the order in which they ended."""
    return "".join(job.id for job in sorted(measured.jobs, key=lambda job: job.finish))


def due(milliseconds):
    """Return the field of a job that says so."""
    return {"deadline": milliseconds * MS}


MIXES = {
    "fifo": mix_of((0, "cpu 40"), (5, "cpu 25; io 30; cpu 10"), (10, "cpu 15"), (20, "io 20; cpu 20")),
    # longer than the 100 ms that everyone gets at a time, some of it before a wait
    "rr": mix_of((0, "cpu 130"), (7, "cpu 60; io 25; cpu 65"), (31, "cpu 20")),
    "other": mix_of((0, "cpu 80"), (10, "cpu 80", {"nice": 5}), (10, "cpu 50", {"nice": -5})),
    "deadline": mix_of(
        *((0, "cpu 60", due(900)), (0, "cpu 50", due(800)), (10, "cpu 30", due(200))),
        *((15, "cpu 40", due(300)), (20, "cpu 20; io 20; cpu 20", due(600))),
        cpus=CPUS,
    ),
}


@pytest.mark.parametrize(
    ("kind", "tolerance"), [("fifo", 0.02), ("rr", 0.02), ("other", 0.06), ("deadline", 0.03)]
)
def test_the_kernel_schedules_as_the_simulation_says(kind, tolerance):
    """The mean turnaround, the order in which jobs end, and what the result says of itself."""
    mix = MIXES[kind]
    measured, simulated = undisturbed(mix, kind), beside(mix, kind)
    assert mean(simulated) == pytest.approx(mean(measured), rel=tolerance)
    assert order(simulated) == order(measured)
    header = simulated.trace.header
    assert header._replace(engine="native") == measured.trace.header
    assert kind == measured.facts.driver
    assert measured.recording is None


def test_slices_of_round_robin_are_known():
    """Whoever gave its CPU up to an equal had come to the end of its slice."""
    measured = undisturbed(MIXES["rr"], "rr")
    whys = [(piece.job, piece.why) for piece in measured.slices]
    assert ("A", "expired") in whys
    assert {"blocked", "expired", "finished"} == {why for _, why in whys}


def killing():
    """Compute for 10 ms, and be killed."""
    yield Cpu(10 * MS)
    os.kill(os.getpid(), signal.SIGKILL)
    yield Cpu(10 * MS)


def test_a_worker_that_is_killed():
    """It is reported within 10 ms, its job has failed, and the others end."""
    mix = mix_of((0, killing), (5, "cpu 15"))
    measured = undisturbed(mix, "fifo")
    assert ["failed", "terminated"] == [job.state for job in measured.jobs]
    died = next(row.time for row in measured.trace if row.kind.name == "FAILED")
    assert 10 * MS <= died < 20 * MS
    assert "the process of job 'A' died at" in measured.notes[0]


def raising():
    """Compute, and be wrong."""
    yield Cpu(5 * MS)
    raise ValueError("no more")


def test_a_program_that_raises():
    """The run ends with its words."""
    may("fifo")
    with pytest.raises(ProgramError, match="job 'B': its program raised ValueError: no more"):
        native(mix_of((0, "cpu 10"), (0, raising)), "fifo")


def waiting():
    """Wait before computing, and after."""
    yield Io(10 * MS)
    yield Cpu(10 * MS)
    yield Io(15 * MS)


@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_start_methods(start_method):
    """A program that is a function, run by processes that were made in either way."""
    measured = undisturbed(mix_of((0, "cpu 10"), (3, waiting)), "fifo", start_method=start_method)
    assert start_method == measured.facts.start_method
    # A computes until 10; B waits until 13, computes, waits for 15 more
    assert [10, 35] == [pytest.approx(job.turnaround, abs=1.5) for job in measured.jobs]


def state():
    """Return what of this machine and this process a run might have changed."""
    return {
        "children": multiprocessing.active_children(),
        "processes": children(),
        "limit": throttling(),
        "class": os.sched_getscheduler(0),
        "priority": os.sched_getparam(0).sched_priority,
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "cpus": os.sched_getaffinity(0),
        "session": os.getsid(0),
        "files": len(os.listdir("/proc/self/fd")),
    }


def children():
    """Return the processes whose parent is this one, or which are called as ours are."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # it has ended meanwhile
        if parent == os.getpid():
            found.append(name)
    return found


@pytest.mark.parametrize("kind", ["fifo", "rr", "other", "deadline"])
def test_nothing_is_left(kind):
    """No process, and nothing of the machine or of this process is as it was not before."""
    may(kind)
    before = state()
    native(MIXES[kind], kind, unthrottle=host().may_unthrottle)
    assert before == state()
