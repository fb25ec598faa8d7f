"""What the dispatcher tells workers of the operations that take no time, and when they have done them.

The scheduler decides what comes of an operation; the worker then does it. So that all of them really happen
in the order in which they were decided, a worker that has been told while it had a CPU is neither taken
off it, nor is anybody else told anything, before it has done what it may. That takes some microseconds.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from schedsim.engines.real import records
from schedsim.engines.real.endless import ZeroTime
from schedsim.engines.real.objects import UNNAMED
from schedsim.engines.real.performing import does_at_once, outcome
from schedsim.errors import HostError, InternalError, ProgramError
from schedsim.operations import Lock, Operation, Read, Write

if TYPE_CHECKING:
    from schedsim.engines.real.crew import Crew
    from schedsim.scheduler.task import Task
    from schedsim.times import Ns

LONG: Final[Ns] = 1_000_000
"""What takes longer than this (nanoseconds) may have been disturbed, or its process be dead."""
TOO_LONG: Final[Ns] = 10_000_000_000
NAP: Final = 0.0001


class Answers:
    """What has been decided and is not said, or said and not done."""

    def __init__(self, crew: Crew, send: Callable[[int, bytes], None], *, watches: bool) -> None:
        """Start with nothing decided. Raises ProgramError for a variable too many.

        Args:
            crew: the workers.
            send: sends a worker words through its door.
            watches: whether to wait by watching, and not by sleeping: where the dispatcher has a CPU of its own.
        """
        self.crew, self.send, self.watches = crew, send, watches
        self.decided: dict[int, bytes] = {}
        """What is to be said to each worker, by its place."""
        self.given = [0] * len(crew.workers)
        """How many operations have been decided for each worker."""
        self.due: dict[int, int] = {}
        """How many operations those must have done for whom something was decided while they had a CPU."""
        self.zero_time = ZeroTime(len(crew.workers))
        self.locks: dict[str, int] = {}
        self.variables: dict[str, int] = {}
        """Which lock and which variable each name stands for, from its first use on."""
        if crew.objects is not None:
            for name, value in crew.variables.items():
                crew.objects.variables[self.variable(name)] = value

    def doing(self, task: Task) -> Operation | None:
        """Return the operation that a task stands at."""
        return task.steps[task.position] if task.generator is None else self.crew.workers[task.index].doing

    def decide(self, task: Task, result: object) -> None:
        """Note what came of the operation that the task stands at. Raises ProgramError for one name too many."""
        operation, index, objects = self.doing(task), task.index, self.crew.objects
        if operation is None or objects is None:
            raise InternalError(f"job {task.id!r} is told {result!r}, and has asked for nothing")
        self.zero_time.count(task, operation)
        self.given[index] += 1
        if task.processor is not None:
            self.due[index] = self.given[index]
        if does_at_once(operation):
            return
        place = 0
        if isinstance(operation, Lock):
            place = self._place(self.locks, operation.mutex, objects.locks, "mutexes", task)
        elif isinstance(operation, Read | Write):
            place = self.variable(operation.variable, task)
        self.decided[index] = self.decided.get(index, b"") + outcome(operation, result, place).packed()

    def variable(self, name: str, task: Task | None = None) -> int:
        """Return the place of a shared variable. Raises ProgramError for one name too many."""
        there = () if self.crew.objects is None else self.crew.objects.variables
        return self._place(self.variables, name, there, "variables", task)

    def compare(self, decided: Mapping[str, object]) -> None:
        """See that the variables are what the scheduler thinks. Raises InternalError when one is not."""
        for name, place in self.variables.items():
            there = () if self.crew.objects is None else self.crew.objects.variables
            if there[place] != decided.get(name, 0):
                raise InternalError(
                    f"the variable {name!r} is {there[place]}, and should be {decided.get(name, 0)!r}"
                )

    def _place(self, known: dict[str, int], name: str, there: Any, what: str, task: Task | None) -> int:
        if name not in known and len(known) == len(there):
            who = "the mix" if task is None else f"job {task.id!r}"
            raise ProgramError(
                f"{who}: {name!r} is one more than the {len(there)} {what} that this real run has room for; generators "
                f"may use {UNNAMED} that no list of operations names"
            )
        return known.setdefault(name, len(known))

    def tell(self) -> None:
        """Say everything that has been decided."""
        if self.decided:
            decided, self.decided = self.decided, {}
            for index, words in decided.items():
                for other in [*self.due]:
                    if other not in decided:
                        self.settle(other)
                self.send(index, words)
                if len(decided) > 1:
                    self.settle(index)

    def expect(self, index: int, waits: bool) -> None:  # noqa: FBT001  # it is a fact about the first
        """Note for a worker whether it will have to wait at what it has to ask for next."""
        self.crew.memory[index * records.SLOT + records.WAITS] = waits

    def settle(self, index: int) -> None:
        """Wait until a worker has done what it was told it may while it had a CPU, or is dead.

        Raises HostError when that takes too long.
        """
        due = self.due.pop(index, None)
        if due is None:
            return
        place, began = index * records.SLOT + records.DONE, time.monotonic_ns()
        while self.crew.memory[place] < due:
            waited = time.monotonic_ns() - began
            if not self.watches or waited > LONG:
                if select.select([self.crew.workers[index].sentinel], [], [], NAP)[0]:
                    return
                if waited > TOO_LONG:
                    raise HostError(
                        f"job {self.crew.jobs[index].id!r} did not do within {TOO_LONG // 1_000_000_000} s what "
                        "takes no time; the run was given up"
                    )
