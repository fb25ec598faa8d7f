"""Who is let run where, and the three ways of letting a process run, on an operating system that writes it down."""

from __future__ import annotations

import os
import signal
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from schedsim.engines.real import drivers
from schedsim.engines.real.drivers import Bands, Signals, Suspend
from schedsim.engines.real.placement import Placement
from schedsim.errors import HostError
from schedsim.scheduler.processor import Processor
from schedsim.testing.machine import make_task


class WrittenDown:
    """A driver that writes down what it is told: ``run 101 on 7``."""

    name = "written"

    def __init__(self):
        """Start with nothing."""
        self.said = []

    def adopt(self, process, cpu):
        """Write it down."""
        self.said.append(f"adopt {process} on {cpu}")

    def run(self, process, cpu):
        """Write it down."""
        self.said.append(f"run {process} on {cpu}")

    def hold(self, process):
        """Write it down."""
        self.said.append(f"hold {process}")

    def arm(self, process, cpu):
        """Write it down."""
        self.said.append(f"arm {process} on {cpu}")

    def rest(self, process):
        """Write it down."""
        self.said.append(f"rest {process}")

    def taken(self):
        """Return what was written since the last call."""
        said, self.said = self.said, []
        return said


@pytest.fixture
def driver():
    """Such a driver."""
    return WrittenDown()


@pytest.fixture
def placement(driver):
    """Four workers, 100 to 103, and two CPUs, which the machine calls 7 and 6."""
    workers: list[Any] = [SimpleNamespace(process=100 + index) for index in range(4)]
    return Placement(driver, workers, [7, 6])


class Believes:
    """What a scheduler believes: who is next, and what is left of the task on each CPU, None for idle ones."""

    def __init__(self, following, *left):
        """Make its processors."""
        self.following = None if following is None else make_task("next", index=following)
        self.processors = []
        for number, length in enumerate(left):
            processor = Processor(number)
            if length is not None:
                processor.task = make_task("A")
                processor.task.left = length
            self.processors.append(processor)

    def next_in_line(self):
        """Return the task."""
        return self.following


def test_the_next_one_before_the_present_one_is_held(placement, driver):
    """So a CPU never idles between two."""
    placement.run(0, 0)
    placement.run(1, 0)
    assert ["run 100 on 7", "run 101 on 7", "hold 100"] == driver.taken()
    assert [1, None] == placement.on


def test_who_runs_already_is_left_alone(placement, driver):
    """Nothing is said twice."""
    placement.run(0, 0)
    driver.taken()
    placement.run(0, 0)
    assert [] == driver.taken()


def test_to_another_cpu(placement, driver):
    """Its own is free then."""
    placement.run(0, 0)
    placement.run(0, 1)
    assert ["run 100 on 7", "run 100 on 6"] == driver.taken()
    assert [None, 0] == placement.on


def test_who_blocks_is_at_rest(placement, driver):
    """And its CPU free."""
    placement.run(0, 0)
    placement.rest(0)
    assert ["run 100 on 7", "rest 100"] == driver.taken()
    assert [None, None] == placement.on


def test_the_dead_are_left_alone(placement, driver):
    """Neither held nor put to rest, and never armed."""
    placement.run(0, 0)
    placement.run(2, 1)
    placement.bury(0)
    assert [None, 2] == placement.on
    driver.taken()
    placement.rest(0)
    placement.arm(Believes(0, None, 5))
    assert [] == driver.taken()
    placement.run(1, 0)
    placement.bury(1)
    placement.run(3, 0)
    assert ["run 101 on 7", "run 103 on 7"] == driver.taken()


def test_the_next_in_line_is_armed(placement, driver):
    """On the CPU that should be free first; once."""
    placement.arm(Believes(3, 9, 4))
    placement.arm(Believes(3, 9, 4))
    assert ["arm 103 on 6"] == driver.taken()
    placement.arm(Believes(3, 9, None))  # it stays where it is
    assert [] == driver.taken()


def test_another_one_is_armed(placement, driver):
    """Who was armed is held, unless it runs by now."""
    placement.arm(Believes(3, 9, 4))
    placement.arm(Believes(2, 3, 4))
    assert ["arm 103 on 6", "hold 103", "arm 102 on 7"] == driver.taken()
    placement.run(2, 0)
    placement.arm(Believes(1, 9, 4))
    assert ["run 102 on 7", "arm 101 on 6"] == driver.taken()
    placement.arm(Believes(None, 9, 4))
    assert ["hold 101"] == driver.taken()
    assert placement.armed is None


def test_who_runs_is_not_armed(placement, driver):
    """The scheduler may not know yet that it does."""
    placement.run(2, 0)
    driver.taken()
    placement.arm(Believes(2, 9, 4))
    assert [] == driver.taken()
    placement.arm(Believes(3, 9, 4))
    placement.bury(3)
    assert placement.armed is None


class WrittenSystem:
    """An operating system that writes down what is asked of processes; those in ``gone`` are gone."""

    SCHED_FIFO = os.SCHED_FIFO

    def __init__(self):
        """Start with nothing."""
        self.said, self.gone = [], set()

    def _say(self, process, words):
        if process in self.gone:
            raise ProcessLookupError
        self.said.append(f"{process} {words}")

    def sched_param(self, priority):
        """Return the priority."""
        return priority

    def sched_setscheduler(self, process, policy, parameter):
        """Write it down."""
        assert os.SCHED_FIFO == policy
        self._say(process, f"fifo {parameter}")

    def sched_setparam(self, process, parameter):
        """Write it down."""
        self._say(process, f"priority {parameter}")

    def sched_setaffinity(self, process, cpus):
        """Write it down."""
        self._say(process, f"pinned {sorted(cpus)}")

    def kill(self, process, number):
        """Write it down."""
        self._say(process, number.name)

    def taken(self):
        """Return what was written since the last call."""
        said, self.said = self.said, []
        return said


@pytest.fixture
def system(monkeypatch):
    """Such a system, in place of the real one."""
    written = WrittenSystem()
    monkeypatch.setattr(drivers, "os", written)
    return written


def test_bands(system):
    """Running above armed above ready; what holds already is not said again."""
    driver = Bands()
    driver.adopt(100, 7)
    driver.arm(100, 7)
    driver.run(100, 7)
    driver.run(100, 7)
    driver.rest(100)
    driver.hold(100)
    assert ["100 fifo 1", "100 priority 10", "100 priority 20", "100 priority 1"] == system.taken()
    assert drivers.READY_BAND < drivers.ARMED_BAND < drivers.RUNNING_BAND < drivers.DISPATCHER_BAND


@pytest.mark.parametrize("make", [Bands, Signals])
def test_another_cpu(system, make):
    """It is pinned there before it is let run, and only when that changes."""
    driver = make()
    driver.adopt(100, 7)
    system.taken()
    driver.run(100, 6)
    driver.run(100, 6)
    driver.run(100, None)
    assert "100 pinned [6]" == system.taken()[0]
    assert ["100 pinned [6]"] == [said for said in [*system.taken(), "100 pinned [6]"] if "pinned" in said]


def test_signals(system):
    """Stopped and continued, each once."""
    driver = Signals()
    driver.adopt(100, 7)
    driver.run(100, 7)
    driver.hold(100)
    driver.hold(100)
    driver.arm(100, 7)
    driver.run(100, 7)
    driver.rest(100)
    assert ["100 SIGSTOP", "100 SIGCONT", "100 SIGSTOP"] == system.taken()


@pytest.mark.parametrize("make", [Bands, Signals])
def test_a_process_that_is_gone(system, make):
    """Its death is heard of in another way; here it is no error, whatever is asked."""
    driver = make()
    driver.adopt(100, 7)
    system.gone.update((100, 101))
    driver.adopt(101, 7)
    for process in (100, 101):
        driver.run(process, 6)
        driver.hold(process)
        driver.arm(process, 5)
        driver.rest(process)
    assert [] == [said for said in system.taken() if not said.startswith("100 fifo")]


class Psutil:
    """The library, as far as it is used."""

    class NoSuchProcess(Exception):  # noqa: N818  # it is the library's name
        """It is gone."""

    def __init__(self, system):
        """Write down there."""
        self.system = system

    def Process(self, number):  # noqa: N802  # as above
        """Return a process."""

        def told(name):
            def tell():
                try:
                    self.system.kill(number, name)
                except ProcessLookupError:
                    raise self.NoSuchProcess from None

            return tell

        if number in self.system.gone:
            raise self.NoSuchProcess
        return SimpleNamespace(suspend=told(signal.SIGSTOP), resume=told(signal.SIGCONT))


def test_psutil(system, monkeypatch):
    """The same as signals, through the library; nothing is pinned, and who is gone is no error."""
    monkeypatch.setitem(sys.modules, "psutil", Psutil(system))
    driver = Suspend()
    system.gone.add(101)
    for process in (100, 101):
        driver.adopt(process, None)
        driver.hold(process)
        driver.run(process, 7)
    system.gone.add(100)
    driver.rest(100)
    driver.run(100, None)
    assert ["100 SIGSTOP", "100 SIGCONT"] == system.taken()


def test_psutil_is_not_there(monkeypatch):
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(HostError) as caught:
        Suspend()
    assert "the driver psutil needs psutil; give: pip install 'schedsim[real]'" == str(caught.value)
