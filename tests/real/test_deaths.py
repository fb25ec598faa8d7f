"""A process dies in the middle of a run: the run goes on, or ends, in order, and says so."""

from __future__ import annotations

import os
import signal
import time

import pytest

import schedsim as ss
from schedsim.errors import HostError
from schedsim.operations import Cpu
from tests.real.machine import (
    MS,
    TRIES,
    Background,
    background,
    children,
    dispatcher_of,
    inconclusive,
    needs_linux,
    needs_root,
    tell,
    urgently,
    word_in,
    workers_of,
)

pytestmark = needs_linux
WITHIN = 10 * MS
"""A death is reported so long after it at the latest."""
LONG = (Cpu(120 * MS),)
ON_CPU, WAITING = ("DISPATCHED", "REACHED"), ("ARRIVED",)
"""What the row before says of who runs, and of who waits for its first turn."""
DRIVERS = [pytest.param("bands", marks=needs_root), "signals"]


def told(path, *steps):
    """Return a program that says which process it is and when: where None stands."""

    def program():
        for step in steps:
            if step is None:
                tell(path)
            else:
                yield step

    return program


def killed(mix, driver, path, victim, state, *, wait=0.0, number=signal.SIGKILL):
    """Kill a worker in a run of ``mix``; see that this is seen, that the others end, and return the run.

    The victim's process is the one that a file names; it dies a while after ``path`` was written, which
    the job A does, and should be in ``state`` then. Where the test comes too late for that, it tries again.
    """
    result = None
    for _ in range(TRIES):
        with background(mix, "fcfs", driver=driver) as run, urgently():
            written = int(word_in(path)[1])
            process = int(word_in(victim)[0])
            time.sleep(wait)
            when = time.monotonic_ns()
            os.kill(process, number)
        result = run.join()
        hold_in_order(result)
        if hold_in_time(result, written, when, state):
            return result
        for file in {path, victim}:
            os.remove(file)
    inconclusive("the test never came in time")
    return result


def hold_in_order(run):
    """See that one job has failed, that this is said, and that the others have ended."""
    failed = [row for row in run.trace if row.kind.name == "FAILED"]
    assert [place for place, job in enumerate(run.jobs) if job.state == "failed"] == [
        row.task for row in failed
    ]
    assert 1 == len(failed)
    job = run.trace.header.jobs[failed[0].task].id
    assert any(note.startswith(f"the process of job {job!r} died at ") for note in run.notes)
    assert not run.completed
    assert {"terminated"} == {other.state for other in run.jobs if other.id != job}


def hold_in_time(run, written, when, state):
    """See that the death was seen at once; return whether the test was in time, and so the job in that state.

    Where real-time priorities keep a process from its CPU they keep it from dying, too: it does so at its turn.
    """
    (row,) = [row for row in run.trace if row.kind.name == "FAILED"]
    before = [other for other in run.trace if other.task == row.task and other.time <= row.time][-2]
    # A wrote its file at the end of its first burst, by the same clock.
    index = next(place for place, job in enumerate(run.trace.header.jobs) if job.id == "A")
    ended = next(
        other.time for other in run.trace if other.task == index and other.kind.name in ("REACHED", "BLOCKED")
    )
    died = when - (written - ended)
    if run.facts.driver == "bands" and state != ON_CPU and before.kind.name == "DISPATCHED":
        died = max(died, before.time)
    elif before.kind.name not in state:
        return False
    late = row.time - died
    if not -MS < late < WITHIN and not run.validity.valid:
        inconclusive("; ".join(run.validity.reasons))
    assert -MS < late < WITHIN
    return True


@pytest.mark.parametrize("driver", DRIVERS)
def test_while_running(driver, tmp_path):
    """A is killed in its second burst: what it used is known, and B goes on at once."""
    path = tmp_path / "A"
    mix = ss.Mix((ss.Job("A", 0, told(path, Cpu(MS), None, *LONG)), ss.Job("B", 0, (Cpu(5 * MS),))))
    run = killed(mix, driver, path, path, ON_CPU, wait=0.02)
    assert 1 <= run.jobs[0].cpu < 110
    follows = [row.kind.name for row in run.trace]
    assert "DISPATCHED" == follows[follows.index("FAILED") + 1]


@pytest.mark.parametrize("driver", DRIVERS)
def test_while_ready(driver, tmp_path):
    """B waits behind A, stopped if signals do it; it never runs."""
    path, victim = tmp_path / "A", tmp_path / "B"
    mix = ss.Mix(
        (
            ss.Job("A", 0, told(path, Cpu(MS), None, Cpu(50 * MS))),
            ss.Job("B", 0, told(victim, None, *LONG)),
            ss.Job("C", 0, (Cpu(5 * MS),)),
        )
    )
    run = killed(mix, driver, path, victim, WAITING, wait=0.01)
    assert 0 == run.jobs[1].cpu


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("device", ["", "disk"])
def test_during_io(driver, device, tmp_path):
    """A sleeps: its device is free for B at once."""
    path = tmp_path / "A"
    steps = (Cpu(2 * MS), ss.Io(5 * MS, device), Cpu(MS))
    mix = ss.Mix(
        (
            ss.Job("A", 0, told(path, Cpu(MS), None, ss.Io(200 * MS, device), Cpu(MS))),
            ss.Job("B", 0, steps),
        )
    )
    run = killed(mix, driver, path, path, ("BLOCKED",), wait=0.02)
    assert run.jobs[1].finish < 100


def test_before_its_arrival(tmp_path):
    """A job whose process is dead before it arrives arrives all the same, and has failed."""
    path, victim = tmp_path / "A", tmp_path / "B"
    mix = ss.Mix(
        (
            ss.Job("A", 0, told(path, Cpu(MS), None, Cpu(30 * MS))),
            ss.Job("B", 60 * MS, told(victim, None, *LONG)),
            ss.Job("C", 70 * MS, (Cpu(MS),)),
        )
    )
    run = killed(mix, "auto", path, victim, ("ARRIVED",))
    assert ["terminated", "failed", "terminated"] == [job.state for job in run.jobs]


def test_while_held(tmp_path):
    """It was not admitted yet, and C is admitted in its place."""
    path, victim = tmp_path / "A", tmp_path / "B"
    mix = ss.Mix(
        (
            ss.Job("A", 0, told(path, Cpu(MS), None, Cpu(30 * MS))),
            ss.Job("B", 0, told(victim, None, *LONG)),
            ss.Job("C", 0, (Cpu(MS),)),
        ),
        degree=1,
    )
    killed(mix, "auto", path, victim, ("HELD",))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1], ids=["terminated", "crashed"])
def test_other_deaths(number, tmp_path):
    """However it dies, also politely."""
    path = tmp_path / "A"
    mix = ss.Mix((ss.Job("A", 0, told(path, Cpu(MS), None, *LONG)), ss.Job("B", 0, (Cpu(5 * MS),))))
    killed(mix, "auto", path, path, ON_CPU, number=number)


def test_all_at_once():
    """Everybody dies: the run is over."""
    mix = ss.Mix(tuple(ss.Job(name, 0, LONG) for name in "ABC"))
    with background(mix, "rr", quantum=5) as run, urgently():
        workers = workers_of(dispatcher_of(), 3)
        time.sleep(0.05)
        for process in workers:
            os.kill(process, signal.SIGKILL)
    try:
        assert ["failed"] * 3 == [job.state for job in run.join().jobs]
    except HostError as error:
        inconclusive(f"they died before it began: {error}")


# The dispatcher.


def disturbed(do, mix=None, **how):
    """Begin a run, do something to its dispatcher, and return what came of it."""
    # Longer than it takes to get a CPU on a machine that is busy with real-time processes.
    longer = tuple(ss.Job(name, 0, (Cpu(400 * MS),)) for name in "ABC")
    with background(mix or ss.Mix(longer), "rr", quantum=5, **how) as run, urgently():
        process = dispatcher_of()
        time.sleep(0.05)
        do(process)
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
def test_the_dispatcher_dies(number, message, driver):
    """The caller is told; nobody is left, also not those who were stopped."""
    run = disturbed(lambda process: os.kill(process, number), driver=driver)
    with pytest.raises(HostError) as caught:
        run.join()
    assert message == str(caught.value)


def test_the_dispatcher_is_told_twice():
    """The second time changes nothing."""

    def twice(process):
        for _ in range(2):
            os.kill(process, signal.SIGTERM)

    with pytest.raises(HostError, match="told to end"):
        disturbed(twice).join()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTSTP], ids=["Ctrl-C", "Ctrl-Z"])
def test_what_the_terminal_sends_to_the_dispatcher(number):
    """It is for the caller to answer: the run goes on."""
    run = disturbed(lambda process: os.kill(process, number)).join()
    assert {"terminated"} == {job.state for job in run.jobs}


@needs_root
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "terminated"])
def test_the_limit_comes_back(number):
    """A dispatcher that had lifted the limit on real-time processes dies: the limit is as before."""
    with pytest.raises(HostError):
        disturbed(lambda process: os.kill(process, number), driver="bands", unthrottle=True).join()


@needs_root
def test_the_limit_comes_back_without_its_keeper():
    """Its keeper is killed: the dispatcher puts it back."""

    def kill_keeper(process):
        # The keeper was made before the workers, and leads a session of its own.
        keeper = next(child for child in children(process) if os.getsid(child) == child)
        os.kill(keeper, signal.SIGKILL)

    run = disturbed(kill_keeper, driver="bands", unthrottle=True).join()
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
