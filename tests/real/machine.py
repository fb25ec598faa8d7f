"""Runs on real processes for tests: waiting for the machine, looking at processes, telling noise from error."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

import schedsim as ss
from schedsim.deadlock import deadlock_of
from schedsim.engines.real.drivers import RUNNING_BAND
from schedsim.engines.real.linux import throttling
from schedsim.engines.real.stage import alone
from schedsim.errors import HostError
from schedsim.metrics import job_metrics
from schedsim.operations import Cpu
from schedsim.real import prepare_real
from schedsim.recording import Recording
from schedsim.validate import validate

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MS = 1_000_000
PATIENCE = 60.0
"""So many seconds is waited for another real run of this machine, and for things that must happen."""
SHARED_MEMORY = "/dev/shm"  # noqa: S108  # where Linux keeps semaphores
BUSY = "another real run goes on here"
TRIES = 3
MOMENT = MS // 2
"""What a test minds: a single disturbance (nanoseconds) that is longer."""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs the right to real-time priorities")
needs_linux = pytest.mark.skipif(
    not os.path.isdir("/proc/self"), reason="looks at processes as Linux shows them"
)


# The machine.


def with_the_machine(do):
    """Return what ``do()`` returns, called while no real run goes on."""
    for _ in patience():
        try:
            with alone():
                return do()
        except HostError as error:
            if not str(error).startswith(BUSY):
                raise
    raise AssertionError("another real run goes on for too long")


def patience(seconds=PATIENCE, step=0.005):
    """Yield until something must have happened."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(step)


def inconclusive(reason):
    """End the test: nothing was shown, since the machine was disturbed."""
    pytest.skip(f"inconclusive: {reason}")


def limited():
    """Skip the test where the kernel does not limit real-time processes."""
    if (throttling() or (-1,))[0] < 0:
        pytest.skip("the kernel does not limit real-time processes here")


# Runs.


def measured(mix, algo, **how):
    """Return a real run, whatever disturbed it; it is a schedule, and its recording makes the same trace again."""
    for _ in patience():
        try:
            run = ss.real(mix, algo, **how)
        except HostError as error:
            if not str(error).startswith(BUSY):
                raise
        else:
            hold_correct(run, mix, algo, how)
            return run
    raise AssertionError("another real run goes on for too long")


def hold_correct(run, mix, algo, how, path=None):
    """See that a run is right in all that no noise may change."""
    own = {
        name: value
        for name, value in how.items()
        if name not in ("driver", "start_method", "unthrottle", "excess", "scale")
    }
    prepared, policy, _ = prepare_real(mix, algo, how.get("scale", 1), own)
    validate(run.trace)
    assert run.trace == run.recording.replay(prepared, policy, run.trace.header)
    if path is not None:
        run.recording.write(path)
        assert run.trace == Recording.read(path).replay(prepared, policy, run.trace.header)
    assert deadlock_of(run.trace) or {"terminated", "failed", "killed"} >= {job.state for job in run.jobs}
    assert len(mix.jobs) == len(run.jobs)


def in_peace(mix, algo, check, **how):
    """Hold ``check`` of a run that was left in peace; of three that were not, none says anything."""
    reasons = ()
    for _ in range(TRIES):
        run = measured(mix, algo, **how)
        reasons = disturbances(run)
        if not reasons:
            check(run)
            return run
    inconclusive("; ".join(reasons))
    return None


def disturbances(run, moment=MOMENT):
    """Return what disturbed a run; more than a verdict minds, which lets one event in twenty be as late as it likes."""
    reasons = [*run.validity.reasons]
    late = max(run.observed.lateness, default=0)
    if late > moment:
        reasons.append(f"something was dealt with {late / MS:.2f} ms late")
    lost = max((piece.end - piece.start for piece in run.observed.stolen), default=0)
    if lost > moment:
        reasons.append(f"a CPU was away for {lost / MS:.2f} ms")
    return reasons


def computed(run, mix):
    """Return by how much the CPU time of each job is off its program's, as a fraction."""
    programs = [job.program if isinstance(job.program, tuple) else tuple(job.program()) for job in mix.jobs]
    wanted = [sum(step.ns for step in steps if isinstance(step, Cpu)) for steps in programs]
    pairs = zip(job_metrics(run.trace), wanted, strict=True)
    return [job.cpu / length - 1 for job, length in pairs if length]


def dispatches(run):
    """Return who was dispatched, in order; one who goes on counts once."""
    order: list[str] = []
    for piece in sorted(run.slices, key=lambda piece: (piece.start, piece.cpu)):
        if not order or order[-1] != piece.job:
            order.append(piece.job)
    return order


class Background:
    """A real run in a thread of its own, so that the test can look at it and disturb it."""

    def __init__(self, mix, algo, **how):
        """Begin it."""
        self.mix, self.algo, self.how = mix, algo, how
        self.run = self.error = None
        self.thread = threading.Thread(target=self._work)
        self.thread.start()

    def _work(self):
        try:
            self.run = measured(self.mix, self.algo, **self.how)
        except BaseException as error:  # noqa: BLE001  # it is looked at by the test
            self.error = error

    def join(self):
        """Return the run, or raise its error."""
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        if self.error is not None:
            raise self.error
        assert self.run is not None
        return self.run


@contextmanager
def background(mix, algo, words=None, **how):
    """Run it meanwhile; it has ended afterwards, since programs that wait for ``words`` are told them."""
    run = Background(mix, algo, **how)
    try:
        with urgently():
            yield run
    finally:
        if words is not None:
            words.enough()
        run.thread.join(PATIENCE)


@contextmanager
def urgently():
    """Let this thread have a CPU whenever it wants one: what it does to a run is then soon done."""
    if os.geteuid() != 0 or not hasattr(os, "sched_setscheduler"):
        yield
        return
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


@contextmanager
def near(process):
    """Let this thread run where a process does: who takes the CPU from the one takes it from the other."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, os.sched_getaffinity(process))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


# Processes.


def stat(process):
    """Return state, parent and start (in ticks of the machine) of a process; None when it is gone."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return fields[0], int(fields[1]), int(fields[19])
    except (OSError, IndexError):
        return None


def lives(process):
    """Return whether a process is there and has not ended."""
    seen = stat(process)
    return seen is not None and seen[0] not in "ZX"


def processes():
    """Yield the numbers of all processes."""
    if os.path.isdir("/proc/self"):
        yield from (int(name) for name in os.listdir("/proc") if name.isdecimal())


class Marked:
    """A mark that every process has which is made while it is there: forked ones a pipe, others a word.

    Other tests may run on this machine, also of this checkout: their processes are not to be taken for ours.
    """

    def __init__(self):
        """Make a pipe, and a word for the environment."""
        self.pipe = os.pipe()
        self.link = f"pipe:[{os.fstat(self.pipe[0]).st_ino}]"
        self.name, self.word = "TEST_WITH_REAL_PROCESSES", f"{os.getpid()}-{time.monotonic_ns()}"

    def processes(self):
        """Return those that are there: number, state and command."""
        return {
            process: (seen[0], command(process))
            for process in processes()
            if process != os.getpid()
            and (seen := stat(process))
            and seen[0] not in "ZX"
            and self.has(process)
        }

    def has(self, process):
        """Return whether a process has the mark."""
        try:
            with open(f"/proc/{process}/environ", "rb") as file:
                if f"{self.name}={self.word}".encode() in file.read().split(b"\0"):
                    return True
            files = [f"/proc/{process}/fd/{file}" for file in os.listdir(f"/proc/{process}/fd")]
            return any(os.path.islink(file) and os.readlink(file) == self.link for file in files)
        except OSError:  # it is gone by now, or somebody else's
            return False

    def close(self):
        """Close the pipe."""
        for file in self.pipe:
            os.close(file)


def command(process):
    """Return the beginning of a process' command line."""
    try:
        with open(f"/proc/{process}/cmdline", encoding="utf-8", errors="replace") as file:
            return file.read().replace("\0", " ")[:200]
    except OSError:
        return ""


def children(parent):
    """Return the processes of that parent, the oldest first."""
    found = []
    for process in processes():
        seen = stat(process)
        if seen is not None and seen[1] == parent and seen[0] not in "ZX":
            found.append((seen[2], process))
    return [process for _, process in sorted(found)]


def dispatcher_of(program):
    """Return the process that dispatches for a program of ours, as soon as it has workers."""
    for _ in patience():
        for process in children(program.pid):
            if children(process):
                return process
        if program.poll() is not None:
            out, err = program.communicate()
            if BUSY in err:
                inconclusive(BUSY)
            raise AssertionError(f"no dispatcher appeared; the program said {out}{err}")
    raise AssertionError("no dispatcher appeared")


def workers_of(dispatcher, count):
    """Return the workers of a run, in the order of their jobs, once all wait for their turn and one of them runs.

    For runs that go on for several seconds then, so that no test comes too late for them.
    """
    for _ in patience(step=0.001):
        try:
            found = [child for child in children(dispatcher) if os.getsid(child) != child]
            if len(found) == count and any(map(dispatched, found)):
                return found
        except ProcessLookupError:
            continue  # it ended between two looks
    raise AssertionError(f"there were never {count} workers of which one ran")


def dispatched(process):
    """Return whether a worker has a mark of a run that goes on: it is stopped by a signal, or has a CPU by its band."""
    seen = stat(process)
    return seen is not None and (seen[0] == "T" or os.sched_getparam(process).sched_priority == RUNNING_BAND)


def semaphores(beginning=""):
    """Return the names of the semaphores that there are, of those whose own name begins so."""
    return {name for name in os.listdir(SHARED_MEMORY) if name.startswith(f"sem.{beginning}")}


def python(code, *arguments, **options):
    """Start Python with a program that can import the tests."""
    environment = {**os.environ, "PYTHONPATH": ROOT, **options.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=options.pop("cwd", None) or os.getcwd(),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
