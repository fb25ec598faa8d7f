"""What holds for every test with real processes: it leaves nothing behind."""

from __future__ import annotations

import gc
import os
import signal
import struct
import time

import pytest

from schedsim.engines.real.linux import LATENCY, throttling
from tests.real.machine import Marked, with_the_machine

HERE = os.path.dirname(os.path.abspath(__file__))
GONE_WITHIN = 20.0
"""So many seconds may it take until the last process is gone; most are when the call returns."""


def pytest_collection_modifyitems(items):
    """Give every test of this folder the marker ``real``."""
    for item in items:
        if str(item.path).startswith(HERE):
            item.add_marker(pytest.mark.real)


def own_settings():
    """Return what a run must not change about the process that calls it."""
    found = {
        "garbage collection": gc.isenabled(),
        "handlers": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGTSTP)],
        "blocked signals": signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        "open files": sorted(os.listdir("/proc/self/fd"))[:-1] if os.path.isdir("/proc/self/fd") else [],
        "folder": os.getcwd(),
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
    }
    if hasattr(os, "sched_getaffinity"):
        found["CPUs"] = os.sched_getaffinity(0)
        found["class"] = (os.sched_getscheduler(0), os.sched_getparam(0).sched_priority)
    return found


def settings_of_the_machine():
    """Return what a run must put back on the machine; asked while no run goes on."""
    return {"limit on real-time processes": throttling(), "latency": latency()}


def latency():
    """Return how long the machine's CPUs may take to wake up (microseconds), None where that is not known."""
    try:
        with open(LATENCY, "rb", buffering=0) as file:
            return struct.unpack("i", file.read(4))[0]
    except OSError:
        return None


@pytest.fixture(autouse=True)
def hung_up_as_usual():
    """Let SIGHUP end processes, also where the tests were started by nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture(autouse=True)
def marked(monkeypatch):
    """After every test no process of it is left, running or stopped, and every setting is as before."""
    mark = Marked()
    monkeypatch.setenv(mark.name, mark.word)
    own, machine = own_settings(), with_the_machine(settings_of_the_machine)
    yield mark
    deadline = time.monotonic() + GONE_WITHIN
    while (left := mark.processes()) and time.monotonic() < deadline:
        time.sleep(0.01)
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert left == {}
    assert own == own_settings()
    assert machine == with_the_machine(settings_of_the_machine)
    mark.close()
