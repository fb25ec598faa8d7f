"""A machine that does nothing: it writes down the orders it gets, so that a test can play the clock.

```python
machine = RecordingMachine()
trace = Trace(Header(jobs=(TracedJob("A", 0),)))
scheduler = Scheduler(make_policy("rr", {"quantum": 4}, "ns"), machine, trace)
task = make_task("A", "cpu 10")
scheduler.deliver(0, [arrived(task)])
assert machine.taken() == [("start", "A", 0, 1, 0, 4)]
scheduler.deliver(4, [Stopped(task, 1, 4, Kind.EXPIRED)])
assert machine.taken() == [("start", "A", 0, 2, 4, 4)]
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schedsim.jobs import Job
from schedsim.operation_text import parse_program
from schedsim.operations import Answered
from schedsim.scheduler.arrivals import Arrivals
from schedsim.scheduler.inputs import Arrived
from schedsim.scheduler.task import Task

if TYPE_CHECKING:
    from schedsim.operations import Io, Operation
    from schedsim.times import Ns


class RecordingMachine:
    """Fulfils ``schedsim.scheduler.machine.Machine``; knows no arrivals and promises no quiet.

    Attributes:
        orders: every order so far as a plain tuple, its name first:
            ``("start", task id, cpu, order, begins, length)``, ``("stop", task id, cpu, order)``,
            ``("wake_at", time, token)``, ``("begin_io", task id, length, device, now)``, ``("kill", task id)``.
        measures: whether a test delivers ``Used``; else the scheduler charges all the time that passed.
        arrivals: none; a test delivers ``Arrived`` itself.
        quiet: what ``quiet_until`` answers, 0 at first; a later time lets the scheduler look ahead.
        children: the tasks that others may spawn, by their places in the mix; a test puts them there.
    """

    def __init__(self, *, quiet: Ns = 0, measures: bool = False) -> None:
        """Start with no orders."""
        self.measures = measures
        self.orders: list[tuple[object, ...]] = []
        self.arrivals = Arrivals()
        self.quiet = quiet
        self.children: dict[int, Task] = {}
        self._taken = 0

    def start(self, task: Task, cpu: int, order: int, begins: Ns, length: Ns) -> None:
        """Note the order."""
        self.orders.append(("start", task.id, cpu, order, begins, length))

    def stop(self, task: Task, cpu: int, order: int) -> None:
        """Note the order."""
        self.orders.append(("stop", task.id, cpu, order))

    def wake_at(self, time: Ns, token: int) -> None:
        """Note the order."""
        self.orders.append(("wake_at", time, token))

    def begin_io(self, task: Task, operation: Io, now: Ns) -> None:
        """Note the order."""
        self.orders.append(("begin_io", task.id, operation.ns, operation.device, now))

    def kill(self, task: Task) -> None:
        """Note the order."""
        self.orders.append(("kill", task.id))

    def advance(self, task: Task, result: object) -> Operation | None:
        """Let the program say what comes next."""
        return task.advance(result)

    def answer(self, task: Task, result: object) -> Operation | None:
        """Let a list say what comes next; a generator is told the result when its task runs."""
        return task.advance(result) if task.generator is None else Answered(result)

    def spawn(self, index: int) -> Task:
        """Return the task in ``children`` of that place."""
        return self.children[index]

    def first(self, task: Task) -> Operation | None:
        """Let its program say."""
        return task.advance()

    def quiet_until(self) -> Ns:
        """Return ``quiet``."""
        return self.quiet

    def taken(self) -> list[tuple[object, ...]]:
        """Return the orders that came since the last call of this method."""
        new = self.orders[self._taken :]
        self._taken = len(self.orders)
        return new


def make_job(name: str, program: str = "cpu 1", arrival: Ns = 0, *, unit: str = "ns", **fields: Any) -> Job:
    """Return a job.

    Args:
        name: its id.
        program: as in a mix file (``"cpu 5; io 3 disk; yield"``), lengths in ``unit``.
        arrival: when it arrives, in nanoseconds.
        unit: of the lengths in ``program``.
        **fields: other fields of a job (``priority``, ``tickets``, ``estimate``, …).
    """
    return Job(name, arrival, parse_program(program, unit), **fields)


def make_task(name: str, program: str = "cpu 1", arrival: Ns = 0, *, index: int = 0, **fields: Any) -> Task:
    """Return the task of such a job (see ``make_job``) at place ``index`` of the mix, not yet arrived."""
    return Task(index, make_job(name, program, arrival, **fields))


def arrived(task: Task) -> Arrived:
    """Return the input that says that ``task`` arrived; its program is moved on to the first operation."""
    return Arrived(task, task.advance())
