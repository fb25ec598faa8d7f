"""What a real run needs around it: the machine for itself, and a word for everything that goes wrong."""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import threading
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from schedsim.engines.real import linux, stage
from schedsim.engines.real.conductor import plain
from schedsim.engines.real.observations import Observations
from schedsim.engines.real.rehearsal import Rehearsal
from schedsim.engines.real.sentinels import Sentinels
from schedsim.engines.real.stage import alone
from schedsim.errors import HostError, InternalError, PolicyError
from schedsim.jobs import Job
from schedsim.operations import Cpu
from schedsim.policies import NAMES
from schedsim.policies.base import Policy
from schedsim.policies.options import make_policy
from schedsim.scheduler.inputs import Arrived, Failed, Stopped, WokenAt
from schedsim.testing.machine import make_task
from schedsim.trace import Kind

BUSY = "another real run goes on here, and each would disturb the other; wait for it to end"


@pytest.fixture
def apart(monkeypatch, tmp_path):
    """A lock of this test's own: a real run may go on meanwhile."""
    monkeypatch.setattr(stage, "_LOCK", f"\0schedsim-test-{os.getpid()}")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.mark.parametrize("is_linux", [True, False], ids=["linux", "elsewhere"])
def test_one_run_at_a_time(apart, monkeypatch, is_linux):
    """A second one is refused while the first goes on, and not afterwards."""
    monkeypatch.setattr(stage, "LINUX", is_linux)
    with alone():
        with pytest.raises(HostError) as caught, alone():
            raise AssertionError("two at once")
        assert str(caught.value) == BUSY
    with alone():
        pass


def test_a_name_that_cannot_be_had(apart, monkeypatch):
    """Only a name in use means another run: where names are forbidden, runs go on without."""

    class Forbidden(socket.socket):
        def bind(self, name):
            raise OSError(errno.EACCES, f"no names such as {name!r}")

    monkeypatch.setattr(socket, "socket", Forbidden)
    with alone(), alone():
        pass


def said(work):
    """Return what a process would send of this work."""
    return stage._said("dispatcher", work, "an order")


def test_what_came_of_it():
    """What it returned."""
    assert "an order" == said(lambda order: order)


def test_what_it_raised():
    """Errors of the user's and of the machine go over as they are, without what cannot be sent."""

    def fail(order):
        try:
            raise KeyError(order)
        except KeyError as error:
            raise PolicyError("no", "mine") from error

    found = said(fail)
    assert ("mine: no", None, None) == (str(found), found.__cause__, found.__context__)
    assert [SystemExit, MemoryError] == [type(said(raising(error))) for error in (SystemExit, MemoryError)]


def raising(error):
    """Return work that raises that."""

    def work(order):
        raise error(order)

    return work


def test_a_bug():
    """It is one, and says where."""
    found = said(raising(ValueError))
    assert isinstance(found, InternalError)
    assert str(found).startswith("ValueError: an order in the dispatcher\nTraceback")


def test_another_end():
    """That the run is to end is no error of its."""
    with pytest.raises(stage._EndedError):
        said(raising(stage._EndedError))


@pytest.mark.parametrize(
    ("code", "words"), [(-9, "killed by SIGKILL"), (-15, "killed by SIGTERM"), (1, "exit status 1"), (None, "exit status None")]
)  # fmt: skip
def test_causes(code, words):
    """A signal by its name."""
    assert words == stage._cause(code)


class Link:
    """A pipe to the caller that writes down what is sent."""

    def __init__(self, *, refuses=()):
        """Refuse what is of these kinds."""
        self.sent, self.refuses = [], refuses

    def send(self, what):
        """Write it down."""
        for kind, error in self.refuses:
            if isinstance(what, kind):
                raise error
        self.sent.append(what)

    def close(self):
        """Write it down."""
        self.sent.append("closed")


@pytest.fixture
def process(monkeypatch):
    """What such a process does to itself, done to nobody; returns the handlers that it set."""
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(stage, "die_with_parent", handlers.__setitem__)
    return handlers


def main(work, link):
    """Be such a process."""
    stage._main("dispatcher", work, "an order", link, 77)


def test_a_process_sends_what_came_of_it(process):
    """It dies with its caller, and leaves what the terminal sends to it."""
    link = Link()
    main(lambda order: order, link)
    assert ["an order", "closed"] == link.sent
    assert signal.SIGTERM == process[77]
    for number in (signal.SIGINT, signal.SIGTSTP, signal.SIGTERM):
        assert signal.SIG_IGN == process[number]


def test_a_process_that_is_told_to_end(process, monkeypatch):
    """It gives the run up, and says so, if anybody listens; what comes afterwards breaks nothing off."""
    alarms = []
    monkeypatch.setattr(signal, "setitimer", lambda which, seconds: alarms.append(seconds))

    def ended(order):
        process[signal.SIGTERM](signal.SIGTERM, None)

    link = Link()
    main(ended, link)
    assert "the dispatcher was told to end (SIGTERM), and the run was given up" == str(link.sent[0])
    assert [signal.SIG_IGN] * 2 == [process[number] for number in (signal.SIGTERM, signal.SIGALRM)]
    assert [stage._AGAIN] == alarms
    main(ended, Link(refuses=[(object, BrokenPipeError())]))


def test_an_end_that_is_swallowed(process, monkeypatch):
    """If it came where Python lets nothing out, it comes again."""
    monkeypatch.setattr(signal, "setitimer", lambda which, seconds: None)

    def swallowed(order):
        with suppress(BaseException):
            process[signal.SIGTERM](signal.SIGTERM, None)
        process[signal.SIGALRM](signal.SIGALRM, None)

    link = Link()
    main(swallowed, link)
    assert "the dispatcher was told to end (SIGTERM), and the run was given up" == str(link.sent[0])


def test_what_cannot_be_sent(process):
    """It is told as what it is."""
    link = Link(refuses=[(str, TypeError("cannot pickle it"))])
    main(lambda order: order, link)
    assert isinstance(link.sent[0], InternalError)
    assert "what came of the run cannot be sent: cannot pickle it" == str(link.sent[0])


# The rest.


def test_inputs_made_plain():
    """The name of each, the job's place, and its other fields."""
    task = make_task("B", index=1)
    batch = (Arrived(task, Cpu(1)), Stopped(task, 3, 5, Kind.EXPIRED), Failed(task, 2), WokenAt(0))
    assert [
        (
            7,
            (
                ("Arrived", 1, (Cpu(1),)),
                ("Stopped", 1, (3, 5, Kind.EXPIRED)),
                ("Failed", 1, (2,)),
                ("WokenAt", None, (0,)),
            ),
        )
    ] == plain([(7, batch)])


def test_sleeps_are_numbered():
    """Each job's from 0."""
    seen = Observations()
    for job, length in ((1, 5), (0, 6), (1, 7)):
        seen.slept(job, length)
    assert [(1, 0, 5), (0, 0, 6), (1, 1, 7)] == seen.sleeps


@pytest.mark.parametrize("with_epoll", [True, False], ids=["epoll", "select"])
def test_sentinels(with_epoll, monkeypatch):
    """Each death is told once, those of one look in the order of the mix."""
    if not with_epoll:
        monkeypatch.delattr(select, "epoll", raising=False)
    elif not hasattr(select, "epoll"):
        pytest.skip("only Linux has epoll")
    pipes = [os.pipe() for _ in range(3)]
    watched = Sentinels([reader for reader, _ in pipes])
    assert [] == watched.dead()
    for place in (2, 0):
        os.close(pipes[place][1])
    assert select.select(watched.files(), [], [], 0)[0]
    assert [0, 2] == watched.dead()
    assert [] == watched.dead()
    assert [] == select.select(watched.files(), [], [], 0)[0]
    watched.close()
    for file in (pipes[0][0], pipes[1][0], pipes[1][1], pipes[2][0]):
        os.close(file)


@pytest.mark.parametrize("name", NAMES)
def test_rehearsals(name):
    """Every policy can be rehearsed, again and again, and nothing of it stays."""
    rehearsal = Rehearsal(
        make_policy(name), [Job("A", 0, (Cpu(1),), deadline=9), Job("B", 0, (Cpu(1),), deadline=8)]
    )
    for _ in range(3):
        rehearsal.step()
    scheduler = rehearsal.scheduler
    assert rehearsal.works
    assert [0, 0, {}, None] == [
        len(scheduler.trace), len(scheduler.ready), scheduler.unfinished, scheduler.processors[0].task
    ]  # fmt: skip


def test_a_rehearsal_of_one_job():
    """It plays both parts."""
    rehearsal = Rehearsal(make_policy("srtf"), [Job("A", 0, (Cpu(1),))])
    rehearsal.step()
    assert ["A", "A"] == [job.id for job in rehearsal.jobs]


class Wrong(Policy):
    """A policy that breaks a rule."""

    def slice(self, task, queue):  # noqa: ARG002
        """Return no slice."""
        return 0


def test_a_rehearsal_that_fails():
    """It is given up without a word: the policy will say so when it counts."""
    rehearsal = Rehearsal(Wrong(), [Job("A", 0, (Cpu(1),))])
    rehearsal.step()
    rehearsal.step()
    assert not rehearsal.works


def test_parents(monkeypatch):
    """Who dies with its parent ends at once if that is dead already."""
    ended: list[int] = []
    monkeypatch.setattr(linux, "_libc", None)
    monkeypatch.setattr(os, "_exit", ended.append)
    linux.die_with_parent(os.getppid())
    linux.die_with_parent(0)  # whoever that is
    assert [] == ended
    linux.die_with_parent(-5)
    assert [1] == ended


def test_a_sigterm_waits():
    """Within the block it is not taken, and afterwards it is."""
    taken = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: taken.append(number))
    try:
        with linux.undisturbed():
            signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
            assert [] == taken
        assert [signal.SIGTERM] == taken
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.skipif(not linux.LINUX, reason="only Linux says so")
def test_what_linux_says(tmp_path):
    """The limit, the tick, what was stolen; and nothing where it is not known."""
    limit, tick = linux.throttling(), linux.tick()
    assert limit is None or limit[1] > 0
    assert tick is not None
    assert 0 < tick[0] <= 10_000_000
    assert (linux.stolen_ticks((0,)) or 0) >= 0
    assert linux.stolen_ticks(()) is None
    assert linux.stolen_ticks((99_999,)) is None


def test_elsewhere(monkeypatch):
    """Nothing of it is known, and nothing fails."""
    monkeypatch.setattr(linux, "LINUX", False)
    monkeypatch.setattr(linux, "_libc", None)
    monkeypatch.setattr(linux, "THROTTLING", "/nowhere")
    monkeypatch.setattr(linux, "LATENCY", "/nowhere")
    assert [None, None, None] == [linux.tick(), linux.throttling(), linux.keep_awake()]
    linux.exact_timers()
    with pytest.raises(OSError, match="SCHED_DEADLINE is not to be had here"):
        linux.set_deadline(0, 1, 2, 3)


def test_sleeping_without_an_absolute_clock(monkeypatch):
    """It sleeps again until the time has come."""
    times = iter([10, 60, 120])
    slept: list[float] = []
    monkeypatch.setattr(linux, "_libc", None)
    monkeypatch.setattr(linux, "time", SimpleNamespace(monotonic_ns=lambda: next(times), sleep=slept.append))
    linux.sleep_until(100)
    assert [90 / 1e9, 40 / 1e9] == slept
