"""A run without a dispatcher: workers under one of the kernel's classes, and a process that waits until all have ended.

It never says who is to run. It makes the workers, puts them into their class, tells them when the run
begins, and collects what they say; it looks every few milliseconds and is woken by nobody, because waking
it would cost the worker that does so time that is not its job's.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from schedsim.engines.native.classes import ALONE, Kernel, enter, enter_deadline
from schedsim.engines.native.pieces import Life
from schedsim.engines.native.rebuild import rebuild
from schedsim.engines.real import records
from schedsim.engines.real.crew import Crew
from schedsim.engines.real.drivers import DISPATCHER_BAND
from schedsim.engines.real.failures import hold
from schedsim.engines.real.host import Placing
from schedsim.engines.real.linux import come_first, tick_seen
from schedsim.engines.real.sentinels import Sentinels
from schedsim.engines.real.stage import HostSteal, apart, be_quick, stage
from schedsim.engines.real.validity import judge
from schedsim.engines.real.worker import COMMAND
from schedsim.errors import HostError
from schedsim.jobs import Mix
from schedsim.observed import Observed, Validity
from schedsim.operations import Cpu, Io, Operation
from schedsim.times import Ns
from schedsim.trace import ENDS_SLICE, Header, Trace

LOOK: Final = 0.004
"""Seconds between two looks at what the workers have said."""
SETTLE: Final = 0.02
"""Seconds in which workers that were told when the run begins have gone to sleep until then."""


class Order(NamedTuple):
    """What is to be run, and how."""

    mix: Mix
    header: Header
    kernel: Kernel
    placing: Placing
    start_method: str = "fork"
    throttled: bool = False
    """Whether the kernel limits real-time processes during the run."""
    limit: Ns = 60_000_000_000


class Outcome(NamedTuple):
    """What came of it."""

    trace: Trace
    observed: Observed
    validity: Validity
    deaths: list[tuple[Ns, int]]
    awake: bool
    """Whether idle CPUs polled."""


def watch(order: Order) -> Outcome:
    """Run it in a process of its own and return what came of it.

    Raises what the run raised, HostError when its process was killed or the kernel refuses,
    KeyboardInterrupt when the user interrupted; nothing of the run is left then.
    """
    outcome: Outcome = apart("coordinator", _run, order)
    return outcome


def _run(order: Order) -> Outcome:
    mix, placing, kernel = order.mix, order.placing, order.kernel
    fair = kernel.kind == "other"
    if fair:
        come_first()
    workers = Crew(
        mix.jobs,
        start_method=order.start_method,
        cpu=placing.measured[0],
        alone=True,
        # To ask for CPU time has the kernel consider who should run; at a tick it has just done so by itself.
        ticks=(kernel.tick, tick_seen(kernel.tick)) if fair and kernel.tick else None,
    )
    with stage(placing) as awake, workers as crew:
        processes = [worker.process for worker in crew.workers]
        enter(kernel, mix.jobs, processes)
        be_quick(DISPATCHER_BAND if placing.realtime else None)
        steal = HostSteal(kernel.cpus)
        watching = Watching(crew, kernel.epoch(len(processes)), order.limit)
        watching.let_go(ALONE if fair else 0)
        if kernel.deadlines:
            time.sleep(SETTLE)
            enter_deadline(kernel, processes)
        late = time.monotonic_ns() > watching.epoch
        watching.wait()
        share = steal.share()
        noted, overflow = records.all_notes(crew.memory, len(mix.jobs))
        if overflow:
            raise HostError(
                f"a process was interrupted more than {records.MOST_NOTES:,} times, and nobody could note that; "
                "run a shorter mix, or one with fewer jobs"
            )
        lives = watching.lives(noted)
    trace, lost = rebuild(order.header, lives, kernel.slices._replace(limited=order.throttled))
    validity = judge(
        lost,
        sum(row.value for row in trace if row.kind in ENDS_SLICE),
        (),
        driver=kernel.kind,
        shared=False,
        throttled=order.throttled,
        overflow=False,
        host_steal=share,
    )
    if late:
        validity = validity._replace(
            valid=False, reasons=(*validity.reasons, "the run began before all processes were in their class")
        )
    observed = Observed(
        releases=tuple((index, job.arrival) for index, job in enumerate(mix.jobs)), stolen=lost
    )
    return Outcome(trace, observed, validity, watching.deaths, awake)


class Watching:
    """What the workers say, until all of them have ended."""

    def __init__(self, crew: Crew, epoch: Ns, limit: Ns) -> None:
        """Watch a crew whose run begins at ``epoch`` of the monotonic clock, for ``limit`` at most."""
        self.crew, self.epoch, self.limit = crew, epoch, limit
        self.sentinels = Sentinels([worker.sentinel for worker in crew.workers])
        self.ends: list[list[tuple[Ns, Ns]]] = [[] for _ in crew.workers]
        self.deaths: list[tuple[Ns, int]] = []
        self.dead: dict[int, Ns] = {}

    def let_go(self, pause: float) -> None:
        """Tell every worker when the run begins: each lets itself go when its job arrives.

        After each, ``pause`` seconds: a process that goes to sleep while others want its CPU is owed something
        under SCHED_OTHER, or owes it, for as long as it sleeps.
        """
        for worker in self.crew.workers:
            os.write(worker.door, COMMAND.pack(self.epoch))
            time.sleep(pause)

    def wait(self) -> None:
        """Return when every worker has come to the end of its program, or has died.

        Raises HostError when that takes longer than the limit, ProgramError when a program raised.
        """
        while True:
            self._take_in()
            now = time.monotonic_ns() - self.epoch
            left = [index for index in range(len(self.ends)) if not self._is_over(index, now)]
            if not left:
                break
            if now > self.limit:
                names = ", ".join(self.crew.jobs[index].id for index in left)
                raise HostError(f"the run did not end within {self.limit // 1_000_000_000} s; left: {names}")
            select.select(self.sentinels.files(), [], [], LOOK)
        self.sentinels.close()

    def _take_in(self) -> None:
        for record in self.crew.read():
            hold(record)
            if record.kind == records.PLANNED:
                self.crew.workers[record.worker].planned.append(record.operation)
            elif record.kind == records.REACHED:
                self.ends[record.worker].append((record.time - self.epoch, record.cpu))
        for index in self.sentinels.dead():
            self.dead[index] = max(0, time.monotonic_ns() - self.epoch)
            self.deaths.append((self.dead[index], index))

    def _is_over(self, index: int, now: Ns) -> bool:
        """Return whether a worker has nothing more to do."""
        if index in self.dead:
            return True
        operations, known = self._operations(index)
        bursts = sum(isinstance(operation, Cpu) for operation in operations)
        if not known or bursts > len(self.ends[index]):
            return False
        # It ends with I/O, of which nobody hears.
        last = self.ends[index][-1][0] if bursts else self.crew.jobs[index].arrival
        waits = 0
        for operation in reversed(operations):
            if isinstance(operation, Cpu):
                break
            waits += operation.ns if isinstance(operation, Io) else 0
        return now >= last + waits

    def _operations(self, index: int) -> tuple[tuple[Operation, ...], bool]:
        """Return a worker's operations, and whether these are all."""
        program = self.crew.jobs[index].program
        if isinstance(program, tuple):
            return program, True
        planned = self.crew.workers[index].planned
        known = tuple(operation for operation in planned if operation is not None)
        return known, None in planned

    def lives(self, noted: Sequence[Sequence[records.Note]]) -> list[Life]:
        """Return what is known of each worker."""
        found = []
        for index, (job, notes) in enumerate(zip(self.crew.jobs, noted, strict=True)):
            moved = [
                note._replace(start=note.start - self.epoch, end=note.end - self.epoch) for note in notes
            ]
            progress = self.crew.memory[index * records.SLOT + records.PROGRESS]
            operations = self._operations(index)[0]
            found.append(
                Life(
                    job.arrival,
                    operations,
                    tuple(moved),
                    tuple(self.ends[index]),
                    self.dead.get(index),
                    progress,
                )
            )
        return found
