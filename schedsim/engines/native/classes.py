"""The kernel's scheduling classes: what they need of a mix, and how workers are put into them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from schedsim.engines.native.rebuild import Slices
from schedsim.engines.real.linux import (
    LINUX,
    longest_period,
    round_robin_slice,
    set_deadline,
    tick,
    tick_seen,
)
from schedsim.engines.real.stage import LEAD
from schedsim.errors import HostError, UsageError
from schedsim.jobs import Job, Mix
from schedsim.operations import Cpu, Io, Yield
from schedsim.times import Ns, show

KINDS: Final = ("fifo", "rr", "other", "deadline")
REALTIME: Final = ("fifo", "rr")
WORKER_BAND: Final = 10
"""The priority of all workers in SCHED_FIFO and SCHED_RR."""
SETTLED: Final = 60_000_000
"""A run under SCHED_DEADLINE begins so long (nanoseconds) after its workers were told when."""
ALONE: Final = 0.0005
"""Seconds in which a worker under SCHED_OTHER that was told when the run begins has gone to sleep until then."""
SPARE: Final = 5_000_000
"""So much more CPU time (nanoseconds) than its program says is a deadline worker allowed, and a tenth of that."""
ADMITTED: Final = 0.89
"""Of each CPU, what SCHED_DEADLINE is asked for at most: of 95 % the kernel keeps another 5 for all that is not in it."""


_NAMES: Final = {"fifo": "SCHED_FIFO", "rr": "SCHED_RR", "other": "a nice value", "deadline": "SCHED_FIFO"}


class Kernel(NamedTuple):
    """A class of the kernel, and what has been chosen for a mix in it."""

    kind: str
    tick: Ns = 0
    """Length of a timer tick, 0 if it is not known."""
    slices: Slices = Slices()
    deadlines: tuple[tuple[Ns, Ns, Ns], ...] = ()
    """Of each worker under SCHED_DEADLINE: runtime, deadline, period."""
    cpus: tuple[int, ...] = ()
    """On which CPUs of the machine the workers may be."""

    @property
    def phase(self) -> Ns:
        """When the first timer tick of a run is: never where whole numbers of ticks or of half ticks are."""
        return self.tick - self.tick * 3 // 8

    def epoch(self, workers: int) -> Ns:
        """Return when a run of so many workers is to begin that is being prepared now, by the monotonic clock."""
        seen = tick_seen(self.tick) - self.phase if self.tick else 0
        lead = SETTLED if self.deadlines else LEAD
        if self.kind == "other":
            lead += int(2e9 * ALONE) * workers
        begins = time.monotonic_ns() + lead
        return begins + (seen - begins) % self.tick if self.tick else begins


def kernel_class(kind: str, mix: Mix, cpus: tuple[int, ...], everywhere: int) -> Kernel:
    """Return the class that ``kind`` names, with what it needs for ``mix``.

    Args:
        kind: one of KINDS.
        mix: what is to be run.
        cpus: on which CPUs of the machine.
        everywhere: how many CPUs the machine has.

    Raises UsageError for what has no meaning there, HostError for what this machine does not have.
    """
    if kind not in KINDS:
        raise UsageError(f"the kernel's class is {kind!r}; write {', '.join(KINDS[:-1])} or {KINDS[-1]}")
    if not LINUX:
        raise HostError("the kernel's own classes are measured on Linux alone; leave --native out")
    if mix.degree is not None:
        raise UsageError("without a dispatcher nobody holds jobs back; leave degree out")
    if kind == "deadline" and mix.cpus != everywhere:
        raise UsageError(
            f"processes under SCHED_DEADLINE cannot be pinned: the mix has {mix.cpus} of {everywhere} CPUs; "
            f"write --cpus {everywhere}"
        )
    if kind != "deadline" and mix.cpus > 1:
        raise UsageError(
            "on several CPUs the kernel keeps a queue for each, and the simulation one for all; write --cpus 1"
        )
    for job in mix.jobs:
        _refuse(kind, job)
    ticks = tick()
    length = 0 if ticks is None else ticks[0]
    slices = Slices(strangers=kind == "other")
    if kind == "rr":
        slices = Slices(length=round_robin_slice() or -1, tolerance=2 * length)
    return Kernel(kind, length, slices, admitted(mix) if kind == "deadline" else (), cpus)


def _refuse(kind: str, job: Job) -> None:
    """Raise UsageError for a program of which a native run could not be told."""
    steps = job.operations
    for place, step in enumerate(steps):
        if isinstance(step, Io) and step.device:
            raise UsageError(
                f"job {job.id!r} has I/O on {step.device!r}, and without a dispatcher nobody grants a device; "
                "leave the device's name out"
            )
        if not isinstance(step, Yield):
            continue
        if kind not in REALTIME:
            raise UsageError(
                f"job {job.id!r} yields, which is no place at the tail in this class; leave its yields out"
            )
        around = (*steps[max(0, place - 1) : place], *steps[place + 1 : place + 2])
        if len(around) < 2 or not all(isinstance(other, Cpu) for other in around):
            raise UsageError(
                f"job {job.id!r} has a yield that does not stand between two CPU bursts, and nobody would see it; "
                "leave it out"
            )


def admitted(mix: Mix) -> tuple[tuple[Ns, Ns, Ns], ...]:
    """Return runtime, deadline and period of each job, so that the kernel admits them all.

    The period is as long as it may be, since no job comes twice. The runtime is what the job needs and
    a little more, so that it never uses it up. A job that wakes after I/O has its runtime cut to the share
    of the time to its deadline that it has of the whole, so with I/O it gets as much as can be had.

    Raises UsageError for a job that cannot be run so.
    """
    unit, period = mix.unit, longest_period()
    needs: list[Ns] = []
    for job in mix.jobs:
        if job.deadline is None:
            raise UsageError(f"job {job.id!r} has no deadline; every job needs one under SCHED_DEADLINE")
        if not isinstance(job.program, tuple):
            raise UsageError(
                f"job {job.id!r} has a generator program, and SCHED_DEADLINE has to be told how long it computes"
            )
        if not job.cpu + SPARE // 5 <= job.deadline <= period:
            raise UsageError(
                f"job {job.id!r} has a deadline of {show(job.deadline, unit)} {unit}; SCHED_DEADLINE takes none "
                f"that is shorter than its CPU time and 1 ms, or longer than {show(period, unit)} {unit}"
            )
        needs.append(min(job.cpu + job.cpu // 10 + SPARE, job.deadline))
    room = int(ADMITTED * period * mix.cpus) - sum(needs)
    if room < 0:
        raise UsageError(
            f"the jobs need {show(sum(needs), unit)} {unit} of CPU time in all, and SCHED_DEADLINE takes on "
            f"{show(room + sum(needs), unit)} {unit} at once here; leave some out, or scale them down"
        )
    waits = [any(isinstance(step, Io) for step in job.operations) for job in mix.jobs]
    deadlines = [job.deadline or 0 for job in mix.jobs]
    wanted = sum(deadline - need for need, deadline, io in zip(needs, deadlines, waits, strict=True) if io)
    return tuple(
        (need + (min(wanted, room) * (deadline - need) // wanted if io and wanted else 0), deadline, period)
        for need, deadline, io in zip(needs, deadlines, waits, strict=True)
    )


def enter(kernel: Kernel, jobs: Sequence[Job], processes: Sequence[int]) -> None:
    """Put the workers into their class. Raises HostError when the kernel refuses."""
    try:
        for job, process in zip(jobs, processes, strict=True):
            if kernel.kind in REALTIME:
                policy = os.SCHED_FIFO if kernel.kind == "fifo" else os.SCHED_RR
                os.sched_setscheduler(process, policy, os.sched_param(WORKER_BAND))
            elif kernel.kind == "other":
                os.sched_setscheduler(process, os.SCHED_OTHER, os.sched_param(0))
                os.setpriority(os.PRIO_PROCESS, process, job.nice)
            else:
                os.sched_setaffinity(process, kernel.cpus)
                # So that none is kept from going to sleep until its job arrives.
                os.sched_setscheduler(process, os.SCHED_FIFO, os.sched_param(WORKER_BAND))
    except PermissionError as error:
        raise HostError(
            f"the kernel refuses {_NAMES[kernel.kind]}: {error.strerror}; that needs root, or CAP_SYS_NICE"
        ) from None


def enter_deadline(kernel: Kernel, processes: Sequence[int]) -> None:
    """Put workers that sleep until their jobs arrive into SCHED_DEADLINE.

    A process that was never in that class has no deadline yet: it gets one when it next wakes, from then on.
    Raises HostError when the kernel refuses.
    """
    try:
        for process, (runtime, deadline, period) in zip(processes, kernel.deadlines, strict=True):
            set_deadline(process, runtime, deadline, period)
    except OSError as error:
        raise HostError(
            f"the kernel refuses SCHED_DEADLINE: {error.strerror}; that needs root, CPUs that are not parted, and "
            "room beside others in this class"
        ) from None
