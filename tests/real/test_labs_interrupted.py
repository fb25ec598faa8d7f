"""Every lab that is interrupted in the middle ends soon and leaves nothing: no process, no semaphore, no file.

The real part of each is done again and again until the test has done with it what it wants, so that it is in the middle
however quick it is and however late the test comes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress

import pytest

from schedsim.labs import names
from schedsim.labs.running import INCONCLUSIVE, NOT_DONE, SEEN
from schedsim.labs.stage import LIMIT
from tests.real.lasting import Words
from tests.real.machine import BUSY, children, inconclusive, lives, needs_linux, patience, python, semaphores

pytestmark = [needs_linux, pytest.mark.slow]
SOON = 60.0
"""Seconds in which a lab has ended, on the busiest machine: long before its own time is up, which is 120."""
LAB = "import sys; from tests.real.lasting import lab_that_lasts; sys.exit(lab_that_lasts(*sys.argv[1:]))"
LATER = {signal.SIGINT: 0.0, signal.SIGTERM: 0.1, signal.SIGKILL: 0.3}
"""So many seconds after its first process is there a lab gets each signal: each at another place."""
MOMENT = 0.15
"""After so long a dispatcher, whose workers are there, has let its run begin."""
FOLDERS = ("temporary", "current", "home")
DISPATCHED = {
    *("convoy", "gaming-mlfq", "multiprogramming", "parallel-concurrent", "starvation-and-ageing", "states"),
    "switching",
}
"""The labs whose processes are workers of a dispatcher, which the director has made."""


class Lab:
    """A lab in a program of its own, the leader of a group, which lasts until it is enough."""

    def __init__(self, name, folder):
        """Begin it, with folders of its own for all that it could write to."""
        self.words = Words(folder / "words")
        self.folders = [folder / each for each in FOLDERS]
        for each in self.folders:
            each.mkdir()
        temporary, current, home = map(str, self.folders)
        environment = {
            "TMPDIR": temporary,
            "HOME": home,
            "XDG_CACHE_HOME": home,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.program = python(
            LAB, name, self.words.folder, env=environment, cwd=current, start_new_session=True
        )
        self.director, self.seen, self.deep = 0, set(), name in DISPATCHED

    def all(self):
        """Return the processes below the program: its director, and what that has made, parents before children."""
        found = children(self.program.pid)
        for process in found:
            found += children(process)
        self.seen |= {*found}
        return found

    def goes_on(self):
        """Return its processes, as soon as those are there that do the work; or end the test, if it cannot be done here."""
        for _ in patience(step=0.001):
            found = self.all()
            if len(found) > 1 + self.deep:
                self.director = found[0]
                return found
            if self.program.poll() is not None:
                self.over()
        inconclusive("the lab had not begun within a minute")
        return []

    def over(self):
        """End the test, since the lab is over before it was interrupted."""
        out, words = self.program.communicate()
        self.words.hold_in_time()
        assert self.program.returncode == 3, words
        why = json.loads(out)["real"]["why"]
        if any(BUSY in each for each in why):
            inconclusive(BUSY)
        assert os.geteuid() != 0, why
        pytest.skip("; ".join(why))  # what takes root

    def ended(self, began, within=SOON):
        """Return what it said, on both channels; it has ended within so many seconds, and nothing is left."""
        try:
            said = self.program.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            self.program.kill()
            self.words.enough()
            raise
        for _ in patience(SOON):
            if not self.left():
                break
        assert [] == self.left()
        assert time.monotonic() - began < within
        return said

    def left(self):
        """Return what is left of it: processes, files, semaphores."""
        return [
            *filter(lives, self.seen),
            *(os.path.join(folder, name) for folder in self.folders for name in os.listdir(folder)),
            *semaphores(f"sslab{self.director}-"),
        ]


@pytest.fixture
def lab(tmp_path):
    """Begin a lab, once."""
    begun = []

    def begin(name):
        begun.append(Lab(name, tmp_path))
        return begun[0]

    yield begin
    for each in begun:
        each.words.enough()
        if each.program.poll() is None:
            each.program.kill()
        each.program.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("name", names())
def test_a_lab_is_interrupted(name, number, lab):
    """By Ctrl-C, which a terminal sends to the whole group; by being told to end; by being killed."""
    begun = lab(name)
    begun.goes_on()
    time.sleep(LATER[number])
    begun.all()
    began = time.monotonic()
    if number == signal.SIGINT:
        os.killpg(begun.program.pid, number)
    else:
        begun.program.send_signal(number)
    out, words = begun.ended(began)
    begun.words.hold_in_time()
    status = 130 if number == signal.SIGINT else -number
    assert (status, "", "schedsim: interrupted\n" if number == signal.SIGINT else "") == (
        begun.program.returncode, out, words
    )  # fmt: skip


def killed(victim):
    """Kill a process; return whether it was there still."""
    if lives(victim):
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
            return True
    return False


@pytest.mark.parametrize(
    ("name", "which"),
    [*((name, "youngest") for name in names()), ("convoy", "eldest"), ("tickets", "eldest")],
)
def test_a_process_of_a_lab_is_killed(name, which, lab):
    """By somebody outside: one that the director made, or one that was made by this one, as workers are by a dispatcher."""
    begun = lab(name)
    began = time.monotonic()
    for _ in patience():
        begun.goes_on()
        time.sleep(MOMENT if begun.deep else 0.0)
        found = begun.all()[1:]
        began = time.monotonic()
        if len(found) > begun.deep and killed(found[-1 if which == "youngest" else 0]):
            break
    else:
        inconclusive("there was never a process to be killed")
    begun.words.enough()
    # A run of which a worker died is made again, and on a busy machine again and again, until its time is up.
    out, words = begun.ended(began, LIMIT + SOON if begun.deep else SOON)
    begun.words.hold_in_time()
    # It shows its effect all the same, or says that it was disturbed; it never says that there is none.
    assert "" == words
    assert begun.program.returncode in (0, 3)
    real = json.loads(out)["real"]
    assert real["verdict"] in (SEEN, INCONCLUSIVE, NOT_DONE), real["why"]
