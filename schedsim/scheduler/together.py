"""What tasks have in common: mutexes, queues, variables, parents and children; and who enters because of it.

Nothing here takes time. A task that does one of these operations does it on its CPU, in step 1 of an
instant, and goes on with what follows. Whom it lets go (the next who wants its mutex, a child) enters in
step 3, among the arrivals and wake-ups that the engine reports.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from schedsim.errors import ProgramError
from schedsim.scheduler.family import Family
from schedsim.scheduler.inheritance import lend
from schedsim.scheduler.shared import BoundedQueue, Mutex
from schedsim.states import BLOCKED
from schedsim.trace import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from schedsim.operations import Operation
    from schedsim.scheduler.core import Scheduler
    from schedsim.scheduler.task import Task

ZERO_TIME_LIMIT: Final = 10_000
"""So many operations of one generator at one instant are a program that loops in zero time."""
ARRIVAL: Final = 0
WAKE_UP: Final = 1
"""The two parts of step 3, in their order."""

Turn = tuple[int, int]
"""When in step 3 a task enters: which part, then its place in the mix or the number of its wait."""


class Together:
    """What the tasks of one scheduler have in common."""

    __slots__ = (
        "counted", "counts", "entering", "family", "mutexes", "places", "queues", "registers", "scheduler", "used",
        "variables", "waits",
    )  # fmt: skip

    def __init__(
        self, scheduler: Scheduler, queues: Mapping[str, int], variables: Mapping[str, object]
    ) -> None:
        """Start with free mutexes and empty queues; ``queues`` are their capacities."""
        self.scheduler = scheduler
        self.used = False
        """Whether any task has done any of this, or stands at it: as long as none does, nobody needs to look."""
        self.entering: list[tuple[Turn, Callable[[], None]]] = []
        """Who is to enter in step 3 of this instant, and how, in order."""
        self.mutexes: dict[str, Mutex] = {}
        self.queues = {name: BoundedQueue(name, capacity) for name, capacity in queues.items()}
        self.variables: dict[str, Any] = dict(variables)
        self.registers: dict[tuple[int, str], Any] = {}
        """What each task read last of each variable."""
        self.waits: dict[int, tuple[Mutex | BoundedQueue | None, object]] = {}
        """For each task that waits for a mutex or a queue: which, and what it would put; None for a child."""
        self.family = Family(self)
        self.places: dict[str, int] = {}
        """Where the header has each shared object."""
        self.counts: dict[int, int] = {}
        """How many operations each generator has done at the instant ``counted``."""
        self.counted = -1

    # Step 1.

    def begin(self, task: Task, operation: Operation) -> None:
        """Note that the task does one more operation at this instant. Raises ProgramError for one too many."""
        self.used = True
        if task.generator is None:
            return  # a list comes to its end, however long it is
        if self.counted != self.scheduler.now:
            self.counted = self.scheduler.now
            self.counts.clear()
        done = self.counts[task.index] = self.counts.get(task.index, 0) + 1
        if done > ZERO_TIME_LIMIT:
            raise ProgramError(
                f"job {task.id!r} loops in zero time: it did {ZERO_TIME_LIMIT:,} operations at {self.when()}, "
                f"the last of them {operation.text(self.scheduler.trace.header.unit)!r}; give the loop a CPU or "
                "I/O burst"
            )

    def row(self, kind: Kind, task: Task, value: int) -> None:
        """Add a row about the task, on its CPU if it has one."""
        cpu = -1 if task.processor is None else task.processor.number
        self.scheduler.row(self.scheduler.now, kind, task.index, cpu, value)

    def place(self, what: str, name: str) -> int:
        """Return where the header has a shared object; it is added at its first use."""
        known, said = self.places, f"{what} {name}"
        if said not in known:
            trace = self.scheduler.trace
            objects = trace.header.objects
            if said not in objects:
                objects = (*objects, said)
                trace.header = trace.header._replace(objects=objects)
            known[said] = objects.index(said)
        return known[said]

    def wait(
        self, task: Task, kind: Kind, value: int, what: Mutex | BoundedQueue | None, item: object
    ) -> None:
        """Let the running task wait for something; its blocked row follows."""
        self.row(kind, task, value)
        task.wait(self.scheduler.now)
        self.waits[task.index] = (what, item)
        self.scheduler.waits += 1
        task.wait_number = self.scheduler.waits

    def forget(self, task: Task) -> None:
        """Take a task that will never run again out of whatever it waits for."""
        what, _ = self.waits.pop(task.index, (None, None))
        if isinstance(what, Mutex):
            what.waiting.remove(task)
            lend(self, what)
        elif what is not None:
            what.leave(task)

    @property
    def stuck(self) -> bool:
        """Whether all that are there wait for each other, or for jobs that may still come."""
        return 0 < len(self.waits) == len(self.scheduler.unfinished)

    def error(self, task: Task, message: str) -> ProgramError:
        """Return the error for a program that does what it must not."""
        return ProgramError(f"job {task.id!r} at {self.when()}: {message}")

    def when(self) -> str:
        """Return the present instant for a message."""
        header = self.scheduler.trace.header
        return f"{header.shown(self.scheduler.now)} {header.unit}"

    # Step 3.

    def arrive(self, task: Task, how: Callable[[], None]) -> None:
        """Let a child arrive in step 3."""
        insort(self.entering, ((ARRIVAL, task.index), how), key=_turn)

    def wake(self, task: Task, result: object) -> None:
        """Let a task that waited have what it waited for; it is ready in step 3."""
        del self.waits[task.index]
        turn = (WAKE_UP, task.wait_number)
        insort(self.entering, (turn, lambda: self._wake(task, result)), key=_turn)

    def _wake(self, task: Task, result: object) -> None:
        if task.state is BLOCKED:  # or it was killed at this very instant
            from schedsim.scheduler.waiting import wake

            wake(self.scheduler, task, self.scheduler.machine.answer(task, result))

    def enter(self, before: Turn = (WAKE_UP + 1, 0)) -> None:
        """Let those enter whose turn is before that of the next one that the engine reports."""
        while self.entering and self.entering[0][0] < before:
            self.entering.pop(0)[1]()

    def settle(self) -> None:
        """After step 4, let in everybody who may still enter: a job that ended as it woke made room, too."""
        from schedsim.scheduler.waiting import admit

        self.enter()
        while self.scheduler.held:
            admit(self.scheduler)
            if not self.entering:
                break
            self.enter()


def _turn(entry: tuple[Turn, object]) -> Turn:
    return entry[0]
