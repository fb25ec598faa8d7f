"""What is known of a real machine and of a run on it, as plain values that everyone may read.

``Overheads`` are what dispatches cost there, measured apart from any run; ``Observed`` is what happened
in one run that was not the policy's doing; ``Validity`` says whether the run was disturbed so much that
nothing follows from it. A simulation takes the first two as input, a crosscheck judges by the third.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from schedsim.times import Ns


class Overheads(NamedTuple):
    """What a dispatch costs before its task computes, by what came before it on that CPU (nanoseconds)."""

    completion: Ns = 0
    """After a task that blocked or ended."""
    preemption: Ns = 0
    """After a task whose slice expired, or that was preempted or yielded."""
    arrival: Ns = 0
    """On an idle CPU, of a task that has just arrived."""
    wake: Ns = 0
    """On an idle CPU, of a task whose I/O has just ended."""
    stop: Ns = 0
    """Not a cost: how long after it was asked for a preempted task leaves its CPU. Until then it computes."""
    overrun: Ns = 0
    """Likewise: how long after the end of its slice a task leaves its CPU, if another one waits for it."""


class Stolen(NamedTuple):
    """A length of time in which a CPU did not work for the task that had it (nanoseconds)."""

    cpu: int
    start: Ns
    end: Ns
    stranger: bool
    """Whether another process of this machine had the CPU, and not the machine's own host."""


class Observed(NamedTuple):
    """What happened in one real run that was not the policy's doing (nanoseconds since its start)."""

    releases: tuple[tuple[int, Ns], ...] = ()
    """The job's place in the mix, and when it was let go."""
    sleeps: tuple[tuple[int, int, Ns], ...] = ()
    """The job's place in the mix, which of its I/Os (from 0), and how long it took."""
    stolen: tuple[Stolen, ...] = ()
    """In order of start; those of one CPU do not overlap."""
    lateness: tuple[Ns, ...] = ()
    """How long after each thing that was due or happened the dispatcher dealt with it."""


class Validity(NamedTuple):
    """Whether a real run was left in peace."""

    valid: bool
    reasons: tuple[str, ...]
    """Why not, a sentence each."""
    stolen_share: float
    """Of the CPU time of the tasks: lost to the host of this machine."""
    stranger_share: float
    """Likewise, to other processes of this machine."""
    lateness: Ns
    """95th percentile, in nanoseconds."""
    throttled: Ns
    """Time lost to the kernel's limit on real-time processes, in nanoseconds."""
    host_steal_share: float | None = None
    """What the kernel says was stolen of the measured CPUs; a coarse cross-check."""


class Facts(NamedTuple):
    """How a real run was made."""

    driver: str
    """bands, signals, psutil, or a class of the kernel: fifo, rr, other, deadline."""
    measured: tuple[int, ...]
    """The machine's numbers of the measured CPUs."""
    dispatcher: int | None
    """The CPU of the dispatcher; None where it cannot be pinned or there is none."""
    shared: bool
    """Whether the dispatcher takes its time from a measured CPU."""
    clock: str
    """What CPU time is read from."""
    start_method: str
    throttling: str
    """What the kernel's limit on real-time processes was during the run."""
    idle: str
    """How the CPUs waited when idle: polling, or as the system does."""
    system: tuple[tuple[str, Any], ...] = ()
    """Kernel, Python, CPU model and the like; never the machine's name."""
