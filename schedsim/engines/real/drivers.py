"""Letting processes run and keeping them from it: three ways behind one interface.

``Bands`` needs the right to real-time priorities (root): all workers are SCHED_FIFO, and a change of
priority is a change of who runs, in about two microseconds. ``Signals`` stops and continues processes,
which everyone may do with their own. ``Suspend`` does the same through psutil, where there is nothing
better. In all three whoever comes next is let go before the present one is held: a CPU never idles
between two tasks.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Final, Protocol

from schedsim.errors import HostError

READY_BAND: Final = 1
ARMED_BAND: Final = 10
RUNNING_BAND: Final = 20
DISPATCHER_BAND: Final = 60


class Driver(Protocol):
    """Who may run. ``process`` is a worker's process id."""

    name: str

    def adopt(self, process: int, cpu: int | None) -> None:
        """Take charge of a worker that waits to be let go, and is pinned to ``cpu``."""

    def run(self, process: int, cpu: int | None) -> None:
        """Let it run on that CPU of the machine; None: wherever the system likes."""

    def hold(self, process: int) -> None:
        """Keep it from running: it is ready, or about to be let go."""

    def arm(self, process: int, cpu: int | None) -> None:
        """Have it run as soon as the one that runs there blocks or ends, if that can be had."""

    def rest(self, process: int) -> None:
        """It blocked or ended by itself: keep it from running when it wakes."""

    def end(self, process: int) -> None:
        """Kill it, as far as that goes without taking a measured CPU its time."""


class Bands:
    """SCHED_FIFO priorities: the running one above the next in line above all others that are ready.

    When the running one blocks or ends, the kernel switches to the next in line by itself.
    """

    name = "bands"

    def __init__(self) -> None:
        """Start with no workers."""
        self.bands: dict[int, int] = {}
        self.cpus: dict[int, int] = {}

    def adopt(self, process: int, cpu: int | None) -> None:
        """Put it into the lowest band."""
        if cpu is not None:
            self.cpus[process] = cpu
        with suppress(ProcessLookupError):  # it died, which its sentinel tells
            os.sched_setscheduler(process, os.SCHED_FIFO, os.sched_param(READY_BAND))
        self.bands[process] = READY_BAND

    def run(self, process: int, cpu: int | None) -> None:
        """Put it into the highest band."""
        _pin(self.cpus, process, cpu)
        self._set(process, RUNNING_BAND)

    def hold(self, process: int) -> None:
        """Put it into the lowest band."""
        self._set(process, READY_BAND)

    def arm(self, process: int, cpu: int | None) -> None:
        """Put it into the middle band."""
        _pin(self.cpus, process, cpu)
        self._set(process, ARMED_BAND)

    def rest(self, process: int) -> None:
        """Put it into the lowest band."""
        self._set(process, READY_BAND)

    def end(self, process: int) -> None:
        """Kill it, on this process' own CPU: also to die takes time, and a lower band would have none."""
        _kill(self.cpus, process)

    def _set(self, process: int, band: int) -> None:
        if self.bands.get(process) != band:
            try:
                os.sched_setparam(process, os.sched_param(band))
            except ProcessLookupError:
                return  # it died, which its sentinel tells
            self.bands[process] = band


class Signals:
    """SIGCONT for the next one, then SIGSTOP for the present one."""

    name = "signals"

    def __init__(self) -> None:
        """Start with no workers."""
        self.held: dict[int, bool] = {}
        self.cpus: dict[int, int] = {}

    def adopt(self, process: int, cpu: int | None) -> None:
        """Leave it waiting."""
        self.held[process] = False
        if cpu is not None:
            self.cpus[process] = cpu

    def run(self, process: int, cpu: int | None) -> None:
        """Continue it."""
        _pin(self.cpus, process, cpu)
        if self.held[process]:
            self.resume(process)
            self.held[process] = False

    def hold(self, process: int) -> None:
        """Stop it."""
        if not self.held[process]:
            self.suspend(process)
            self.held[process] = True

    def arm(self, process: int, cpu: int | None) -> None:
        """Do nothing: who is continued, runs."""

    def rest(self, process: int) -> None:
        """Stop it while it sleeps."""
        self.hold(process)

    def end(self, process: int) -> None:
        """Kill it, on this process' own CPU."""
        _kill(self.cpus, process)

    def suspend(self, process: int) -> None:
        """Stop the process."""
        _send(process, signal.SIGSTOP)

    def resume(self, process: int) -> None:
        """Let the process go on."""
        _send(process, signal.SIGCONT)


def _send(process: int, number: signal.Signals) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return  # it died, which its sentinel tells


def _kill(cpus: dict[int, int], process: int) -> None:
    """Kill a process; one that is pinned dies where this process is."""
    with suppress(ProcessLookupError):  # it died, which its sentinel tells
        if process in cpus:
            os.sched_setaffinity(process, os.sched_getaffinity(0))
        os.kill(process, signal.SIGKILL)


def _pin(cpus: dict[int, int], process: int, cpu: int | None) -> None:
    """Have a process run on ``cpu`` of the machine alone, if it does not yet; ``cpus`` says where each one is."""
    if cpu is not None and cpus.get(process) != cpu:
        with suppress(ProcessLookupError):  # it died, which its sentinel tells
            os.sched_setaffinity(process, {cpu})
        cpus[process] = cpu


class Suspend(Signals):
    """The same through psutil, for systems that stop processes in another way; nothing is pinned."""

    name = "psutil"

    def __init__(self) -> None:
        """Start with no workers. Raises HostError when psutil is not installed."""
        super().__init__()
        try:
            import psutil
        except ImportError:
            raise HostError("the driver psutil needs psutil; give: pip install 'schedsim[real]'") from None
        self.psutil = psutil
        self.processes: dict[int, psutil.Process] = {}

    def adopt(self, process: int, cpu: int | None) -> None:
        """Leave it waiting."""
        super().adopt(process, cpu)
        with suppress(self.psutil.NoSuchProcess):
            self.processes[process] = self.psutil.Process(process)

    def run(self, process: int, cpu: int | None) -> None:
        """Continue it, wherever."""
        del cpu
        super().run(process, None)

    def suspend(self, process: int) -> None:
        """Suspend the process."""
        if process in self.processes:
            with suppress(self.psutil.NoSuchProcess):  # it died, which its sentinel tells
                self.processes[process].suspend()

    def resume(self, process: int) -> None:
        """Resume the process."""
        if process in self.processes:
            with suppress(self.psutil.NoSuchProcess):
                self.processes[process].resume()
