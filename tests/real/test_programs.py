"""Every kind of program, and every way of running it."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import sys
from itertools import pairwise

import pytest

import schedsim as ss
from schedsim.errors import ProgramError, UsageError
from tests.real.machine import MS, Background, computed, in_peace, measured, needs_root

CPU = 5 * MS


def generator():
    """Compute, yield, compute, sleep on the disk, compute: a program that nobody can look ahead in."""
    yield ss.Cpu(CPU)
    yield ss.Yield()
    yield ss.Cpu(CPU)
    yield ss.Io(6 * MS, "disk")
    yield ss.Cpu(CPU)


def sleeper():
    """Begin and end with I/O."""
    yield ss.Io(4 * MS)
    yield ss.Cpu(CPU)
    yield ss.Io(3 * MS)


def nothing():
    """Ask for nothing."""
    yield from ()


def breaks():
    """Compute, and raise."""
    yield ss.Cpu(CPU)
    raise ValueError("broken")


PLAIN = ss.Job("P", 0, (ss.Cpu(3 * CPU),))


def states(run):
    """Return the states of all jobs."""
    return {job.state for job in run.jobs}


@pytest.mark.parametrize("algo", ["fcfs", "rr", "srtf"])
def test_generators(algo):
    """They are asked in their workers, and all their CPU time counts, also around yields."""
    mix = ss.Mix(
        (ss.Job("G", 0, generator), PLAIN, ss.Job("S", MS, sleeper), ss.Job("N", MS, nothing)),
        name="generators",
    )
    options = {"quantum": 4} if algo == "rr" else {}

    def check(run):
        assert [] == [error for error in computed(run, mix) if abs(error) > 0.01]

    run = in_peace(mix, algo, check, **options)
    assert {"terminated"} == states(run)


def test_yields():
    """Who yields goes to the tail, and is dispatched again after the others."""
    steps = (ss.Cpu(CPU), ss.Yield(), ss.Cpu(CPU), ss.Yield(), ss.Yield(), ss.Cpu(CPU))
    mix = ss.Mix((ss.Job("A", 0, steps), ss.Job("B", 0, steps)), name="yields")

    def check(run):
        assert [] == [error for error in computed(run, mix) if abs(error) > 0.01]

    run = in_peace(mix, "fcfs", check)
    kinds = [row.kind.name for row in run.trace if row.task == 0]
    assert 3 == kinds.count("YIELDED")
    assert 4 == kinds.count("DISPATCHED")


def test_io_after_a_yield():
    """Its worker waits to be told, whatever it stands behind."""
    steps = (
        ss.Cpu(CPU),
        ss.Yield(),
        ss.Io(3 * MS),
        ss.Cpu(CPU),
        ss.Yield(),
        ss.Io(3 * MS, "disk"),
        ss.Cpu(MS),
    )
    mix = ss.Mix(
        (ss.Job("A", 0, steps), ss.Job("B", 0, steps), ss.Job("C", 0, (ss.Yield(), ss.Io(MS), ss.Cpu(MS))))
    )
    for algo in ("rr:quantum=2", "srtf"):
        assert {"terminated"} == states(measured(mix, algo))


def test_a_device_serves_one_at_a_time():
    """In the order in which they asked: each waits for those before it."""
    steps = (ss.Cpu(2 * MS), ss.Io(10 * MS, "disk"), ss.Cpu(2 * MS))
    mix = ss.Mix(tuple(ss.Job(name, 0, steps) for name in "ABC"), name="disk")
    run = measured(mix, "fcfs")
    woken = [(row.task, row.time) for row in run.trace if row.kind.name == "WOKE"]
    assert [0, 1, 2] == [task for task, _ in woken]
    assert all(later - earlier >= 10 * MS for (_, earlier), (_, later) in pairwise(woken))


def test_programs_of_io_alone():
    """They need no CPU, and end."""
    mix = ss.Mix((ss.Job("A", 0, (ss.Io(5 * MS),)), ss.Job("B", 2 * MS, (ss.Io(MS), ss.Io(2 * MS, "disk")))))
    run = measured(mix, "rr")
    assert {"terminated"} == states(run)
    assert all(job.finish >= 5 for job in run.jobs)


def test_degree():
    """No more than two at a time are admitted."""
    mix = ss.Mix(
        tuple(ss.Job(name, 0, (ss.Cpu(CPU), ss.Io(2 * MS), ss.Cpu(CPU))) for name in "ABCD"), name="degree"
    )
    run = measured(mix, "rr", degree=2, quantum=3)
    assert {"terminated"} == states(run)
    held = [run.jobs[row.task].id for row in run.trace if row.kind.name == "HELD"]
    assert ["C", "D"] == held


@pytest.mark.parametrize("algo", ["rr", "srtf"])
def test_two_cpus(algo):
    """As many run at once, if the machine has as many; each job has its CPU time."""
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("there is one CPU")
    mix = ss.Mix(tuple(ss.Job(name, 0, (ss.Cpu(4 * CPU),)) for name in "ABC"), name="two")
    run = measured(mix, algo, cpus=2)
    assert {0, 1} == {piece.cpu for piece in run.slices}
    assert {"terminated"} == states(run)
    assert 2 == len(run.facts.measured)
    if run.facts.shared:
        assert "there is no CPU to spare" in run.notes[0]


@pytest.mark.parametrize("driver", ["bands", "signals", "psutil"])
def test_drivers(driver):
    """Each runs the same mix; what was used is known."""
    if driver == "psutil" and importlib.util.find_spec("psutil") is None:
        pytest.skip("psutil is not installed")
    if driver == "bands" and os.geteuid() != 0:
        pytest.skip("needs the right to real-time priorities")
    jobs = (
        PLAIN,
        ss.Job("I", 2 * MS, (ss.Cpu(CPU), ss.Io(5 * MS), ss.Cpu(CPU))),
        ss.Job("Q", 4 * MS, (ss.Cpu(CPU),)),
    )
    for algo in ("rr:quantum=4", "srtf"):
        run = measured(ss.Mix(jobs, name="drivers"), algo, driver=driver)
        assert driver == run.facts.driver
        assert {"terminated"} == states(run)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_start_methods(method):
    """Workers of a fresh Python do the same, also with programs that it can import."""
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    mix = ss.Mix((PLAIN, ss.Job("G", 0, generator)), name="methods")
    run = measured(mix, "rr", quantum=4, start_method=method)
    assert {"terminated"} == states(run)
    assert method == run.facts.start_method


def test_a_program_that_raises():
    """The run is given up with its words, those of the simulation."""
    mix = ss.Mix((ss.Job("A", 0, breaks), PLAIN))
    with pytest.raises(ProgramError) as simulated:
        ss.run(mix, "rr")
    with pytest.raises(ProgramError) as real:
        measured(mix, "rr")
    assert "job 'A': its program raised ValueError: broken" == str(real.value) == str(simulated.value)


def test_a_program_that_raises_at_once():
    """Before the run begins."""

    def broken():
        yield min(())

    with pytest.raises(ProgramError, match="job 'A': its program raised ValueError"):
        measured(ss.Mix((ss.Job("A", 0, broken), PLAIN)), "rr")


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (sys.exit, "job 'A': its program raised SystemExit: 3"),
        (os._exit, "the worker of job 'A' ended before it began"),
    ],
    ids=["asks", "does"],
)
def test_a_program_that_exits(ends, words):
    """It asks for the end of its process, which is told; or its process is gone before the run, likewise."""

    def exits():
        ends(3)
        yield ss.Cpu(MS)

    with pytest.raises(ss.SchedsimError, match=words):
        measured(ss.Mix((ss.Job("A", 0, exits), PLAIN)), "rr")


@needs_root
def test_an_excess():
    """A worker that burns a tenth more than its program says: the negative control."""
    mix = ss.Mix((ss.Job("A", 0, (ss.Cpu(4 * CPU),)), ss.Job("B", 0, (ss.Cpu(4 * CPU),))), name="excess")

    def check(run):
        errors = computed(run, mix)
        assert abs(errors[0] - 0.1) < 0.01
        assert abs(errors[1]) < 0.01

    in_peace(mix, "fcfs", check, excess={"A": 0.1})


def test_many_jobs():
    """Sixty at once; more than the least that a machine lets wait in a pipe."""
    mix = ss.Mix(tuple(ss.Job(f"J{number}", 0, (ss.Cpu(MS), ss.Io(MS), ss.Cpu(MS))) for number in range(60)))
    assert {"terminated"} == states(measured(mix, "rr", quantum=2))


def test_a_long_name():
    """What a device may be called fits a record, letter by letter."""
    mix = ss.Mix((ss.Job("A", 0, (ss.Cpu(MS), ss.Io(MS, "é" * 100), ss.Cpu(MS))),))
    assert {"terminated"} == states(measured(mix, "rr"))


def test_an_empty_mix():
    """Nobody runs, and nobody hangs."""
    with pytest.raises(ss.SchedsimError, match="the mix has no jobs"):
        measured(ss.Mix(()), "rr")


def test_in_a_thread():
    """A run may be made by any thread."""
    assert {"terminated"} == states(Background(ss.Mix((PLAIN,)), "rr").join())


def test_a_start_method_that_cannot_send():
    """It is refused before anything runs."""

    def local():
        yield ss.Cpu(MS)

    with pytest.raises(UsageError, match="job 'A': its program must be a function"):
        measured(ss.Mix((ss.Job("A", 0, local),)), "rr", start_method="spawn")
