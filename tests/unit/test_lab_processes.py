"""What labs on processes share: the process table, and what a simulated program is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

import schedsim as ss
from schedsim.errors import HostError
from schedsim.labs import processes
from schedsim.labs.processes import BLOCKED, GONE, ZOMBIE, answered, comes, entry, state_at, state_when

psutil = pytest.importorskip("psutil")
posix = pytest.mark.skipif(os.name != "posix", reason="makes processes as Unix does")


@pytest.fixture(params=["as this system shows it", "by psutil"])
def way(request, monkeypatch):
    """Look into the process table in each of the ways."""
    if request.param == "by psutil":
        monkeypatch.setattr(os.path, "isdir", lambda path: False)


@posix
@pytest.mark.usefixtures("way")
def test_a_process_in_all_its_states():
    """Blocked, stopped, a zombie, and gone once it is waited for."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert state_when(child.pid, BLOCKED) == BLOCKED
        assert entry(child.pid).parent == os.getpid()
        child.send_signal(signal.SIGSTOP)
        assert state_when(child.pid, "stopped") == "stopped"
        child.kill()
        assert state_when(child.pid, ZOMBIE) == ZOMBIE
        child.wait()
        assert entry(child.pid).state == GONE


@pytest.mark.usefixtures("way")
def test_this_process_runs():
    """And so it is seen."""
    assert entry(os.getpid()) == ("running", os.getppid())


def test_without_proc_and_psutil_it_says_what_to_do(monkeypatch):
    """In one sentence."""
    monkeypatch.setattr(os.path, "isdir", lambda path: False)
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(HostError, match=r"no /proc .* pip install 'schedsim\[real\]'"):
        entry(1)


def test_a_zombie_of_which_psutil_says_nothing(monkeypatch):
    """It is there all the same; one that is not there is not."""

    def of(error):
        def process(pid):
            raise error(pid)

        monkeypatch.setattr(psutil, "Process", process)
        return processes._by_psutil(7)

    assert (ZOMBIE, 0) == of(psutil.ZombieProcess)
    assert (GONE, 0) == of(psutil.NoSuchProcess)


def test_what_never_comes_is_given_up():
    """After the time that was given; what comes is not waited for longer."""
    answers = iter([False, False, True])
    assert comes(lambda: next(answers))
    assert not comes(lambda: False, seconds=0.01)


def test_a_simulated_parent_is_told_exit_codes():
    """And that a zombie cannot be killed."""
    mix, answers = answered(ss.load("zombie"), "parent")
    assert ss.run(mix, "fcfs").jobs == ss.run("zombie", "fcfs").jobs
    assert (3, False) == (answers["join child"], answers["kill child"])


@pytest.mark.parametrize(
    ("until", "state"), [(1, "new"), (1.5, "running"), (10, BLOCKED), (30, ZOMBIE), (63, GONE)]
)
def test_a_simulated_child_in_all_its_states(until, state):
    """In the words of the process table."""
    assert state_at(ss.load("zombie"), "child", until) == state
