"""Programs that go on for ever: in no time, as a simulation would say, or without a word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from schedsim.engines.real import records
from schedsim.errors import ProgramError
from schedsim.operations import Operation, Put
from schedsim.scheduler.inputs import Arrived, IoDone, Reached, Stopped
from schedsim.scheduler.together import ZERO_TIME_LIMIT
from schedsim.states import BLOCKED, RUNNING

if TYPE_CHECKING:
    from schedsim.engines.real.crew import Crew
    from schedsim.scheduler.inputs import Input
    from schedsim.scheduler.task import Task
    from schedsim.times import Ns

SILENT: Final[Ns] = 10_000_000_000
"""A worker that has a CPU for so long (nanoseconds), and does not get on, never will."""
LOOK: Final[Ns] = 250_000_000
"""So often (nanoseconds) workers are looked at."""


class ZeroTime:
    """How many operations each generator has done at what would be one instant in a simulation.

    Really each of them takes some time. So what is counted is what it has done since it computed or slept;
    and since it waited or yielded, if meanwhile somebody else computed, slept or arrived.
    """

    def __init__(self, count: int) -> None:
        """Start with nothing done by any of ``count`` workers."""
        self.done = [0] * count
        self.passed = 0
        """How often anybody has done what takes time."""
        self.at = [0] * count
        """How often that was when each did its last operation."""
        self.yielded: set[int] = set()
        """Who has let others run since."""

    def note(self, batch: Iterable[Input]) -> None:
        """Note what of all this has taken time."""
        for item in batch:
            if isinstance(item, Reached) and item.yielded:
                self.yielded.add(item.task.index)
            elif isinstance(item, Arrived | IoDone) or (
                isinstance(item, Reached | Stopped) and item.task.standing is None and item.task.burst_length
            ):
                self.passed += 1
                if not isinstance(item, Stopped):
                    self.done[item.task.index] = 0

    def count(self, task: Task, operation: Operation) -> None:
        """Count one more operation, which may have had to wait until now. Raises ProgramError for one too many."""
        if task.generator is None:
            return  # a list comes to its end, however long it is
        index = task.index
        let_others_run = task.state is BLOCKED or index in self.yielded
        self.yielded.discard(index)
        if let_others_run and self.at[index] != self.passed:
            self.done[index] = 0
        self.at[index] = self.passed
        self.done[index] += 1
        if self.done[index] > ZERO_TIME_LIMIT:
            if isinstance(operation, Put):  # its item is known to the workers alone
                operation = Put(operation.queue, None, operation.blocking)
            raise ProgramError(
                f"job {task.id!r} loops in zero time: it did {ZERO_TIME_LIMIT:,} operations in a row, the last of "
                f"them {operation.text('ms')!r}; give the loop a CPU or I/O burst"
            )


class Silence:
    """For how long each worker has had a CPU and has not got on."""

    def __init__(self, crew: Crew, on: Sequence[int | None], tasks: Mapping[int, Task]) -> None:
        """Watch over a crew; ``on`` is whose worker is let run on each CPU, ``tasks`` those that have arrived."""
        self.crew, self.on, self.tasks = crew, on, tasks
        self.looked: Ns = 0
        self.seen: dict[int, tuple[int, ...]] = {}
        """How far each worker was when it was last looked at."""
        self.silent: dict[int, Ns] = {}

    def look(self, now: Ns) -> None:
        """Look at those that run, from time to time. Raises ProgramError for one that has been silent for too long."""
        if now - self.looked < LOOK:
            return
        # A pause of the whole machine is nobody's silence.
        passed, self.looked = min(now - self.looked, 2 * LOOK), now
        for index in self.on:
            if index is None or self.tasks[index].state is not RUNNING:
                continue
            first = index * records.SLOT
            seen = tuple(self.crew.memory[first : first + records.WAITS])
            if self.seen.get(index) != seen:
                self.seen[index], self.silent[index] = seen, 0
                continue
            self.silent[index] += passed
            if self.silent[index] > SILENT:
                raise ProgramError(
                    f"job {self.tasks[index].id!r} has had a CPU for {SILENT / 1e9:g} s, and neither computed what it "
                    "asked for nor said what comes next: its program goes on without a yield, or its process is "
                    "stopped; the run was given up"
                )
