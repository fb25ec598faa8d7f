"""A process dies in the middle of a run: the run goes on, or ends, in order, and says so."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import NamedTuple

import pytest

import schedsim as ss
from schedsim.engines.real.linux import throttling
from schedsim.errors import HostError
from schedsim.operations import Cpu
from tests.real.lasting import Words, begins, epoch, lasting, ready, three
from tests.real.machine import (
    MS,
    PATIENCE,
    Background,
    background,
    children,
    disturbances,
    inconclusive,
    limited,
    near,
    needs_linux,
    needs_root,
    patience,
    stat,
)

pytestmark = needs_linux
WITHIN = 10 * MS
"""A death is reported so long after it at the latest."""
AWAY = 2 * MS
"""A machine that keeps a test from looking for so long says nothing of how soon a dispatcher looks."""
TRIES = 5
LONG = (Cpu(120 * MS),)
DRIVERS = [pytest.param("bands", marks=needs_root), "signals"]


class Death(NamedTuple):
    """What was seen of a process that died, by the monotonic clock."""

    sent: int
    """When it was sent what it died of."""
    gone: int
    """When it was not there any more."""
    away: int
    """The longest that nobody looked until then and while the death should be reported."""


def death_of(process, sent):
    """Return what is seen of a process that was ``sent`` then what it dies of."""
    last, away, gone = time.monotonic_ns(), 0, None
    for _ in patience(20, step=0.0005):
        seen = stat(process)
        now = time.monotonic_ns()
        last, away = now, max(away, now - last)
        if gone is not None:
            if now - gone > WITHIN + AWAY:
                return Death(sent, gone, away)
        elif seen is None or seen[0] in "ZX":
            gone = now
    inconclusive("the process got no CPU to die on")
    return None


def killed(mix_of, folder, victim, *was, driver="auto", number=signal.SIGKILL):
    """Kill a worker in a run of ``mix_of(words)``; see that this is told, and that the others end; return the run.

    Its job A lasts until then. The victim was in a state of which the last row said one of ``was``: where it
    was not yet, and where the machine was not there to report the death, it is tried again.
    """
    unexplained = 0
    for count in range(TRIES):
        words = Words(folder / str(count))
        with background(mix_of(words), "fcfs", words, driver=driver) as run:
            first = words.of("A", run)
            process = words.of(victim, run).process
            with near(first.parent):
                time.sleep(0.02)
                bands, sent = os.sched_getscheduler(process) == os.SCHED_FIFO, time.monotonic_ns()
                os.kill(process, number)
                if bands:  # a real-time priority that keeps a process from its CPU keeps it from dying, too
                    words.enough()
                death = death_of(process, sent)
        result = run.join()
        words.hold_in_time()
        row, before = hold_in_order(result, victim)
        began = epoch(result, first)
        assert row.time > death.sent - began
        if before not in was:
            continue
        late = row.time - max(death.gone - began, result.trace.header.jobs[row.task].arrival)
        if late < WITHIN:
            return result
        if death.away < AWAY and not disturbances(result, AWAY):
            unexplained += 1
            assert unexplained < 2, f"it was reported {late / MS} ms after it"
    inconclusive("the machine was never there in time")
    return None


def hold_in_order(run, victim):
    """See that the victim has failed, that this is said, and that the others have ended; return row and kind before."""
    (row,) = [row for row in run.trace if row.kind.name == "FAILED"]
    assert victim == run.trace.header.jobs[row.task].id
    assert any(note.startswith(f"the process of job {victim!r} died at ") for note in run.notes)
    assert not run.completed
    assert [(job.id, "failed" if job.id == victim else "terminated") for job in run.jobs] == [
        (job.id, job.state) for job in run.jobs
    ]
    before = [other for other in run.trace if other.task == row.task and other.time <= row.time]
    return row, before[before.index(row) - 1].kind.name


def behind(words, *jobs, **fields):
    """Return a mix of a job A that lasts, and others."""
    return ss.Mix((ss.Job("A", 0, lasting(words, "A", step=20 * MS)), *jobs), **fields)


@pytest.mark.parametrize("driver", DRIVERS)
def test_while_running(driver, tmp_path):
    """A is killed in the middle of a burst: what it used is known, and B goes on at once."""

    def mix(words):
        return behind(words, ss.Job("B", 0, (Cpu(5 * MS),)))

    run = killed(mix, tmp_path, "A", "DISPATCHED", "REACHED", driver=driver)
    rows = [*run.trace]
    failed = next(place for place, row in enumerate(rows) if row.kind.name == "FAILED")
    assert "DISPATCHED" == rows[failed + 1].kind.name
    assert 5 <= run.jobs[0].cpu <= rows[failed].time / MS


@pytest.mark.parametrize("driver", DRIVERS)
def test_while_ready(driver, tmp_path):
    """B waits behind A, stopped if signals do it; it never runs."""

    def mix(words):
        return behind(words, ss.Job("B", 0, ready(words, "B", *LONG)), ss.Job("C", 0, (Cpu(5 * MS),)))

    was = ("ARRIVED", "DISPATCHED") if driver == "bands" else ("ARRIVED",)
    run = killed(mix, tmp_path, "B", *was, driver=driver)
    assert 0 == run.jobs[1].cpu


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("device", ["", "disk"])
def test_during_io(driver, device, tmp_path):
    """A sleeps: its device is free for B at once."""

    def mix(words):
        def sleeps():
            yield from begins(words, "A")
            yield ss.Io(30_000 * MS, device)
            yield Cpu(MS)

        return ss.Mix((ss.Job("A", 0, sleeps), ss.Job("B", 0, (Cpu(2 * MS), ss.Io(5 * MS, device), Cpu(MS)))))

    run = killed(mix, tmp_path, "A", "BLOCKED", "SERVED", driver=driver)
    at = {(row.task, row.kind.name): row.time for row in run.trace}
    begun = max(at[1, "BLOCKED"], at[0, "FAILED"]) if device else at[1, "BLOCKED"]
    assert begun + 5 * MS == at[1, "WOKE"]


def test_before_its_arrival(tmp_path):
    """A job whose process is dead before it arrives arrives all the same, and has failed."""
    arrival = 200 * MS

    def mix(words):
        a = ss.Job("A", 0, lasting(words, "A", rest=5 * MS))
        return ss.Mix((a, ss.Job("B", arrival, ready(words, "B", *LONG)), ss.Job("C", arrival, (Cpu(MS),))))

    run = killed(mix, tmp_path, "B", "ARRIVED", "DISPATCHED")
    (failed,) = [row.time for row in run.trace if row.kind.name == "FAILED"]
    if failed > arrival + 1:
        inconclusive("it died only after it had arrived")
    assert arrival + 1 == failed


@pytest.mark.parametrize("driver", DRIVERS)
def test_while_held(driver, tmp_path):
    """It was not admitted yet, and C is admitted in its place."""

    def mix(words):
        # While A rests B has a CPU to die on.
        a = ss.Job("A", 0, lasting(words, "A", rest=5 * MS))
        b, c = ss.Job("B", 0, ready(words, "B", *LONG)), ss.Job("C", 0, (Cpu(MS),))
        return ss.Mix((a, b, c), degree=1)

    killed(mix, tmp_path, "B", "HELD", driver=driver)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1], ids=["terminated", "crashed"])
def test_other_deaths(number, tmp_path):
    """However it dies, also politely."""

    def mix(words):
        return behind(words, ss.Job("B", 0, (Cpu(5 * MS),)))

    killed(mix, tmp_path, "A", "DISPATCHED", "REACHED", number=number)


def test_all_at_once(tmp_path):
    """Everybody dies: the run is over."""
    words = Words(tmp_path / "words")
    with background(three(words), "rr", words, quantum=5) as run:
        for process in [words.of(name, run).process for name in "ABC"]:
            os.kill(process, signal.SIGKILL)
        run.thread.join(PATIENCE)
    result = run.join()
    words.hold_in_time()
    assert ["failed"] * 3 == [job.state for job in result.jobs]


# The dispatcher.


def disturbed(do, folder, *, ends=True, **how):
    """Begin a run, do something to its dispatcher when all its workers have run, and return what came of it.

    It ends from this, or goes on until it is told that it is enough.
    """
    words = Words(folder / "words")
    with background(three(words), "rr", words, quantum=5, **how) as run:
        (process,) = {words.of(name, run).parent for name in "ABC"}
        do(process)
        if ends:
            run.thread.join(PATIENCE)
        else:
            time.sleep(0.05)
    words.hold_in_time()
    return run


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (signal.SIGKILL, "the dispatcher ended without a word (killed by SIGKILL)"),
        (signal.SIGTERM, "the dispatcher was told to end (SIGTERM), and the run was given up"),
        (signal.SIGHUP, "the dispatcher ended without a word (killed by SIGHUP)"),
    ],
    ids=["killed", "terminated", "hung up"],
)
@pytest.mark.parametrize("driver", DRIVERS)
def test_the_dispatcher_dies(number, message, driver, tmp_path):
    """The caller is told; nobody is left, also not those who were stopped."""
    run = disturbed(lambda process: os.kill(process, number), tmp_path, driver=driver)
    with pytest.raises(HostError) as caught:
        run.join()
    assert message == str(caught.value)


def test_the_dispatcher_is_told_twice(tmp_path):
    """The second time changes nothing."""

    def twice(process):
        os.kill(process, signal.SIGTERM)
        with suppress(ProcessLookupError):  # it was quick
            os.kill(process, signal.SIGTERM)

    with pytest.raises(HostError, match="told to end"):
        disturbed(twice, tmp_path).join()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTSTP], ids=["Ctrl-C", "Ctrl-Z"])
def test_what_the_terminal_sends_to_the_dispatcher(number, tmp_path):
    """It is for the caller to answer: the run goes on."""
    run = disturbed(lambda process: os.kill(process, number), tmp_path, ends=False).join()
    assert ["terminated"] * 3 == [job.state for job in run.jobs]


@needs_root
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "terminated"])
def test_the_limit_comes_back(number, tmp_path):
    """A dispatcher that had lifted the limit on real-time processes dies: the limit is as before."""
    limited()

    def end(process):
        assert -1 == throttling()[0]
        os.kill(process, number)

    with pytest.raises(HostError):
        disturbed(end, tmp_path, driver="bands", unthrottle=True).join()


@needs_root
def test_the_limit_comes_back_without_its_keeper(tmp_path):
    """Its keeper is killed: the dispatcher puts it back."""
    limited()

    def kill_keeper(process):
        # It leads a session of its own.
        (keeper,) = [child for child in children(process) if os.getsid(child) == child]
        os.kill(keeper, signal.SIGKILL)

    run = disturbed(kill_keeper, tmp_path, ends=False, driver="bands", unthrottle=True).join()
    assert "lifted" == run.facts.throttling


@needs_root
def test_the_limit_comes_back_after_an_error():
    """A policy that raises in the middle of the run."""
    with pytest.raises(ss.SchedsimError, match="raised ZeroDivisionError"):
        Background(ss.Mix((ss.Job("A", 0, LONG),)), Late(), driver="bands", unthrottle=True).join()


class Late(ss.Policy):
    """A policy that raises the third time that it is asked."""

    preemptive = True

    def slice(self, task, queue):  # noqa: ARG002
        """Return a slice, twice."""
        return 5 * MS // (1 if queue.dispatches < 2 else 0)
