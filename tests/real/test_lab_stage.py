"""What a real lab makes ends with it: processes, files, semaphores; however it ends, and soon."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import tempfile
import threading
import time

import pytest

from schedsim.errors import HostError, InternalError, MixError
from schedsim.labs import director
from schedsim.labs.base import Findings
from schedsim.labs.director import on_stage
from tests.real.machine import lives, needs_linux, patience, python, semaphores, stat

pytestmark = needs_linux
SOON = 25.0
"""Seconds in which a lab has ended that is told to, on the busiest machine: long before those that it made would
end by themselves, which sleep for a minute."""


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch, tmp_path):
    """No file is left in the folder for temporary ones, and no semaphore."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = semaphores("sslab")
    yield
    assert [] == [name for name in os.listdir(tmp_path) if name.startswith(("schedsim-lab", "pymp"))]
    assert set() == semaphores("sslab") - before


def sleep(seconds=60.0):
    """Be a process that does nothing for long."""
    time.sleep(seconds)


def stubborn(path):
    """Be a process that will not end when it is asked to, and says when it is ready."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(path, "w", encoding="utf-8") as file:
        file.write("ready\n")
    sleep()


def say_number(path):
    """Put the number of this process into a file, whole or not at all."""
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write(f"{os.getpid()}\n")
    os.replace(f"{path}.new", path)


def word_in(path):
    """Return the words of a file, as soon as it has any."""
    for _ in patience():
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                if (text := file.read()).endswith("\n"):
                    return text.split()
    raise AssertionError(f"{path} was not written")


def joined(stage, *processes):
    """Be a lab that waits for processes."""
    stage.join(*processes)
    return Findings({})


def with_orphan(path):
    """Make a child and end before it."""
    made = multiprocessing.get_context("fork").Process(target=stubborn, args=(path,))
    made.start()
    os._exit(0)


def waiting(path, context):
    """Put the number of this process into a file, and wait for a lock that nobody gives back."""
    lock = context.Semaphore(0)
    say_number(path)
    lock.acquire()


def littered(path, *, stay):
    """Return a lab that leaves behind all that it can."""

    def work(stage):
        with open(os.path.join(stage.folder, "a file"), "w", encoding="utf-8"):
            pass
        os.makedirs(os.path.join(stage.folder, "a folder", "within"))
        spawned = multiprocessing.get_context("spawn")
        stage.kept = [spawned.Lock(), spawned.Semaphore(3), multiprocessing.get_context("fork").Queue(3)]
        stage.kept[2].put("nobody takes this")
        tempfile.mkdtemp()
        stage.process(stubborn, f"{path}.stubborn")
        stage.process(sleep, method="spawn")
        orphaned = stage.process(with_orphan, f"{path}.orphan")
        stage.join(orphaned)
        for name in ("stubborn", "orphan"):
            word_in(f"{path}.{name}")
        say_number(path)
        if stay:
            stage.kept[0].acquire()
            stage.kept[0].acquire()
        return Findings({"done": 1})

    return work


def test_what_is_found_comes_back():
    """With what the stage was told of disturbances."""

    def work(stage):
        stage.disturbed("noise")
        return Findings({"seed": stage.seed, "folder": os.path.isdir(stage.folder)}, disturbances=("more",))

    found = on_stage("test", work, 7)
    assert ({"seed": 7, "folder": True}, ("more", "noise")) == (found.values, found.disturbances)


def test_what_a_lab_leaves_is_removed(tmp_path):
    """Stubborn processes, orphans, spawned ones, semaphores with a name, files."""
    assert on_stage("test", littered(tmp_path / "pid", stay=False)).values == {"done": 1}


@pytest.mark.parametrize(
    ("error", "kind"), [(MixError("wrong"), MixError), (ZeroDivisionError("one"), InternalError)]
)
def test_errors_come_back(error, kind, tmp_path):
    """Those of schedsim as they are, others as bugs; and nothing is left."""

    def work(stage):
        littered(tmp_path / "pid", stay=False)(stage)
        raise error

    with pytest.raises(kind, match=str(error)):
        on_stage("test", work)


def test_what_cannot_be_sent_is_a_bug():
    """And says so."""
    with pytest.raises(InternalError, match="cannot be sent"):
        on_stage("test", lambda stage: Findings({"a function": lambda: 1}))  # type: ignore[dict-item]


def test_it_ends_when_time_is_up(tmp_path):
    """A lab that would wait for ever is given up."""
    began = time.monotonic()
    with pytest.raises(HostError, match="the lab was given up: it took too long"):
        on_stage("test", littered(tmp_path / "pid", stay=True), limit=1.5)
    assert time.monotonic() - began < 1.5 + SOON


def test_a_join_ends_when_time_is_up():
    """Of a process that does not."""
    with pytest.raises(HostError, match="it took too long"):
        on_stage("test", lambda stage: joined(stage, stage.process(sleep)), limit=0.5)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_process_killed_from_outside_ends_the_lab(method, tmp_path):
    """At once, and not when time is up; the lab is told which one, and of what it died."""
    path = tmp_path / "pid"

    def work(stage):
        context = multiprocessing.get_context(method)
        done = context.Semaphore(0)
        stage.process(waiting, path, context, method=method, name="victim")
        done.acquire()  # which the victim never lets go
        return Findings({})

    def kill():
        os.kill(int(word_in(path)[0]), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    began = time.monotonic()
    with pytest.raises(HostError, match="the lab was given up: process victim was killed by SIGKILL"):
        on_stage("test", work, limit=30)
    assert time.monotonic() - began < SOON
    killer.join()


def test_a_process_that_multiprocessing_has_reaped_ends_the_lab():
    """Which it does whenever another process is started, maybe before the stage has looked."""

    def work(stage):
        looking = {signal.SIGCHLD, signal.SIGALRM}
        signal.pthread_sigmask(signal.SIG_BLOCK, looking)
        victim = stage.process(sleep, name="victim")
        os.kill(victim.pid, signal.SIGKILL)
        for _ in patience():
            if stat(victim.pid)[0] == "Z":
                break
        multiprocessing.active_children()
        assert stat(victim.pid) is None
        signal.pthread_sigmask(signal.SIG_UNBLOCK, looking)
        time.sleep(20)
        return Findings({})

    with pytest.raises(HostError, match="the lab was given up: process victim was killed by SIGKILL"):
        on_stage("test", work, limit=10)


def in_the_middle_of_a_fork(which, happens):
    """Have something happen in the director's next fork: when signals are held (1), or let go (2)."""
    masked, calls, own = signal.pthread_sigmask, [], os.getpid()

    def masking(how, signals):
        calls.append(how)
        if len(calls) == which and os.getpid() == own:
            happens()
        return masked(how, signals)

    signal.pthread_sigmask = masking


def forking(which, number):
    """Return a lab that is sent a signal in the middle of a fork; by SIGKILL it is a process of it that is killed."""

    def work(stage):
        victim = stage.process(sleep, name="victim")

        def happens():
            os.kill(victim.pid if number == signal.SIGKILL else os.getpid(), number)
            for _ in patience():  # and meanwhile Python answers the signal that tells of it
                if number != signal.SIGKILL or stat(victim.pid)[0] == "Z":
                    break

        in_the_middle_of_a_fork(which, happens)
        stage.process(sleep, watched=False)
        time.sleep(60)
        return Findings({})

    return work


FORKING = """\
import sys
from schedsim.cli.failures import report
from schedsim.labs.director import on_stage
from tests.real.test_lab_stage import forking
try:
    on_stage("test", forking(*map(int, sys.argv[1:])), limit=60)
except BaseException as error:
    sys.exit(report(error, []))
"""


@pytest.mark.parametrize("which", [1, 2])
@pytest.mark.parametrize(
    ("number", "why"),
    [
        (signal.SIGKILL, "process victim was killed by SIGKILL"),
        (signal.SIGTERM, "it was told to"),
        (signal.SIGINT, "it was told to"),
    ],
)
def test_a_signal_in_the_middle_of_a_fork_ends_the_lab(number, why, which):
    """Soon, and nothing else is printed: what is called in a fork must raise nothing, and must not forget it either."""
    began = time.monotonic()
    program = python(FORKING, which, int(number))
    out, words = program.communicate(timeout=100)
    assert (3, "", f"schedsim: the lab was given up: {why}\n") == (program.returncode, out, words)
    assert time.monotonic() - began < SOON


def test_a_process_that_fails_ends_the_lab():
    """With its status."""
    with pytest.raises(HostError, match="process broken ended with status 3"):
        on_stage(
            "test",
            lambda stage: joined(stage, stage.process(os._exit, 3, name="broken"), stage.process(sleep)),
        )


def test_a_death_that_belongs_to_the_lab_does_not_end_it():
    """One that is not watched, and one that the lab itself kills."""

    def work(stage):
        failing = stage.process(os._exit, 3, watched=False)
        killed = stage.process(sleep)
        stage.kill(killed)
        stage.join(failing, killed)
        return Findings({"statuses": f"{failing.exitcode} {killed.exitcode}"})

    assert on_stage("test", work).values == {"statuses": "3 -15"}


CALLER = """\
import sys
from schedsim.cli.failures import report
from schedsim.labs.director import on_stage
from tests.real.test_lab_stage import littered
try:
    on_stage("test", littered(sys.argv[1], stay=True), limit=60)
except BaseException as error:
    sys.exit(report(error, []))
"""


def interrupted(path, number, *, whom="caller"):
    """Begin a lab in a program of its own, send a signal in the middle; return its status and its words."""
    began = python(CALLER, path)
    director = int(word_in(path)[0])
    began_to_end = time.monotonic()
    os.kill(began.pid if whom == "caller" else director, number)
    _, words = began.communicate(timeout=40)
    for _ in patience(SOON):
        if not lives(director):
            break
    assert not lives(director)
    assert time.monotonic() - began_to_end < SOON
    return began.returncode, words


def test_ctrl_c_in_the_middle(tmp_path):
    """Exit status 130, and nothing is left."""
    assert interrupted(tmp_path / "pid", signal.SIGINT) == (130, "schedsim: interrupted\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_caller_is_killed_in_the_middle(number, tmp_path):
    """The director hears of it, and tidies up."""
    assert interrupted(tmp_path / "pid", number)[0] == -number


def test_the_director_is_told_to_end(tmp_path):
    """It tidies up and says so."""
    status, words = interrupted(tmp_path / "pid", signal.SIGTERM, whom="director")
    assert (3, "schedsim: the lab was given up: it was told to\n") == (status, words)


def test_the_director_is_killed(tmp_path):
    """Its caller tidies up."""
    status, words = interrupted(tmp_path / "pid", signal.SIGKILL, whom="director")
    assert (3, "schedsim: the lab's own process was killed\n") == (status, words)


def test_ctrl_c_of_a_terminal_reaches_the_caller_alone(tmp_path):
    """The whole group of the caller is interrupted, as a terminal does it."""
    began = python(CALLER, tmp_path / "pid", start_new_session=True)
    word_in(tmp_path / "pid")
    os.killpg(began.pid, signal.SIGINT)
    assert began.communicate(timeout=40)[1] == "schedsim: interrupted\n"
    assert began.returncode == 130


def test_what_keeps_the_director_from_beginning(monkeypatch):
    """Nobody killed it: it says what failed."""

    def fails():
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(director, "adopt_orphans", fails)
    with pytest.raises(HostError, match=r"^the lab's own process could not begin \(Too many open files\)$"):
        director.on_stage("short", lambda _: Findings({}))
