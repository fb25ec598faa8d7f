"""The lab ``inversion``."""

from __future__ import annotations

import os

import pytest

import schedsim as ss
from schedsim.errors import HostError
from schedsim.labs import inversion
from schedsim.labs.inversion import BACK, ENDS, HIGH, INHERIT, MEDIUM, PLAIN, WAIT, check, mix, simulate
from schedsim.operations import Cpu
from schedsim.times import ms

WITHOUT = [
    {f"{PLAIN}: {ENDS[HIGH]}": 27},
    {f"{PLAIN}: {WAIT}": 15},
    {f"{INHERIT}: {ENDS[HIGH]}": 92},
    {f"{INHERIT}: {WAIT}": 75},
    {f"{INHERIT}: {BACK}": 90},
]


def changed(monkeypatch, length):
    """Have medium compute for so long; return what the simulation finds then."""

    def made(*, inherit):
        whole = mix(inherit=inherit)
        jobs = (job._replace(program=(Cpu(ms(length)),)) if job.id == MEDIUM else job for job in whole.jobs)
        return whole._replace(jobs=tuple(jobs))

    monkeypatch.setattr(inversion, "mix", made)
    return simulate(None).values


def test_high_waits_for_as_long_as_there_is_medium_work(monkeypatch):
    """Twice as much of it, and high waits for 60 ms more; with inheritance it makes no difference."""
    before = simulate(None).values
    after = changed(monkeypatch, 120)
    assert (75, 135) == (before[f"{PLAIN}: {WAIT}"], after[f"{PLAIN}: {WAIT}"])
    assert (15, 15) == (before[f"{INHERIT}: {WAIT}"], after[f"{INHERIT}: {WAIT}"])


def test_without_medium_work_there_is_no_inversion_and_this_is_seen(monkeypatch):
    """High waits for low alone."""
    assert "high does not wait for medium" in list(check(changed(monkeypatch, 1)))


def test_the_shipped_mix_is_that_of_the_lab():
    """As its notes say: high ends at 87; with a lock that inherits at 27."""
    ends = [
        {job.id: job.finish for job in ss.run(each).jobs}[HIGH] for each in ("inversion", mix(inherit=True))
    ]
    assert [87, 27] == ends
    assert mix(inherit=False) == ss.load("inversion")


def test_who_may_not_use_real_time_priorities_is_told(monkeypatch):
    """Before any process is made, and what to do."""

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    with pytest.raises(HostError, match=r"needs the right to real-time priorities .*; run it as root"):
        inversion.may_be_urgent()


def test_a_system_without_such_mutexes_is_told():
    """By the name of what there is not."""
    mutex = inversion.SharedMutex(inherit=True)
    mutex.lock()
    mutex.unlock()
    with pytest.raises(HostError, match="this system cannot do it: pthread_no_such_thing: there is none"):
        mutex._call("pthread_no_such_thing")
