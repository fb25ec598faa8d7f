"""Programs that never come to their end are named, and nothing of them is left."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

import schedsim as ss
from schedsim.engines.real import crew, endless
from schedsim.errors import HostError, ProgramError
from tests.real.machine import MS

OTHER = ss.Job("B", 0, (ss.Cpu(20 * MS),))


def reads():
    """Read for ever."""
    while True:
        yield ss.Read("n")


def puts():
    """Compute, then try to put what there is no room for."""
    yield ss.Cpu(5 * MS)
    while True:
        yield ss.Put("q", ("an", "item"), blocking=False)


def spins():
    """Compute, and never say what comes next."""
    yield ss.Cpu(5 * MS)
    while True:
        pass


def spins_when_told():
    """Never say what comes after a result."""
    yield ss.Read("n")
    while True:
        pass


def stops():
    """Compute, and stop its own process."""
    yield ss.Cpu(5 * MS)
    os.kill(os.getpid(), signal.SIGSTOP)
    yield ss.Cpu(5 * MS)


def spins_at_once():
    """Never say what comes first."""
    while os.getpid():
        pass
    yield ss.Cpu(5 * MS)


def refused(program, algo="rr", **options):
    """Return the error that a run of the program beside another job ends with; no process is left."""
    mix = ss.Mix((ss.Job("A", 0, program), OTHER), queues=(("q", 2),), name="endless")
    with pytest.raises((ProgramError, HostError)) as caught:
        ss.real(mix, algo, **options)
    assert psutil.Process().children(recursive=True) == []
    assert caught.value.exit_status == 3
    return str(caught.value)


@pytest.mark.parametrize(("program", "last"), [(reads, "read n"), (puts, "put? q")])
def test_a_loop_in_zero_time(program, last):
    """It ends at the operation at which a simulation of it ends."""
    assert refused(program, "fcfs") == (
        "job 'A' loops in zero time: it did 10,000 operations in a row, the last of them "
        f"{last!r}; give the loop a CPU or I/O burst"
    )


@pytest.mark.parametrize("driver", ["auto", "signals"])
@pytest.mark.parametrize("program", [spins, spins_when_told, stops])
def test_a_worker_that_says_nothing(monkeypatch, program, driver):
    """Who has a CPU and does not get on is not waited for any longer than the limit."""
    monkeypatch.setattr(endless, "SILENT", 1_000_000_000)
    assert refused(program, quantum=7, driver=driver) == (
        "job 'A' has had a CPU for 1 s, and neither computed what it asked for nor said what comes next: its program "
        "goes on without a yield, or its process is stopped; the run was given up"
    )


def test_a_worker_that_never_begins(monkeypatch):
    """Before the run, too."""
    monkeypatch.setattr(crew, "PATIENCE", 1.0)
    assert refused(spins_at_once) == (
        "job 'A': its worker did not begin, and nothing was heard of it for 1 s; its program goes on without a yield, "
        "or its process is stopped"
    )


def test_who_gets_on_is_left_alone(monkeypatch):
    """Code of one's own between two operations takes as long as it likes below the limit; others wait."""
    monkeypatch.setattr(endless, "SILENT", 1_500_000_000)

    def slow():
        for _ in range(3):
            yield ss.Cpu(5 * MS)
            until = time.monotonic() + 0.7
            while time.monotonic() < until:
                pass

    mix = ss.Mix((ss.Job("A", 0, slow), ss.Job("B", 0, (ss.Cpu(100 * MS),))), name="slow")
    assert {job.state for job in ss.real(mix, "fcfs").jobs} == {"terminated"}


def test_many_operations_between_waits(monkeypatch):
    """What is done after a wait for somebody who computes is done at another instant."""
    monkeypatch.setattr(endless, "ZERO_TIME_LIMIT", 20)

    def consumer():
        for _ in range(30):
            yield ss.Get("q")

    def producer():
        for _ in range(30):
            yield ss.Cpu(MS)
            yield ss.Put("q", 1)

    jobs = (ss.Job("C", 0, consumer), ss.Job("P", 0, producer))
    run = ss.real(ss.Mix(jobs, queues=(("q", 2),), name="waits"), "fcfs")
    assert {job.state for job in run.jobs} == {"terminated"}


def test_two_that_keep_each_other_busy(monkeypatch):
    """They wait for each other, and nobody computes."""
    monkeypatch.setattr(endless, "ZERO_TIME_LIMIT", 500)

    def ping():
        while True:
            yield ss.Put("q")
            yield ss.Get("r")

    def pong():
        while True:
            yield ss.Get("q")
            yield ss.Put("r")

    jobs = (ss.Job("A", 0, ping), ss.Job("B", 0, pong))
    with pytest.raises(
        ProgramError, match="loops in zero time: it did 500 operations in a row, the last of them"
    ):
        ss.real(ss.Mix(jobs, queues=(("q", 1), ("r", 1)), name="ping-pong"), "fcfs")


def test_a_yield_after_a_result():
    """Whoever asks again and again, and gives way in between, lets others come to their end."""

    def asks():
        while not (yield ss.Read("done")):
            yield ss.Yield()

    ender = ss.Job("E", 0, (*((ss.Cpu(MS), ss.Yield()) * 5), ss.Write("done", 1)))
    run = ss.real(ss.Mix((ss.Job("Y", 0, asks), ender), name="polite"), "fcfs")
    assert {job.state for job in run.jobs} == {"terminated"}
