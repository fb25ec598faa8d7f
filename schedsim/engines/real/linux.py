"""What only Linux has, each as a call that says no elsewhere: the file that knows about ctypes."""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from schedsim.times import Ns

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_TIMERSLACK: Final = 29
_PR_SET_CHILD_SUBREAPER: Final = 36
_TIMER_ABSTIME: Final = 1
_CLOCK_MONOTONIC: Final = 1
_SCHED_DEADLINE: Final = 6
_SYS_SCHED_SETATTR: Final = {"x86_64": 314, "aarch64": 274, "riscv64": 274, "ppc64le": 355, "s390x": 345}

LINUX: Final = sys.platform.startswith("linux")
THROTTLING: Final = "/proc/sys/kernel/sched_rt_runtime_us"
LATENCY: Final = "/dev/cpu_dma_latency"


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


_libc: Any = ctypes.CDLL(None, use_errno=True) if LINUX else None


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let a SIGTERM or SIGALRM wait until the block is over, in which something is begun that has to be put back.

    A process that is made within the block has to let it through again by itself.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGALRM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def die_with_parent(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send ``number`` to this process when ``parent`` dies, and end now if it is dead.

    ``parent`` is 0 where it is not known: then it is whoever it is now.
    """
    parent = parent or os.getppid()
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def exact_timers() -> None:
    """Have this process' sleeps end when they are due, and not up to 50 microseconds later."""
    if _libc is not None:
        _libc.prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)


def sleep_until(when: Ns) -> None:
    """Sleep until the monotonic clock says ``when``.

    Where it can be had, by an absolute deadline: a process that is stopped just before it sleeps, and
    let go later, then does not sleep for longer.
    """
    if _libc is None:
        while (left := when - time.monotonic_ns()) > 0:
            time.sleep(left / 1e9)
        return
    deadline = _Timespec(when // 1_000_000_000, when % 1_000_000_000)
    while True:
        _libc.clock_nanosleep(_CLOCK_MONOTONIC, _TIMER_ABSTIME, ctypes.byref(deadline), None)
        if time.monotonic_ns() >= when:
            return


def keep_awake() -> int | None:
    """Have idle CPUs poll instead of halting, until the returned file is closed; None where it is refused.

    A halted virtual CPU takes 50 to 150 microseconds to come back; one that polls, about 6. The kernel
    itself takes the wish back when the file is closed, also by a process that is killed.
    """
    try:
        file = os.open(LATENCY, os.O_WRONLY)
    except OSError:
        return None
    try:
        os.write(file, struct.pack("i", 0))
    except OSError:
        os.close(file)
        return None
    return file


def throttling() -> tuple[int, int] | None:
    """Return for how long real-time processes may run in each period (microseconds, -1: always), or None."""
    try:
        with open(THROTTLING, encoding="ascii") as file:
            runtime = int(file.read())
        with open("/proc/sys/kernel/sched_rt_period_us", encoding="ascii") as file:
            return runtime, int(file.read())
    except (OSError, ValueError):
        return None


def set_throttling(runtime: int) -> None:
    """Let real-time processes run for ``runtime`` microseconds of each period. Raises OSError."""
    with open(THROTTLING, "w", encoding="ascii") as file:
        file.write(str(runtime))


def set_deadline(process: int, runtime: Ns, deadline: Ns, period: Ns) -> None:
    """Put a process into SCHED_DEADLINE. Raises OSError when the kernel does not admit it."""
    number = _SYS_SCHED_SETATTR.get(os.uname().machine)
    if _libc is None or number is None:
        raise OSError(38, "SCHED_DEADLINE is not to be had here")
    attributes = struct.pack("=IIQiIQQQII", 56, _SCHED_DEADLINE, 0, 0, 0, runtime, deadline, period, 0, 0)
    if _libc.syscall(number, process, attributes, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def tick() -> tuple[Ns, Ns] | None:
    """Return the length of a timer tick and when the last one was, by the monotonic clock; None elsewhere.

    The kernel's coarse clock stands still between ticks, so its resolution is the tick.
    """
    coarse = getattr(time, "CLOCK_MONOTONIC_COARSE", 6) if LINUX else None
    if coarse is None:
        return None
    try:
        return round(time.clock_getres(coarse) * 1e9), time.clock_gettime_ns(coarse)
    except OSError:
        return None


def tick_seen(length: Ns, looks: int = 4) -> Ns:
    """Return when there was a timer tick, by the monotonic clock, late by some 20 microseconds.

    When the coarse clock was last set is not when the tick was, so it is watched until it is set again.
    ``length`` is that of a tick; of several ``looks`` the least late one counts.
    """
    coarse = getattr(time, "CLOCK_MONOTONIC_COARSE", 6)
    found: list[Ns] = []
    before = time.clock_gettime_ns(coarse)
    last = time.monotonic_ns() + 2 * looks * length
    while len(found) < looks and time.monotonic_ns() < last:
        now = time.clock_gettime_ns(coarse)
        if now != before:
            found.append(time.monotonic_ns())
            before = now
    if not found:
        return before
    first = found[0]
    return first + min((when - first + length // 2) % length - length // 2 for when in found)


def round_robin_slice() -> Ns | None:
    """Return the kernel's slice of SCHED_RR, found by being in that class for a moment; None if it may not be."""
    if _libc is None:
        return None
    before, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError:
        return None
    length = os.sched_rr_get_interval(0)
    os.sched_setscheduler(0, before, parameter)
    return round(length * 1e9)


def longest_period() -> Ns:
    """Return the longest period that SCHED_DEADLINE takes."""
    try:
        with open("/proc/sys/kernel/sched_deadline_period_max_us", encoding="ascii") as file:
            return int(file.read()) * 1000
    except (OSError, ValueError):
        return 1 << 42  # about 4 s, which is what kernels have by themselves


def come_first() -> bool:
    """Put this process and its children into a group that goes before all others; return whether that worked.

    Linux shares a CPU out first to sessions and then within each. A new session with a better nice value
    of its own has a CPU nearly for itself.
    """
    try:
        os.setsid()
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:
            file.write("-20")
    except OSError:
        return False
    return True


def stolen_ticks(cpus: tuple[int, ...]) -> int | None:
    """Return what the kernel counts as stolen from these CPUs, in hundredths of a second since it booted."""
    wanted = {f"cpu{cpu}" for cpu in cpus}
    try:
        with open("/proc/stat", encoding="ascii") as file:
            rows = [line.split() for line in file if line.split()[0] in wanted]
        return sum(int(row[8]) for row in rows) if rows else None
    except (OSError, ValueError, IndexError):
        return None


def adopt_orphans() -> None:
    """Have the kernel make this process the parent of descendants whose own parent ends."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
