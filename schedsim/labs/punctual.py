"""What labs on locks and queues share: processes that sleep for as long as simulated jobs wait, and how long these do.

A process that sleeps knows how late it was woken up.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schedsim.labs.stage import Stage
    from schedsim.times import Ns
    from schedsim.trace import Trace

Made = TypeVar("Made")
TRIES: Final = 3
"""So often something is made again while its processes are kept from the CPU."""
_LATE: Final = 5e-4
"""Seconds: a process that is woken up later than this in a round was kept from the CPU by others."""
_ROUND_TRIES: Final = 5
"""So often a round is made again while its processes are kept from the CPU."""


class Sleeper:
    """A process that is woken up on time as far as this machine can.

    Where it may have a real-time priority it takes the lowest, so that a machine that is busy with others
    does not make it late. So it must sleep most of its time.
    """

    def __init__(self, late: Any, place: int) -> None:
        """Be the process at this place; ``late`` is memory for all, with a number of seconds for each."""
        self.late, self.place = late, place
        with suppress(OSError, AttributeError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))

    def until(self, moment: float) -> None:
        """Sleep until that moment of the monotonic clock."""
        time.sleep(max(moment - time.monotonic(), 0.0))
        self.late[self.place] = max(self.late[self.place], time.monotonic() - moment)

    def sleep(self, seconds: float) -> None:
        """Sleep for so long."""
        self.until(time.monotonic() + seconds)


def compute(length: Ns) -> None:
    """Use the CPU for so long."""
    until = time.process_time_ns() + length
    while time.process_time_ns() < until:
        pass


class Meeting:
    """Where processes meet, again and again, and go on when they are told to.

    It is no Barrier of multiprocessing: who leaves that by an exception waits for the others to wake up, and
    waits for ever where one of them has been killed.
    """

    def __init__(self, count: int) -> None:
        """Be made before the ``count`` processes are forked."""
        from multiprocessing import get_context

        context = get_context("fork")
        self._there: Any = context.Semaphore(0)
        self._go: list[Any] = [context.Semaphore(0) for _ in range(count)]

    def come(self, place: int) -> None:
        """Be there, as the process at this place, and wait until all are let go."""
        self._there.release()
        self._go[place].acquire()

    def gather(self) -> None:
        """Wait until all are there."""
        for _ in self._go:
            self._there.acquire()

    def let_go(self) -> None:
        """Have all go on."""
        for go in self._go:
            go.release()


class Rounds:
    """Rounds in which processes come at moments of their own; one in which any of them was late is made again.

    Attributes:
        late: memory for the ``Sleeper`` of each process.
    """

    def __init__(self, processes: int, count: int) -> None:
        """Be made before the processes are forked; there will be ``count`` rounds."""
        from multiprocessing import get_context

        context = get_context("fork")
        self.late: Any = context.RawArray("d", processes)
        self._count = count
        self._together = Meeting(processes)
        self._begin: Any = context.RawValue("d")
        self._turn: Any = context.RawValue("i")
        self._again = self._lost = 0

    def made(self, once: Callable[[int], object]) -> Iterator[int]:
        """Yield the number of each round when it is over; ``once`` makes it, and calls ``go`` for that."""
        self._together.gather()
        for number in range(self._count):
            self._turn.value = number
            for attempt in range(_ROUND_TRIES):
                self._again += attempt > 0
                once(number)
                if max(self.late) <= _LATE:
                    break
            else:
                self._lost += 1
            yield number
        self._turn.value = self._count
        self._together.let_go()

    def go(self) -> None:
        """Let the round begin, and wait until all have done what they do in it."""
        self._begin.value = time.monotonic() + 1e-3
        self._together.let_go()
        self._together.gather()

    def of(self, place: int) -> Iterator[tuple[int, float]]:
        """Yield the number of each round and when it begins; for the process at this place."""
        self._together.come(place)
        while (number := self._turn.value) < self._count:
            self.late[place] = 0.0
            yield number, self._begin.value
            self._together.come(place)

    def told(self, stage: Stage, allowed: float) -> tuple[str, ...]:
        """Return details; a larger share of rounds in which a process was late each time is a disturbance."""
        if self._lost > allowed * self._count:
            stage.disturbed(
                f"in {self._lost} of {self._count} rounds a process was woken up too late each time"
            )
        if not self._again:
            return ()
        return (f"{self._again} rounds were made again, since a process was woken up too late",)


def waits(trace: Trace) -> Iterator[tuple[int, Ns]]:
    """Yield each wait of a simulation for a lock or a queue that ended: the place of its job, and how long it was."""
    since: dict[int, Ns] = {}
    for row in trace:
        if row.kind is Kind.WAITS:
            since[row.task] = row.time
        elif row.kind in (Kind.ACQUIRED, Kind.PUT, Kind.GOT) and row.task in since:
            yield row.task, row.time - since.pop(row.task)


def undisturbed(make: Callable[[], Made]) -> Made:
    """Return what is made while no other real run goes on here: each would disturb the other."""
    from schedsim.engines.real.patience import when_free
    from schedsim.engines.real.stage import alone

    def held() -> Made:
        with alone():
            return make()

    return when_free(held)


def on_time(make: Callable[[Any], Made], processes: int, allowed: float, stage: Stage) -> Made:
    """Return what was made while nobody was woken up later than ``allowed`` seconds; of three tries, the last.

    ``make`` is given the memory for the ``Sleeper`` of each process. That it was late each time is noted as a
    disturbance.
    """
    from multiprocessing import get_context

    late: Any = get_context("fork").RawArray("d", processes)
    tries = 1
    while True:
        late[:] = [0.0] * processes
        made = undisturbed(lambda: make(late))
        if max(late) <= allowed or tries == TRIES:
            break
        tries += 1
    if max(late) > allowed:
        stage.disturbed(f"others wanted the CPU: a process was woken up {max(late) * 1e3:.0f} ms late")
    return made
