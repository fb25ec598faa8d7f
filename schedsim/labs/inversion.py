"""Inversion: a job of high priority waits for one of medium priority, since one of low priority holds a lock."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schedsim.errors import HostError
from schedsim.experiment import load_mix, run
from schedsim.labs.base import Findings, Lab, Picture, Values, amount
from schedsim.labs.punctual import Meeting, compute, on_time
from schedsim.operations import Cpu, Lock, Unlock
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schedsim.jobs import Job, Mix
    from schedsim.labs.stage import Stage
    from schedsim.results import Run
    from schedsim.tables import Cell

MIX: Final = "inversion"
LOW, MEDIUM, HIGH = NAMES = ("low", "medium", "high")
WAYS: Final = {"lock m": False, "lock m inherit": True}
PLAIN, INHERIT = WAYS
WAIT: Final = "high waits for the lock (ms)"
BACK: Final = "low gives it back at (ms)"
ENDS: Final = {name: f"{name} ends at (ms)" for name in (HIGH, MEDIUM)}
_LOST: Final = 0.01
"""Seconds that a run may take longer than its jobs compute."""


class Course(NamedTuple):
    """What came of a run, in milliseconds from its beginning."""

    asked: float
    """When high asked for the lock,"""
    got: float
    """and when it got it."""
    back: float
    """When low gave the lock back."""
    ends: dict[str, float]
    """When each job ended."""


def mix(*, inherit: bool) -> Mix:
    """Return the three jobs."""
    plain = load_mix(MIX)

    def locking(job: Job) -> Job:
        steps = (Lock(step.mutex, inherit) if isinstance(step, Lock) else step for step in job.operations)
        return job._replace(program=tuple(steps))

    return plain._replace(jobs=tuple(map(locking, plain.jobs)))


def found(courses: dict[str, Course]) -> dict[str, Cell]:
    """Return what the runs show, whoever made them."""
    values: dict[str, Cell] = {}
    for way, course in courses.items():
        values[f"{way}: {BACK}"] = course.back
        values[f"{way}: {WAIT}"] = course.got - course.asked
        for name, what in ENDS.items():
            values[f"{way}: {what}"] = course.ends[name]
    return values


def simulate(seed: int | None) -> Findings:
    """Run the jobs with either kind of lock."""
    del seed
    runs = {way: run(mix(inherit=inherit), notes=False) for way, inherit in WAYS.items()}
    return Findings(
        found({way: _course(made) for way, made in runs.items()}),
        tuple(Picture(f"with {way}", made, lanes=True, always=True) for way, made in runs.items()),
    )


def _course(made: Run) -> Course:
    names = [job.id for job in made.trace.header.jobs]
    asked = got = back = 0.0
    for row in made.trace:
        who, when = names[row.task] if row.task >= 0 else "", row.time / 1e6
        if who == HIGH and row.kind is Kind.WAITS:
            asked = when
        elif who == HIGH and row.kind is Kind.ACQUIRED:
            got = when
        elif who == LOW and row.kind is Kind.RELEASED:
            back = when
    return Course(asked, got, back, {job.id: float(job.finish or 0) for job in made.jobs})


# In real processes: with the kernel's own priorities, and a mutex of the C library, which Python does not have.


class SharedMutex:
    """A mutex in memory that is shared with all processes that are forked from this one.

    Raises HostError where it cannot be had.
    """

    def __init__(self, *, inherit: bool) -> None:
        """Make it free; ``inherit``: whether who holds it is as urgent as whoever waits for it."""
        import ctypes
        import mmap

        self._library = ctypes.CDLL(None)
        self._memory = mmap.mmap(-1, mmap.PAGESIZE)
        self._mutex = (ctypes.c_char * mmap.PAGESIZE).from_buffer(self._memory)
        attributes = ctypes.create_string_buffer(256)
        shared, inherits = 1, int(inherit)  # PTHREAD_PROCESS_SHARED; PTHREAD_PRIO_INHERIT or _NONE
        self._call("pthread_mutexattr_init", attributes)
        self._call("pthread_mutexattr_setpshared", attributes, shared)
        self._call("pthread_mutexattr_setprotocol", attributes, inherits)
        self._call("pthread_mutex_init", self._mutex, attributes)

    def lock(self) -> None:
        """Take it, or wait for it."""
        self._call("pthread_mutex_lock", self._mutex)

    def unlock(self) -> None:
        """Give it back."""
        self._call("pthread_mutex_unlock", self._mutex)

    def _call(self, name: str, *arguments: Any) -> None:
        function = getattr(self._library, name, None)
        if function is None or (error := function(*arguments)):
            why = "there is none" if function is None else os.strerror(error)
            raise HostError(f"this system cannot do it: {name}: {why}")


class _Shared(NamedTuple):
    """What the three processes share with the lab."""

    mutex: SharedMutex
    together: Meeting
    begin: Any
    asked: Any
    got: Any
    back: Any
    ends: Any
    """All moments are those of the monotonic clock."""


def real(stage: Stage) -> Findings:
    """Do the same with three processes of the class SCHED_FIFO on one CPU."""
    may_be_urgent()

    def course(*, inherit: bool) -> Course:
        return on_time(lambda late: _really(stage, late, inherit=inherit), 1, _LOST, stage)

    return Findings(found({way: course(inherit=inherit) for way, inherit in WAYS.items()}))


def may_be_urgent() -> None:
    """Raise HostError where this process may not use real-time priorities."""
    if not hasattr(os, "sched_setscheduler"):
        raise HostError("this system has no SCHED_FIFO; the real part of this lab needs Linux")
    before, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        raise HostError(
            "the real part of this lab needs the right to real-time priorities (SCHED_FIFO); run it as root"
        ) from None
    os.sched_setscheduler(0, before, parameter)


def _really(stage: Stage, late: Any, *, inherit: bool) -> Course:
    """Run the three jobs; ``late`` is told by how many seconds it took longer than they compute."""
    from multiprocessing import get_context

    context = get_context("fork")
    begin, asked, got, back = (context.RawValue("d") for _ in range(4))
    together, ends = Meeting(len(NAMES)), context.RawArray("d", len(NAMES))
    shared = _Shared(SharedMutex(inherit=inherit), together, begin, asked, got, back, ends)
    jobs = mix(inherit=inherit).jobs
    cpu = max(os.sched_getaffinity(0))
    processes = [stage.process(_be, place, job, cpu, shared, name=job.id) for place, job in enumerate(jobs)]
    together.gather()
    begin.value = time.monotonic() + 0.01
    together.let_go()
    stage.join(*processes)

    def since(moment: float) -> float:
        return (moment - float(begin.value)) * 1e3

    ended = {job.id: since(ends[place]) for place, job in enumerate(jobs)}
    late[0] = (max(ended.values()) - sum(job.cpu for job in jobs) / 1e6) / 1e3
    return Course(since(asked.value), since(got.value), since(back.value), ended)


def _be(place: int, job: Job, cpu: int, shared: _Shared) -> None:
    """Be one of the three jobs: what the mix says."""
    os.sched_setaffinity(0, {cpu})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(job.priority))
    shared.together.come(place)
    time.sleep(max(shared.begin.value + job.arrival / 1e9 - time.monotonic(), 0.0))
    for step in job.operations:
        if isinstance(step, Cpu):
            compute(step.ns)
        elif isinstance(step, Lock):
            if job.id == HIGH:
                shared.asked.value = time.monotonic()
            shared.mutex.lock()
            if job.id == HIGH:
                shared.got.value = time.monotonic()
        elif isinstance(step, Unlock):
            if job.id == LOW:  # before it does: afterwards it is no longer on the CPU
                shared.back.value = time.monotonic()
            shared.mutex.unlock()
    shared.ends[place] = time.monotonic()


def check(values: Values) -> Iterator[str]:
    """See that high waits for medium without inheritance, and only for low with it."""
    value = partial(amount, values)

    if not value(PLAIN, ENDS[HIGH]) > value(PLAIN, ENDS[MEDIUM]):
        yield "high ends before medium with any lock"
    if not value(PLAIN, WAIT) > 60:
        yield "high does not wait for medium"
    if not value(INHERIT, ENDS[HIGH]) < value(INHERIT, ENDS[MEDIUM]):
        yield "high ends after medium although low inherits"
    if not value(INHERIT, WAIT) < 25:
        yield "with inheritance high waits for longer than low holds the lock"
    if not value(INHERIT, BACK) < value(INHERIT, ENDS[MEDIUM]):
        yield "low does not go before medium while high waits for it"


LAB: Final = Lab(
    title="high waits for medium, since low holds a lock",
    question="The most urgent job needs a lock for 5 ms, low has it for 20 ms: how long does the urgent one wait at most?",
    prediction="high arrives at 5 ms and computes for 7 ms: when does it end? Medium, less urgent, arrives at 10 ms.",
    text="""
One CPU, preemptive priorities. Low takes the lock m at 0 and computes for 20 ms with it. High arrives at 5 ms, computes for
2 ms, and needs m for 5 ms. Medium arrives at 10 ms and computes for 60 ms; it needs no lock. Then the same with a lock that
inherits: who holds it is as urgent as the most urgent one that waits for it.
""",
    simulate=simulate,
    processes="""
Three processes on one CPU, which the kernel itself schedules by their priorities (SCHED_FIFO, which takes root), and a mutex
of the C library (pthread), without and with PTHREAD_PRIO_INHERIT. Expect the same to within a millisecond or two.
""",
    real=real,
    check=check,
    reason="""
high waits for low, and rightly so. But low does not get the CPU, since medium is more urgent than low: so high waits for
medium, as if their priorities were the other way round. How long depends on how much medium work there is, which has
nothing to do with the lock; that is what held up the Mars Pathfinder in 1997. If low inherits, it is as urgent as
high while high waits: medium cannot come between, and high waits for no longer than low holds the lock. It costs medium
some time, and low is as before as soon as it has given the lock back.
""",
    attempt="schedsim run inversion",
)
