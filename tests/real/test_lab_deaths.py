"""Labs whose processes wait for each other: one is killed from outside, and the lab ends, with nothing left of it."""

from __future__ import annotations

import os
import signal
import tempfile
import time

import psutil
import pytest

from tests.real.machine import needs_linux, patience, python

pytestmark = [needs_linux, pytest.mark.slow]
SHARED_MEMORY = "/dev/shm"  # noqa: S108  # where Linux keeps semaphores
SOON = 5.0
"""Seconds in which a lab has ended one of whose processes was killed."""
LAB = """\
import sys
from schedsim.cli import main
sys.exit(main(["lab", sys.argv[1], "--real"]))
"""


def processes_of(lab):
    """Return the processes of a lab that is going on, without the one that directs them."""
    directors = psutil.Process(lab.pid).children()
    return [child for director in directors for child in director.children(recursive=True)]


def victim_of(lab):
    """Return a process of the lab that is asleep, waiting for a moment or for another one."""
    for _ in patience():
        try:
            there = processes_of(lab)
            if len(there) > 1 and there[0].status() == psutil.STATUS_SLEEPING:
                return there[0], there
        except psutil.NoSuchProcess:
            pass
    raise AssertionError("it has no processes")


@pytest.mark.parametrize("name", ["deadlock", "tickets", "producer-consumer", "queue", "inversion"])
def test_one_process_is_killed(name, tmp_path, monkeypatch):
    """Exit status 3, and who died of what; no process, no file and no semaphore are left."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    semaphores = set(os.listdir(SHARED_MEMORY))
    lab = python(LAB, name)
    victim, there = victim_of(lab)
    began = time.monotonic()
    victim.send_signal(signal.SIGKILL)
    out, words = lab.communicate(timeout=30)
    assert time.monotonic() - began < SOON
    assert (3, "") == (lab.returncode, words)
    assert "Not done, with real processes: the lab was given up: process " in " ".join(out.split())
    assert "was killed by SIGKILL" in " ".join(out.split())
    assert [] == [process for process in there if process.is_running() and process.status() != "zombie"]
    assert [] == [name for name in os.listdir(tmp_path) if name.startswith(("schedsim-lab", "pymp"))]
    assert [] == [
        name for name in set(os.listdir(SHARED_MEMORY)) - semaphores if name.startswith("sem.sslab")
    ]
