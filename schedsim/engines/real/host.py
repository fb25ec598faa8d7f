"""What this machine allows, and where a run takes place on it."""

from __future__ import annotations

import os
import platform
import signal
import sys
from typing import Any, Final, NamedTuple

from schedsim.engines.real.linux import LATENCY, LINUX, throttling, tick
from schedsim.errors import HostError, UsageError
from schedsim.times import Ns

DRIVERS: Final = ("bands", "signals", "psutil")
START_METHODS: Final = ("fork", "spawn", "forkserver")
THROTTLED_AFTER: Final = 0.95
"""Of a throttling period, a little more than mixes may use without being throttled."""


class Host(NamedTuple):
    """What this process may do on this machine."""

    cpus: tuple[int, ...]
    """The CPUs it may run on; empty where processes cannot be pinned."""
    realtime: bool
    """Whether it may use SCHED_FIFO."""
    stops: bool
    """Whether processes are stopped and continued by signals."""
    throttle: tuple[int, int] | None
    """How long real-time processes may run in each period (microseconds, -1: always); None: not known."""
    may_unthrottle: bool
    may_keep_awake: bool


def host() -> Host:
    """Find out, by trying what can be tried and undone."""
    throttle = throttling()
    return Host(
        cpus=tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_setaffinity") else (),
        realtime=_may_use_fifo(),
        stops=os.name == "posix",
        throttle=throttle,
        may_unthrottle=throttle is not None and os.access("/proc/sys/kernel/sched_rt_runtime_us", os.W_OK),
        may_keep_awake=os.access(LATENCY, os.W_OK),
    )


def _may_use_fifo() -> bool:
    if not hasattr(os, "sched_setscheduler"):
        return False
    before, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    # No Ctrl-C between the two: this process must not keep what is only tried.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        os.sched_setscheduler(0, before, parameter)
    except OSError:
        return False
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return True


class Placing(NamedTuple):
    """Where a run takes place, and by which driver."""

    driver: str
    measured: tuple[int | None, ...]
    """The machine's number of each measured CPU; None where nothing can be pinned."""
    dispatcher: int | None
    shared: bool
    """Whether the dispatcher takes its time from a measured CPU."""
    unthrottle: bool
    realtime: bool
    """Whether the dispatcher itself has a real-time priority."""
    notes: tuple[str, ...] = ()


def place(here: Host, cpus: int, driver: str, busiest: Ns, *, unthrottle: bool) -> Placing:
    """Return where a run on ``cpus`` CPUs takes place.

    Args:
        here: what the machine allows.
        cpus: how many CPUs are to be measured.
        driver: one of DRIVERS, or ``auto`` for the best that is to be had.
        busiest: the most CPU time (nanoseconds) that the mix asks of one CPU in any throttling period.
        unthrottle: whether the kernel's limit on real-time processes is to be lifted for the run.

    Raises UsageError for what cannot be written, HostError for what this machine refuses.
    """
    notes: list[str] = []
    if driver not in ("auto", *DRIVERS):
        raise UsageError(f"driver is {driver!r}; write auto, {', '.join(DRIVERS[:-1])} or {DRIVERS[-1]}")
    if here.cpus and cpus > len(here.cpus):
        raise HostError(
            f"{cpus} CPUs are to be measured, and this process may use {len(here.cpus)} here; "
            f"write --cpus {len(here.cpus)}"
        )
    if unthrottle and not here.may_unthrottle and here.throttle is not None and here.throttle[0] >= 0:
        raise HostError(
            "the limit on real-time processes can be lifted by root alone; leave --unthrottle out"
        )
    chosen = driver
    if driver == "bands" and not here.realtime:
        raise HostError(
            "the driver bands needs the right to real-time priorities (root, or CAP_SYS_NICE); "
            "write --driver signals"
        )
    if driver == "auto":
        chosen = "bands" if here.realtime else "signals" if here.stops else "psutil"
        if chosen == "signals":
            notes.append(
                "no right to real-time priorities: processes are stopped and continued by signals, "
                "which other programs can disturb"
            )
    if chosen == "bands" and not unthrottle and would_be_throttled(here, busiest):
        if driver == "auto":
            chosen = "signals"
            notes.append(
                f"{throttled_words(here)}, so signals are used; --unthrottle lifts that limit for the run"
            )
        else:
            notes.append(
                f"{throttled_words(here)}: expect an invalid run; --unthrottle lifts that limit for the run"
            )
    if chosen == "psutil" or not here.cpus:
        return Placing(
            chosen, (None,) * cpus, None, shared=False, unthrottle=False, realtime=False, notes=tuple(notes)
        )
    measured, dispatcher, shared = spread(here, cpus)
    if shared:
        notes.append(
            f"there is no CPU to spare: the dispatcher takes its time, some 100 to 200 microseconds for each "
            f"decision, from measured CPU {dispatcher}"
        )
    lift = unthrottle and chosen == "bands" and here.throttle is not None and here.throttle[0] >= 0
    return Placing(chosen, measured, dispatcher, shared, lift, here.realtime, tuple(notes))


def spread(here: Host, cpus: int) -> tuple[tuple[int, ...], int, bool]:
    """Return the CPUs to be measured, the one beside them, and whether that is one of them.

    CPU 0 serves most interrupts, so it is measured last, and the dispatcher goes there.
    """
    measured = here.cpus[::-1][:cpus]
    spare = [cpu for cpu in here.cpus if cpu not in measured]
    return measured, spare[0] if spare else measured[-1], not spare


def would_be_throttled(here: Host, busiest: Ns) -> bool:
    """Return whether real-time processes that compute for ``busiest`` in one period would be held up."""
    if here.throttle is None or here.throttle[0] < 0:
        return False
    return busiest > here.throttle[0] * 1000 * THROTTLED_AFTER


def throttled_words(here: Host) -> str:
    """Return that this is so, as the beginning of a sentence."""
    limit = 0 if here.throttle is None else here.throttle[0]
    return (
        f"the mix keeps a CPU busy for longer than the {limit / 1e6:g} s after which this kernel throttles "
        "real-time processes"
    )


def facts() -> tuple[tuple[str, Any], ...]:
    """Return what is worth knowing of this machine: a calibration holds as long as it stays the same.

    Its name is not among it.
    """
    ticks = tick()
    return (
        ("system", platform.system()),
        ("kernel", platform.release()),
        ("machine", platform.machine()),
        ("processor", _processor()),
        ("cpus", os.cpu_count()),
        ("tick", None if ticks is None else ticks[0]),
        ("python", ".".join(map(str, sys.version_info[:3]))),
        ("implementation", sys.implementation.name),
    )


def _processor() -> str:
    """Return the model of the processor, as far as the system says."""
    if LINUX:
        try:
            with open("/proc/cpuinfo", encoding="utf-8") as file:
                for line in file:
                    if line.lower().startswith("model name"):
                        return line.partition(":")[2].strip()
        except OSError:
            pass  # then as elsewhere
    return platform.processor()
