"""Labs on processes, locks and queues end soon, and leave nothing, when a process of theirs is killed as soon as it is there.

In the middle: ``test_labs_interrupted``.
"""

from __future__ import annotations

import itertools
import os
import signal
import tempfile
import time

import pytest

from schedsim.labs.running import INCONCLUSIVE, NOT_DONE, SEEN, carry_out
from schedsim.labs.stage import Stage
from tests.real.machine import needs_linux, semaphores

pytestmark = needs_linux
NAMES = (
    *("create", "framing", "isolation", "join", "orphan", "signals", "sync-async", "zombie"),
    *("deadlock", "inversion", "producer-consumer", "queue", "tickets"),
)
SOON = 30.0
"""Seconds in which a lab of a few seconds has ended, on a machine that is busy with other things."""


@pytest.fixture
def carried_out(monkeypatch, tmp_path):
    """Carry out a lab, and see that it ends soon, with nothing left and no wrong word."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    before = semaphores("sslab")

    def carried_out(name):
        began = time.monotonic()
        result = carry_out(name, real=True)
        took = time.monotonic() - began
        # It shows its effect all the same, or says that it was disturbed; it never says that there is none.
        assert result.real.verdict in (SEEN, INCONCLUSIVE, NOT_DONE), result.real.why
        assert took < SOON
        assert os.listdir(folder) == []
        assert set() == semaphores("sslab") - before
        return result

    return carried_out


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_process_is_killed_as_soon_as_it_is_there(name, place, carried_out, monkeypatch, tmp_path):
    """The first one, the second, the third, if the lab makes so many."""
    start, made = Stage.start, itertools.count()
    path = tmp_path / "killed"

    def started(stage, process, *, watched=True):
        start(stage, process, watched=watched)
        if next(made) == place:
            path.touch()  # before the lab hears of it, which may be at once
            os.kill(process.pid, signal.SIGKILL)
        return process

    monkeypatch.setattr(Stage, "start", started)
    carried_out(name)
    assert path.exists() or (name, place) in {
        ("framing", 1),
        ("framing", 2),
        ("orphan", 1),
        ("orphan", 2),
        ("zombie", 2),
    }
