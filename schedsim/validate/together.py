"""Rows of what tasks share: mutexes, bounded queues, variables."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from schedsim.operations import LARGEST, Get, Io, Lock, Put, Read, Unlock, Write
from schedsim.states import State
from schedsim.times import Ns
from schedsim.trace import Kind, Trace
from schedsim.validate.following import Following
from schedsim.validate.progress import Progress


class Duty(NamedTuple):
    """A row that must come next, and nothing before it."""

    kind: Kind
    task: int
    cpu: int
    value: Ns | None = None
    """None: any."""


class Together(Following):
    """Who holds what, how many items are where, and who waits for which of it, first come, first served."""

    def __init__(self, trace: Trace) -> None:
        """Start with free mutexes and empty queues."""
        super().__init__(trace)
        self.duties: deque[Duty] = deque()
        self.dutiful = False
        """Whether this row had to come."""
        self.owners: dict[int, Progress] = {}
        self.lines: dict[int, deque[Progress]] = {}
        """Who waits for each mutex, or for room or an item in each queue."""
        self.items: dict[int, int] = {}
        self.awaits: dict[int, int] = {}
        """What each task waits for, -1 for a child."""
        self.granted: set[int] = set()
        """Who has got at this instant what it waited for."""
        self.variables: dict[int, int | None] = {}
        """What variables are; None: not known."""
        self.registers: dict[tuple[int, int], int | None] = {}
        self.said: tuple[int, int, int, int] | None = None
        """The row, task, CPU and variable of which a value may follow."""
        self.transparent = all(task.program is not None for task in self.tasks)
        """Whether all programs are known."""
        self.woken = (-1, 0)
        """When an I/O ended last, and the number of that wait."""
        self.ios: dict[int, Io] = {}
        self.servers: dict[str, deque[Progress]] = {}

    # What is named.

    def shared(self, value: Ns, *kinds: str) -> str:
        """Return the name of the shared object at a place, which must be of one of those kinds."""
        objects = self.header.objects
        kind, _, name = objects[value].partition(" ") if 0 <= value < len(objects) else ("", "", "")
        if kind not in kinds:
            self.fail(f"{value} is the place of no {' or '.join(kinds)} in the header's objects")
        return name

    def capacity(self, name: str) -> int:
        """Return how many items a queue holds."""
        if name not in self.header.queues:
            self.fail(f"the queue {name!r} is not declared")
        return self.header.queues[name]

    def names(self, said: str | None, name: str) -> None:
        """See that the operation names what the row does."""
        if said is not None and said != name:
            self.fail(f"its program says otherwise: {said!r}, and not {name!r}")

    def waits_now(self, task: Progress) -> bool:
        """Return whether a row has said that the task begins to wait for another one."""
        return task.index in self.awaits

    def grant(self, task: Progress, kind: Kind, value: Ns) -> None:
        """Let the next row be that of a waiting task which gets what it waits for."""
        self.duties.append(Duty(kind, task.index, -1, value))
        self.granted.add(task.index)

    # Mutexes.

    def acquired(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task holds a mutex."""
        del kind
        name = self.shared(value, "mutex")
        if cpu < 0:
            self.only_handed(task)
            return
        step = self.performs(task, cpu, Lock)
        self.names(step.mutex if isinstance(step, Lock) else None, name)
        if value in self.owners:
            self.fail(f"job {self.owners[value].job.id!r} holds it")
        self.owners[value] = task

    def only_handed(self, task: Progress) -> None:
        """See that a row off the CPU is the other half of the row before."""
        if not self.dutiful:
            self.fail("off a CPU a task gets this only from another one, in the row before", task)

    def released(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task gives a mutex up, to who has waited longest."""
        del kind
        name = self.shared(value, "mutex")
        step = self.performs(task, cpu, Unlock)
        self.names(step.mutex if isinstance(step, Unlock) else None, name)
        if self.owners.get(value) is not task:
            self.fail("it does not hold this mutex")
        line = self.lines.get(value)
        if line:
            self.owners[value] = line.popleft()
            self.grant(self.owners[value], Kind.ACQUIRED, value)
        else:
            del self.owners[value]

    # Queues.

    def put(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """An item is put into a queue, or handed to who waits for one."""
        del kind
        name = self.shared(value, "queue")
        if cpu < 0:
            self.only_handed(task)
            return
        step = self.performs(task, cpu, Put)
        self.names(step.queue if isinstance(step, Put) else None, name)
        count, line = self.items.get(value, 0), self.lines.get(value)
        if count == self.capacity(name):
            self.fail(f"the queue is full: it holds {count}")
        if count == 0 and line:
            self.grant(line.popleft(), Kind.GOT, value)
        else:
            self.items[value] = count + 1

    def got(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """The first item of a queue is taken out, and who waits for room puts one in."""
        del kind
        name = self.shared(value, "queue")
        if cpu < 0:
            self.only_handed(task)
            return
        step = self.performs(task, cpu, Get)
        self.names(step.queue if isinstance(step, Get) else None, name)
        count, line = self.items.get(value, 0), self.lines.get(value)
        if not count:
            self.fail("the queue is empty")
        if count == self.capacity(name) and line:
            self.grant(line.popleft(), Kind.PUT, value)
        else:
            self.items[value] = count - 1

    def refused(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task does not wait for a queue that is full or empty."""
        del kind
        name = self.shared(value, "queue")
        step = self.performs(task, cpu, (Put, Get))
        if isinstance(step, Put | Get):
            self.names(step.queue, name)
            if step.blocking:
                self.fail("its program says otherwise: it waits")
        self.is_in_the_way(step, value, name)

    def is_in_the_way(self, step: object, value: Ns, name: str) -> None:
        """See that a queue has no room, or nothing in it, whichever the operation needs."""
        count, capacity = self.items.get(value, 0), self.capacity(name)
        wrong = {Put: (capacity,), Get: (0,)}.get(type(step), (0, capacity))
        if count not in wrong:
            self.fail(f"the queue holds {count} of {capacity}, so this goes at once")

    def waiting(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task begins to wait for a mutex or a queue."""
        del kind
        name = self.shared(value, "mutex", "queue")
        of_queue = self.header.objects[value].startswith("queue")
        step = self.performs(task, cpu, (Put, Get) if of_queue else Lock)
        if isinstance(step, Put | Get):
            self.names(step.queue, name)
            if not step.blocking:
                self.fail("its program says otherwise: it does not wait")
        elif isinstance(step, Lock):
            self.names(step.mutex, name)
        if of_queue:
            self.is_in_the_way(step, value, name)
        elif value not in self.owners:
            self.fail("nobody holds this mutex")
        self.lines.setdefault(value, deque()).append(task)
        self.blocks(task, cpu, value)

    def blocks(self, task: Progress, cpu: int, value: int) -> None:
        """Note what a task waits for; the next row is that it leaves its CPU."""
        self.awaits[task.index] = value
        self.duties.append(Duty(Kind.BLOCKED, task.index, cpu))

    # Variables.

    def reads(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task reads a variable."""
        del kind
        step = self.performs(task, cpu, Read)
        name = self.shared(value, "variable")
        self.names(step.variable if isinstance(step, Read) else None, name)
        known = self.variables.setdefault(value, self.header.variables.get(name, 0))
        self.value_follows(task, cpu, value, known)
        self.registers[task.index, value] = known

    def writes(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A task writes a variable."""
        del kind
        step = self.performs(task, cpu, Write)
        name = self.shared(value, "variable")
        known = None
        if isinstance(step, Write):
            self.names(step.variable, name)
            register = self.registers.get((task.index, value))
            if isinstance(step.value, int):
                known = step.value
            elif step.value is None and register is not None:
                known = register + step.change
        self.variables[value] = known
        self.value_follows(task, cpu, value, known)

    def value_follows(self, task: Progress, cpu: int, variable: int, known: int | None) -> None:
        """Let the next row say the value; of what generators do nobody knows whether one must."""
        self.said = (self.number + 1, task.index, cpu, variable)
        if self.transparent and (known is None or -LARGEST <= known <= LARGEST):
            self.duties.append(Duty(Kind.VALUE, task.index, cpu, known))

    def valued(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """What was read or written in the row before."""
        del kind
        if self.said is None or self.said[:3] != (self.number, task.index, cpu):
            self.fail("a value is that of what was read or written in the row before")
        variable = self.said[3]
        known = self.variables.get(variable)
        if known is not None and known != value:
            self.fail(f"the variable is {known}")
        self.variables[variable] = value
        if self.columns[1][self.number - 1] == Kind.READS:
            self.registers[task.index, variable] = value

    # Waiting and waking.

    def wait(self, task: Progress) -> None:
        """A task is blocked: it waits for another one, or begins an I/O."""
        super().wait(task)
        if not self.cooperates or self.waits_now(task):
            return
        if task.program is None:
            return
        step = self.raw(task)
        if not isinstance(step, Io):
            self.says_otherwise(task)
        self.begin(task)
        self.ios[task.index] = step
        if step.device:
            line = self.servers.setdefault(step.device, deque())
            line.append(task)
            if len(line) > 1:
                return
        task.serviced = self.time

    def served(self, task: Progress, kind: Kind, cpu: int, value: Ns) -> None:
        """A wait ended."""
        if self.cooperates and task.state is State.BLOCKED:
            if self.waits_now(task):
                if task.index not in self.granted:
                    self.fail("it has not got what it waits for")
                if value:
                    self.fail(f"value {value} must be 0: this was no I/O")
                self.granted.discard(task.index)
                del self.awaits[task.index]
            else:
                self.in_order_of_waits(task)
                if task.program is not None:
                    self.io_ends(task, value)
        super().served(task, kind, cpu, value)
        if self.cooperates:
            self.enters(task, on=kind is Kind.WOKE)

    def in_order_of_waits(self, task: Progress) -> None:
        """See that I/O which ends at one instant does so in the order in which the waits began."""
        if self.punctual and (self.time, task.wait) < self.woken:
            self.fail("out of order: I/O ends in the order in which the waits began")
        self.woken = (self.time, task.wait)

    def io_ends(self, task: Progress, value: Ns) -> None:
        """See that an I/O has been served for as long as the program says."""
        operation = self.ios[task.index]
        # Who else uses the device is not known where a program is not.
        if self.punctual and (self.transparent or not operation.device):
            if value != operation.ns:
                self.fail(f"the service takes {operation.ns} ns")
            if operation.device and self.servers[operation.device][0] is not task:
                self.fail("the device serves another one")
            if self.time != task.serviced + value:
                self.fail(f"its service ends at {task.serviced + value} ns")
        self.leaves_device(task)

    def leaves_device(self, task: Progress) -> None:
        """Let the device of an I/O that is over serve the next one."""
        operation = self.ios.pop(task.index, None)
        if operation is not None and operation.device:
            line = self.servers[operation.device]
            first = line[0] is task
            line.remove(task)
            if first and line:
                line[0].serviced = self.time

    def enters(self, task: Progress, *, on: bool) -> None:
        """See that a task which enters needs the CPU, or does not, as its program says."""
        task.heard = self.in_step_3 = self.time
        if task.program is None:
            return
        step = self.raw(task)
        if on == (step is None or isinstance(step, Io)):
            self.says_otherwise(task)
        self.comes_to_compute(task)

    def gone(self, task: Progress) -> None:
        """Take a task that has ended out of whatever it waits for; what it holds stays held."""
        waits = self.awaits.pop(task.index, None)
        if waits is not None and task.index not in self.granted and waits in self.lines:
            self.lines[waits].remove(task)
        self.granted.discard(task.index)
        self.leaves_device(task)

    def overdue(self, before: Ns) -> Iterator[Progress]:
        """Yield those whose I/O was to end ``before`` some time, as far as their programs are known."""
        for index, operation in self.ios.items():
            task = self.tasks[index]
            served = not operation.device or (self.transparent and self.servers[operation.device][0] is task)
            if served and task.serviced + operation.ns < before:
                yield task

    def close_together(self, before: Ns) -> None:
        """See that all who got what they waited for have gone on, and that all I/O has ended in time."""
        for index in self.granted:
            self.fail("has got what it waited for, and does not wake", self.tasks[index])
        super().close_together(before)
        if self.punctual:
            for task in self.overdue(before):
                self.fail("was to end its I/O", task)
