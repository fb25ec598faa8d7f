"""Programs of jobs that last until a test has done with their run what it wants, however late it comes to it.

A run that is disturbed after a while of sleep is over by then on a busy machine. These programs say when
they run, and go on until they are told that it is enough; if nobody does for a long time they say so and end.
"""

from __future__ import annotations

import os
import time
from typing import NamedTuple
from unittest import mock

import schedsim as ss
from schedsim.operations import Cpu, Io
from tests.real.machine import MS, inconclusive, patience

AT_MOST = 30.0
"""So many seconds is it waited for the test."""
LOOKS = 5
"""So often does a program look at the clock before it says that it runs."""


class Word(NamedTuple):
    """What a program says of itself."""

    process: int
    parent: int
    """The dispatcher."""
    times: tuple[int, ...]
    """When it had ended each of its first bursts, and had its CPU again, by the monotonic clock."""


class Words:
    """A folder of files, by which programs and their test talk to each other."""

    def __init__(self, folder, *, new=True):
        """Begin with no words, or with those that were said in another program."""
        self.folder = str(folder)
        if new:
            os.makedirs(self.folder)

    def _path(self, name):
        return os.path.join(self.folder, name)

    def tell(self, name, times=()):
        """Say which process this is; for programs, and whole or not at all."""
        with open(self._path(f"{name}.new"), "w", encoding="utf-8") as file:
            file.write(" ".join(map(str, (os.getpid(), os.getppid(), *times))))
        os.replace(self._path(f"{name}.new"), self._path(name))

    def told(self, name):
        """Return whether it was said."""
        return os.path.exists(self._path(name))

    def of(self, name, run=None):
        """Return what a program says, as soon as it does; its run goes on, or there would be an error to raise."""
        for _ in patience(step=0.001):
            if self.told(name):
                with open(self._path(name), encoding="utf-8") as file:
                    process, parent, *times = map(int, file.read().split())
                return Word(process, parent, tuple(times))
            if run is not None and not run.thread.is_alive():
                run.join()
                raise AssertionError(f"the run ended, and {name} did not run")
        raise AssertionError(f"{name} did not run")

    def enough(self):
        """Let the programs end; for the test."""
        self.tell("enough")

    def hold_in_time(self):
        """End the test where a program did not wait for it any longer: nothing was shown then."""
        if self.told("too late"):
            inconclusive(f"the run was over after {AT_MOST:g} s, before it was disturbed")

    def waits(self):
        """Yield until it is enough, or has been for too long."""
        until = time.monotonic() + AT_MOST
        while not self.told("enough"):
            if time.monotonic() > until:
                self.tell("too late")
                return
            yield


def begins(words, name):
    """Compute for a few milliseconds, and say who this is and when each of them was over; a part of a program."""
    times = []
    for _ in range(LOOKS):
        yield Cpu(MS)
        times.append(time.monotonic_ns())
    words.tell(name, times)


def lasting(words, name, *, step=5 * MS, rest=0):
    """Return a program that says that it runs, and then computes until it is enough, with a rest after each step."""

    def program():
        yield from begins(words, name)
        for _ in words.waits():
            yield Cpu(step)
            if rest:
                yield Io(rest)

    return program


def ready(words, name, *steps):
    """Return a program that says who it is before the run begins."""

    def program():
        words.tell(name)
        yield from steps

    return program


def lab_that_lasts(name, folder):
    """Be ``schedsim lab NAME --real``, its real part again and again until it is enough; return its exit status.

    In a program of its own, whose test has the ``Words`` in that folder.
    """
    from schedsim.cli import main
    from schedsim.labs import find, running

    words, lab = Words(folder, new=False), find(name)

    def real(stage):
        found = lab.real(stage)
        for _ in words.waits():
            found = lab.real(stage)
        return found

    with mock.patch.object(running, "find", return_value=lab._replace(real=real)):
        return main(["lab", name, "--real", "--format", "json"])


def three(words):
    """Return jobs A, B and C that last."""
    return ss.Mix(tuple(ss.Job(name, 0, lasting(words, name)) for name in "ABC"), name="lasting")


def epoch(run, word):
    """Return when the run began by the monotonic clock, late by very little; ``word`` is that of job A.

    After each of its first bursts A looked at the clock. It may have lost its CPU in between, though not each time.
    """
    index = next(place for place, job in enumerate(run.trace.header.jobs) if job.id == "A")
    ends = [row.time for row in run.trace if row.task == index and row.kind.name in ("REACHED", "BLOCKED")]
    return min(seen - end for seen, end in zip(word.times, ends, strict=False))
